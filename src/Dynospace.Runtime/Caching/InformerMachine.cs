using System.Globalization;
using System.Net;
using System.Text.Json;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Logging;

namespace Dynospace.Runtime.Caching;

/// <summary>Pure: the informer's state machine. Only cancellation ends it.</summary>
internal static class InformerMachine
{
    /// <summary>Decides what follows an outcome.</summary>
    /// <param name="wasShort">
    /// Whether the watch ended so soon that doing the same at once would be a tight loop.
    /// </param>
    public static InformerStep Next(InformerPhase phase, InformerOutcome outcome, bool wasShort) =>
        (phase, outcome) switch
        {
            (InformerPhase.Listing, InformerOutcome.Listed) => new(InformerPhase.Watching, Pauses: false),
            (InformerPhase.Listing, _) => new(InformerPhase.Listing, Pauses: true),
            (InformerPhase.Watching, InformerOutcome.Closed) => new(InformerPhase.Watching, Pauses: wasShort),
            (InformerPhase.Watching, InformerOutcome.Silent) => new(InformerPhase.Watching, Pauses: false),
            (InformerPhase.Watching, InformerOutcome.Gone) => new(InformerPhase.Listing, Pauses: wasShort),
            (InformerPhase.Watching,
                InformerOutcome.Undecodable or InformerOutcome.Rejected or InformerOutcome.Unserved) =>
                new(InformerPhase.Listing, Pauses: true),
            (InformerPhase.Watching, InformerOutcome.Failed) => new(InformerPhase.Watching, Pauses: true),
            _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, $"No such end of {phase}."),
        };
}

/// <summary>What an informer does.</summary>
internal enum InformerPhase
{
    /// <summary>Reads the whole collection; until then the store may be outdated and miss deletions.</summary>
    Listing,

    /// <summary>Follows changes after a resource version.</summary>
    Watching,
}

/// <summary>How a list or a watch ended.</summary>
internal enum InformerOutcome
{
    /// <summary>The list is complete.</summary>
    Listed,

    /// <summary>The kind is optional, and missing or not readable.</summary>
    Unserved,

    /// <summary>The server closed the watch, or its connection ended: nothing is lost.</summary>
    Closed,

    /// <summary>Nothing was received for too long: the connection may be half-open.</summary>
    Silent,

    /// <summary>The resource version or the continue token is too old.</summary>
    Gone,

    /// <summary>An event could not be decoded, so its content is lost.</summary>
    Undecodable,

    /// <summary>The server refuses the watch as it is; its resource version may no longer be valid.</summary>
    Rejected,

    /// <summary>The server could not be reached, refused the credentials, or failed.</summary>
    Failed,
}

/// <summary>What comes next.</summary>
/// <param name="Next">The phase.</param>
/// <param name="Pauses">Whether there is a back-off before it.</param>
internal readonly record struct InformerStep(InformerPhase Next, bool Pauses);

/// <summary>How a list or a watch ended, and why.</summary>
internal readonly record struct InformerResult(InformerOutcome Outcome, Exception? Cause = null)
{
    public TimeSpan? RetryAfter => (Cause as ApiException)?.Status.RetryAfter;

    /// <summary>Whether the server answered, and failed.</summary>
    public bool IsServerError =>
        Outcome == InformerOutcome.Failed && Cause is ApiException { Code: >= HttpStatusCode.InternalServerError };

    public static InformerResult FromFailure(Exception cause) => new(
        cause switch
        {
            ApiException { IsGone: true } => InformerOutcome.Gone,
            ApiException e when IsRejection(e.Code) => InformerOutcome.Rejected,
            UndecodableEventException => InformerOutcome.Undecodable,
            _ => InformerOutcome.Failed,
        },
        cause);

    /// <summary>
    /// Refused credentials and overload do not make the resource version invalid; other 4xx may mean that the request
    /// itself is wrong.
    /// </summary>
    private static bool IsRejection(HttpStatusCode code) =>
        (int)code is >= 400 and < 500
        && code is not (HttpStatusCode.Unauthorized
            or HttpStatusCode.Forbidden
            or HttpStatusCode.RequestTimeout
            or HttpStatusCode.TooManyRequests);
}

