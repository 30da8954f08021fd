using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Http;

/// <summary>Get and list.</summary>
internal sealed class ObjectReader(ResourceRegistry registry, ListSnapshots snapshots, TimeProvider clock)
{
    public Task GetAsync(ResourceRequest request)
    {
        var presenter = ObjectPresenter.For(request, clock);
        if (long.TryParse(
            request.Query["resourceVersion"].ToString(),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var wanted)
            && wanted > registry.ResourceVersion)
        {
            throw ApiErrors.TooLarge(wanted, registry.ResourceVersion);
        }

        var stored = registry.Get(request.Definition.StorageId, request.Namespace, request.Name)
            ?? throw ApiErrors.NotFound(request.Definition.Id, request.Name);
        return request.Http.WriteBytesAsync(200, presenter.One(stored));
    }

    public Task ListAsync(ResourceRequest request)
    {
        var presenter = ObjectPresenter.For(request, clock);
        var options = ListOptions.Parse(request.Query, isWatch: false);
        var filter = ObjectFilter.From(request);
        var page = Read(request, options, filter);
        return request.Http.WriteBytesAsync(200, Render(request, presenter, page));
    }

    private ListPage Read(ResourceRequest request, ListOptions options, ObjectFilter filter)
    {
        string? id = null;
        var offset = 0;
        List<StoredObject> objects;
        long revision;
        if (options.Continue.Length > 0)
        {
            (id, objects, revision, offset) = snapshots.Resume(options.Continue);
        }
        else
        {
            (objects, revision) = Snapshot(request, options, filter);
        }

        var take = options.Limit > 0 ? (int)Math.Min(options.Limit, objects.Count - offset) : objects.Count - offset;
        var remaining = objects.Count - offset - take;
        var next = remaining == 0 ? null
            : id is null ? snapshots.Keep(objects, revision, offset + take)
            : ListSnapshots.Token(id, revision, offset + take);
        return new ListPage(objects.GetRange(offset, take), revision, next, remaining, filter.IsOpen);
    }

    private (List<StoredObject> Objects, long Revision) Snapshot(
        ResourceRequest request, ListOptions options, ObjectFilter filter)
    {
        var (objects, revision) = registry.Store.List(request.Definition.StorageId, filter.Namespace);
        if (options.ResourceVersion > revision)
        {
            throw ApiErrors.TooLarge(options.ResourceVersion.Value, revision);
        }

        return (filter.IsOpen ? objects : objects.FindAll(filter.Matches), revision);
    }

    private static byte[] Render(ResourceRequest request, ObjectPresenter presenter, ListPage page)
    {
        var metadata = new JsonObject { ["resourceVersion"] = page.Revision.ToString(CultureInfo.InvariantCulture) };
        if (page.Continue is not null)
        {
            metadata["continue"] = page.Continue;
            if (page.CountsRemaining)
            {
                // The real API omits the count if it must filter.
                metadata["remainingItemCount"] = page.Remaining;
            }
        }

        if (presenter.Form == Representation.Table)
        {
            var table = presenter.Table(page.Objects, "");
            table["metadata"] = metadata;
            return JsonSerializer.SerializeToUtf8Bytes(table, RelaxedJson.Options);
        }

        var (kind, apiVersion) = presenter.Form == Representation.PartialMetadata
            ? ("PartialObjectMetadataList", "meta.k8s.io/v1")
            : (request.Definition.ListKind, request.Definition.ApiVersion);
        return Join(
            $"{{\"kind\":\"{kind}\",\"apiVersion\":\"{apiVersion}\",\"metadata\":{metadata.ToJsonString()},\"items\":[",
            page.Objects,
            request,
            presenter);
    }

    private static byte[] Join(
        string head, List<StoredObject> objects, ResourceRequest request, ObjectPresenter presenter)
    {
        var isTyped = presenter.Form == Representation.Object && !request.Definition.IsCustom;
        var buffer = new ArrayBufferWriter<byte>(1024 + (objects.Count * 1024));
        buffer.Write(Encoding.UTF8.GetBytes(head));
        for (var i = 0; i < objects.Count; i++)
        {
            if (i > 0)
            {
                buffer.Write(","u8);
            }

            buffer.Write(
                isTyped ? WithoutKind(request.Definition, objects[i], presenter) : presenter.One(objects[i]).Span);
        }

        buffer.Write("]}"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Items of a typed list omit kind and version, which the list contains once.</summary>
    private static ReadOnlySpan<byte> WithoutKind(
        ResourceDefinition definition, StoredObject stored, ObjectPresenter presenter)
    {
        var utf8 = presenter.One(stored).Span;
        var (version, kind) = ($"\"apiVersion\":\"{definition.ApiVersion}\"", $"\"kind\":\"{definition.Kind}\"");
        foreach (var prefix in (ReadOnlySpan<string>)[$"{{{version},{kind},", $"{{{kind},{version},"])
        {
            if (utf8.StartsWith(Encoding.UTF8.GetBytes(prefix)))
            {
                return (byte[])[(byte)'{', .. utf8[prefix.Length..]];
            }
        }

        var content = JsonNode.Parse(utf8)!.AsObject();
        content.Remove("apiVersion");
        content.Remove("kind");
        return JsonSerializer.SerializeToUtf8Bytes(content, RelaxedJson.Options);
    }
}
