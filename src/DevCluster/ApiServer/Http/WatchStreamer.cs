using System.Globalization;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// Watch: initial state, then changes, with bookmarks each minute so that idle clients keep a fresh revision.
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
            // The stream has begun, so the refusal is an event; informers relist on 410.
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
                // Read first: everything up to this revision is in the channel by now, so the bookmark cannot overtake
                // a change.
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
            // The client left, its time is up, or the server stops: a watch ends by ending.
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
