using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Http;

/// <summary>Deletes one object or a collection.</summary>
internal sealed class ObjectDeleter(ResourceRegistry registry, ResourceCatalog catalog, TimeProvider clock)
{
    public async Task DeleteAsync(ResourceRequest request)
    {
        var presenter = ObjectPresenter.For(request, clock);
        var options = await DeleteRequestOptions.ReadAsync(request);
        var found = registry.Get(request.Definition.StorageId, request.Namespace, request.Name)
            ?? throw ApiErrors.NotFound(request.Definition.Id, request.Name);
        var result = registry.Delete(Stored(request), found, options);
        if (result.Gone && !request.Definition.DeleteReturnsObject)
        {
            await request.Http.WriteJsonAsync(200, StatusWriter.Success(request.Definition.Id, found.Name, found.Uid));
        }
        else
        {
            await request.Http.WriteBytesAsync(200, presenter.One(result.Object));
        }
    }

    public async Task DeleteCollectionAsync(ResourceRequest request)
    {
        if (!request.Definition.HasDeleteCollection)
        {
            throw ApiErrors.MethodNotAllowed();
        }

        var options = (await DeleteRequestOptions.ReadAsync(request)) with { IsOfCollection = true };
        var filter = ObjectFilter.From(request);
        var versioned = new VersionedObjects(request.Definition);
        var deleted = new JsonArray();
        foreach (var stored in registry.List(request.Definition.StorageId, filter.Namespace).Where(filter.Matches))
        {
            registry.Delete(request.Definition.StorageId, stored.Namespace, stored.Name, options);
            deleted.Add(versioned.Content(stored).DeepClone());
        }

        await request.Http.WriteJsonAsync(200, new JsonObject
        {
            ["kind"] = request.Definition.ListKind,
            ["apiVersion"] = request.Definition.ApiVersion,
            ["metadata"] = new JsonObject
            {
                ["resourceVersion"] = registry.ResourceVersion.ToString(CultureInfo.InvariantCulture),
            },
            ["items"] = deleted,
        });
    }

    private ResourceDefinition Stored(ResourceRequest request) => catalog.Current.Storage(request.Definition.StorageId);
}

/// <summary>DeleteOptions, from the body and from the query; the body takes precedence.</summary>
internal static class DeleteRequestOptions
{
    public static async Task<DeletionOptions> ReadAsync(ResourceRequest request)
    {
        var bytes = await RequestBody.ReadAsync(request.Http, request.Aborted);
        var body = bytes.Length == 0
            ? null
            : RequestBody.Parse(RequestBody.MediaType(request.Http), bytes, "DeleteOptions").Content;
        return Parse(request, body ?? []);
    }

    public static DeletionOptions Parse(ResourceRequest request, JsonObject body)
    {
        var preconditions = body["preconditions"] as JsonObject;
        return new DeletionOptions(
            body.Number("gracePeriodSeconds") ?? Number(request.Query["gracePeriodSeconds"].ToString()),
            Propagation(request, body),
            preconditions?.NonEmpty("uid"),
            preconditions?.NonEmpty("resourceVersion"),
            request.IsDryRun || body["dryRun"] is JsonArray { Count: > 0 })
        {
            Author = request.User,
            Requested = request.Definition,
            OnWarning = request.Http.Warn,
        };
    }

    private static DeletionPropagation? Propagation(ResourceRequest request, JsonObject body)
    {
        var policy = body.NonEmpty("propagationPolicy") ?? request.Query["propagationPolicy"].ToString();
        var orphan = (string?)body["orphanDependents"]?.ToString() ?? request.Query["orphanDependents"].ToString();
        return (policy, orphan) switch
        {
            ("", "true") => DeletionPropagation.Orphan,
            ("", _) => null,
            ("Background", _) => DeletionPropagation.Background,
            ("Foreground", _) => DeletionPropagation.Foreground,
            ("Orphan", _) => DeletionPropagation.Orphan,
            _ => throw ApiErrors.Invalid(
                "meta.k8s.io",
                "DeleteOptions",
                "",
                FieldErrors.NotSupported(
                    FieldPath.At("propagationPolicy"), policy, ["Foreground", "Background", "Orphan", "nil"])),
        };
    }

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