/// <summary>Reads a whole collection, page by page, and swaps the store when it is complete.</summary>
internal sealed class InformerLister<T>(
    IApiTransport transport, ResourceKind kind, InformerOptions<T> options, ObjectDecoder<T> decoder,
    ObjectStore<T> store, ILogger logger)
    where T : class
{
    private bool _continueExpired;

    public async Task<(string ResourceVersion, IReadOnlyList<ObjectChange<T>> Changes)> ListAsync(
        CancellationToken cancellationToken)
    {
        var objects = new Dictionary<ObjectKey, StoredObject<T>>();
        string? next = null;
        string version;
        do
        {
            using var page = await ReadPageAsync(next, cancellationToken);
            foreach (var item in page.Items)
            {
                Keep(objects, item);
            }

            version = page.ResourceVersion;
            next = page.Continue;
        }
        while (next is not null);

        if (version.Length == 0)
        {
            throw new UndecodableEventException($"The list of {kind.Plural} has no metadata.resourceVersion.");
        }

        _continueExpired = false;
        return (version, store.Replace(objects));
    }

    private async Task<ListPage> ReadPageAsync(string? next, CancellationToken cancellationToken)
    {
        try
        {
            return await transport.ListAsync(
                kind,
                new ListQuery
                {
                    Namespace = options.Namespace,
                    LabelSelector = options.LabelSelector,
                    FieldSelector = options.FieldSelector,
                    Limit = _continueExpired ? null : options.Timing.PageSize,
                    Continue = next,
                },
                cancellationToken);
        }
        catch (ApiException e) when (e.IsGone && next is not null)
        {
            // The pages took longer than the server keeps their snapshot, and would again: the next attempt asks for
            // everything at once.
            _continueExpired = true;
            throw;
        }
    }

    /// <summary>
    /// An object that cannot be decoded keeps its last known value: it must neither look deleted nor hide all others.
    /// </summary>
    private void Keep(Dictionary<ObjectKey, StoredObject<T>> objects, JsonElement item)
    {
        try
        {
            var (key, stored) = decoder.Decode(item);
            objects[key] = stored;
        }
        catch (UndecodableEventException e)
        {
            RuntimeMetrics.UndecodableCounter.Add(1, RuntimeMetrics.Tag("kind", kind.Kind));
            logger.LogError(e, "{Reason} It is left as it was known", e.Message);
            if (ObjectDecoder<T>.TryReadKey(item) is { } key && store.TryGetStored(key) is { } known)
            {
                objects[key] = known;
            }
        }
    }
}

/// <summary>Follows a collection from the last version seen, and keeps that version across interruptions.</summary>
internal sealed class InformerWatcher<T>(
    IApiTransport transport,
    ResourceKind kind,
    InformerOptions<T> options,
    ObjectDecoder<T> decoder,
    ObjectStore<T> store,
    TimeProvider clock,
    ILogger logger)
    where T : class
{
    private string _resourceVersion = "";

    public void ResumeFrom(string resourceVersion) => _resourceVersion = resourceVersion;

    public async Task<InformerOutcome> WatchAsync(Action<ObjectChange<T>> report, CancellationToken cancellationToken)
    {
        var timing = options.Timing;

        // TCP alone notices a vanished peer after many minutes or never, so silence ends the watch.
        using var watchdog = new CancellationTokenSource(timing.SilenceLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, watchdog.Token);
        var query = new WatchQuery
        {
            Namespace = options.Namespace,
            LabelSelector = options.LabelSelector,
            FieldSelector = options.FieldSelector,
            ResourceVersion = _resourceVersion,
            Timeout = timing.WatchTimeout * (1 - (Random.Shared.NextDouble() / 10)),
        };
        try
        {
            await foreach (var watchEvent in transport.WatchAsync(
                kind, query, either.Token).WithCancellation(either.Token))
            {
                watchdog.CancelAfter(timing.SilenceLimit);
                if (Take(watchEvent) is { } change)
                {
                    report(change);
                }
            }

            return InformerOutcome.Closed;
        }
        catch (OperationCanceledException) when (watchdog.IsCancellationRequested
            && !cancellationToken.IsCancellationRequested)
        {
            return InformerOutcome.Silent;
        }
    }

    private ObjectChange<T>? Take(WatchEvent watchEvent)
    {
        ObjectChange<T>? change = null;
        var next = Next(watchEvent);
        switch (watchEvent.Type)
        {
            case WatchEventType.Added or WatchEventType.Modified:
                change = Decoded(watchEvent.Object);
                break;
            case WatchEventType.Deleted:
                // The name is enough: an object that could never be decoded can still be deleted.
                change = store.Remove(ObjectDecoder<T>.TryReadKey(watchEvent.Object)
                    ?? throw new UndecodableEventException($"A deleted {kind.Kind} has no metadata.name."));
                break;
            default:
                break;
        }

        // Only now: an event that failed above must be received again.
        _resourceVersion = next;
        return change;
    }

    /// <summary>
    /// An object whose name can be read and whose content cannot keeps its last known value: it must neither look
    /// deleted nor stop the watch for all others. A new list would contain the same object.
    /// </summary>
    private ObjectChange<T>? Decoded(JsonElement element)
    {
        try
        {
            var (key, stored) = decoder.Decode(element);
            return store.Set(key, stored.Value, stored.Version);
        }
        catch (UndecodableEventException e) when (ObjectDecoder<T>.TryReadKey(element) is not null)
        {
            RuntimeMetrics.UndecodableCounter.Add(1, RuntimeMetrics.Tag("kind", kind.Kind));
            logger.LogError(e, "{Reason} It is left as it was known", e.Message);
            return null;
        }
    }

    /// <summary>
    /// The version after the event. Versions grow within one history. A server that was restored from a backup counts
    /// from a lower one, and would send no events until it has caught up.
    /// </summary>
    private string Next(WatchEvent watchEvent)
    {
        var next = ObjectDecoder<T>.VersionOf(watchEvent.Object);
        var goesBack = ulong.TryParse(next, NumberStyles.None, CultureInfo.InvariantCulture, out var after)
            && ulong.TryParse(_resourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var before)
            && after < before;
        return goesBack
            ? throw new ApiException(new ApiStatus(
                HttpStatusCode.Gone, "Expired", $"The server went back from version {_resourceVersion} to {next}."))
            : next;
    }
}
