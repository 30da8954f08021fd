using System.Globalization;
using System.Net;
using Dynospace.Runtime.Transport;

namespace Dynospace.Runtime.Caching;

/// <summary>Follows a collection from the last version seen, and keeps that version over interruptions.</summary>
internal sealed class InformerWatcher<T>(
    IApiTransport transport, ResourceKind kind, InformerOptions<T> options, ObjectDecoder<T> decoder, ObjectStore<T> store, TimeProvider clock)
    where T : class
{
    private string _resourceVersion = "";

    public void ResumeFrom(string resourceVersion) => _resourceVersion = resourceVersion;

    public async Task<InformerOutcome> WatchAsync(Action<ObjectChange<T>> tell, CancellationToken cancellationToken)
    {
        var timing = options.Timing;

        // TCP alone notices a peer that vanished after many minutes or never, so that silence itself ends the watch.
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
            await foreach (var watchEvent in transport.WatchAsync(kind, query, either.Token).WithCancellation(either.Token))
            {
                watchdog.CancelAfter(timing.SilenceLimit);
                if (Take(watchEvent) is { } change)
                {
                    tell(change);
                }
            }

            return InformerOutcome.Closed;
        }
        catch (OperationCanceledException) when (watchdog.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
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
                var (key, stored) = decoder.Decode(watchEvent.Object);
                change = store.Set(key, stored.Value, stored.Version);
                break;
            case WatchEventType.Deleted:
                // The name is enough, and an object that could never be decoded can still be deleted.
                change = store.Remove(ObjectDecoder<T>.TryReadKey(watchEvent.Object)
                    ?? throw new UndecodableEventException($"A deleted {kind.Kind} has no metadata.name."));
                break;
            default:
                break;
        }

        // Only now: an event that fails above must be seen again.
        _resourceVersion = next;
        return change;
    }

    /// <summary>
    /// The version that the event leads to. It grows within one history; a server that was restored from a backup or started anew counts from
    /// a lower one, and would keep silent about all that happens until it has caught up.
    /// </summary>
    private string Next(WatchEvent watchEvent)
    {
        var next = ObjectDecoder<T>.VersionOf(watchEvent.Object);
        var goesBack = ulong.TryParse(next, NumberStyles.None, CultureInfo.InvariantCulture, out var after)
            && ulong.TryParse(_resourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var before)
            && after < before;
        return goesBack
            ? throw new ApiException(new ApiStatus(HttpStatusCode.Gone, "Expired", $"The server went back from version {_resourceVersion} to {next}."))
            : next;
    }
}
