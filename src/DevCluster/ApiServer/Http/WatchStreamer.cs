using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// Serves a watch: initial state, then changes, and a bookmark every minute so that idle clients keep a recent
/// revision.
/// </summary>
internal sealed class WatchStreamer(ResourceRegistry registry, TimeProvider clock, CancellationToken serverStopping)
{
    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(45);

    public async Task WatchAsync(ResourceRequest request)
    {
        var presenter = ObjectPresenter.For(request, clock);
        var options = ListOptions.Parse(request.Query, isWatch: true);
        var filter = ObjectFilter.From(request);
        var response = request.Http.Response;
        response.ContentType = JsonResponses.MediaType;
        response.Headers.CacheControl = "no-cache, private";
        await response.StartAsync(request.Aborted);
        var events = new WatchEventWriter(response.BodyWriter, request.Definition, presenter, filter);
        try
        {
            using var watch = Begin(request, options, filter, events);
            await response.BodyWriter.FlushAsync(request.Aborted);
            await StreamAsync(request, watch, events);
        }
        catch (ApiStatusException failure)
        {
            // The stream has already started, so the error is sent as an event; informers relist on 410.
            events.WriteError(failure);
            await response.BodyWriter.FlushAsync(request.Aborted);
        }
    }

    private ResourceWatch Begin(
        ResourceRequest request, ListOptions options, ObjectFilter filter, WatchEventWriter events)
    {
        var resource = request.Definition.StorageId;
        var isUnset = options.ResourceVersion is null or 0;
        if (!options.SendInitialEvents && (!isUnset || request.Query.ContainsKey("sendInitialEvents")))
        {
            return registry.Store.Watch(resource, isUnset ? null : options.ResourceVersion);
        }

        var (objects, revision, watch) = registry.Store.ListAndWatch(resource, filter.Namespace);
        if (options.ResourceVersion > revision)
        {
            watch.Dispose();
            throw ApiErrors.TooLarge(options.ResourceVersion.Value, revision);
        }

        foreach (var stored in objects.Where(filter.Matches))
        {
            events.WriteState(stored);
        }

        if (options.SendInitialEvents && WantsBookmarks(request))
        {
            events.WriteBookmark(revision, endsInitialEvents: true);
        }

        return watch;
    }

    private async Task StreamAsync(ResourceRequest request, ResourceWatch watch, WatchEventWriter events)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, serverStopping);
        await using var timeout = clock.CreateTimer(
            _ => ending.Cancel(), null, TimeLimit(request), Timeout.InfiniteTimeSpan);
        var pulse = WantsBookmarks(request) ? BookmarkInterval : Timeout.InfiniteTimeSpan;
        await using var bookmarks = clock.CreateTimer(_ => watch.Nudge(), null, pulse, pulse);
        try
        {
            while (await watch.Changes.WaitToReadAsync(ending.Token))
            {
                // Read the revision first: all changes up to it are already in the channel, so the bookmark cannot
                // overtake a change.
                var revision = registry.Store.Revision;
                while (watch.Changes.TryRead(out var change))
                {
                    if (change is null)
                    {
                        events.WriteBookmark(revision, endsInitialEvents: false);
                    }
                    else
                    {
                        revision = Math.Max(revision, change.Object.ResourceVersion);
                        events.Write(change);
                    }
                }

                await request.Http.Response.BodyWriter.FlushAsync(ending.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The client disconnected, the timeout expired, or the server shuts down: the stream simply ends.
        }
    }

    private static bool WantsBookmarks(ResourceRequest request) =>
        request.Query["allowWatchBookmarks"].ToString() is "true" or "1";

    private static TimeSpan TimeLimit(ResourceRequest request) =>
        long.TryParse(
            request.Query["timeoutSeconds"].ToString(),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var seconds) && seconds > 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue / 1000))
            : DefaultTimeout;
}

/// <summary>
/// Writes watch events, one a line. An object that starts or stops matching the selectors is sent as added or deleted.
/// </summary>
internal sealed class WatchEventWriter(
    PipeWriter output, ResourceDefinition definition, ObjectPresenter presenter, ObjectFilter filter)
{
    // Column definitions are sent only with the first row of a table watch.
    private bool _columnsSent;

    public void WriteState(StoredObject stored) => WriteObject("ADDED"u8, stored);

    public void Write(ObjectChange change)
    {
        var isVisible = change.Type != ChangeType.Deleted && filter.Matches(change.Object);
        var wasVisible = change.Previous is not null && filter.Matches(change.Previous);
        if (isVisible)
        {
            WriteObject(wasVisible ? "MODIFIED"u8 : "ADDED"u8, change.Object);
        }
        else if (wasVisible)
        {
            WriteObject("DELETED"u8, change.Type == ChangeType.Deleted ? change.Object : LastVisible(change));
        }
    }

    public void WriteBookmark(long revision, bool endsInitialEvents)
    {
        var metadata = new JsonObject
        {
            ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture),
            ["creationTimestamp"] = null,
        };
        if (endsInitialEvents)
        {
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        }

        var (kind, apiVersion) = presenter.Form switch
        {
            Representation.PartialMetadata => ("PartialObjectMetadata", "meta.k8s.io/v1"),
            Representation.Table => ("Table", "meta.k8s.io/v1"),
            _ => (definition.Kind, definition.ApiVersion),
        };
        var bookmark = new JsonObject { ["kind"] = kind, ["apiVersion"] = apiVersion, ["metadata"] = metadata };
        if (presenter.Form == Representation.Table)
        {
            bookmark["columnDefinitions"] = null;
            bookmark["rows"] = new JsonArray();
        }

        WriteEvent("BOOKMARK"u8, Encoding.UTF8.GetBytes(bookmark.ToJsonString()));
    }

    public void WriteError(ApiStatusException failure) =>
        WriteEvent("ERROR"u8, JsonSerializer.SerializeToUtf8Bytes(StatusWriter.Failure(failure), RelaxedJson.Options));

    private void WriteObject(ReadOnlySpan<byte> type, StoredObject stored)
    {
        WriteEvent(type, presenter.One(stored, withColumns: !_columnsSent).Span);
        _columnsSent = true;
    }

    // An object that stops matching is sent in its last matching state, at the revision of the change.
    private static StoredObject LastVisible(ObjectChange change)
    {
        var content = change.Previous!.CloneContent();
        content.Metadata()["resourceVersion"] = change.Object.ResourceVersion.ToString(CultureInfo.InvariantCulture);
        return new StoredObject(change.Object.Resource, change.Object.ResourceVersion, content);
    }

    private void WriteEvent(ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        output.Write("{\"type\":\""u8);
        output.Write(type);
        output.Write("\",\"object\":"u8);
        output.Write(content);
        output.Write("}\n"u8);
    }
}
