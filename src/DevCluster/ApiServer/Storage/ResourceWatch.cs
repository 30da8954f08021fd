using System.Threading.Channels;

namespace DevCluster.ApiServer.Storage;

/// <summary>One watcher's registration with a collection; dispose it to end it.</summary>
internal sealed class ResourceWatch : IDisposable
{
    private readonly Channel<ObjectChange?> _changes =
        Channel.CreateUnbounded<ObjectChange?>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>
    /// Everything after the revision that the watch began at, in order; null where <see cref="Nudge"/> was called.
    /// </summary>
    public ChannelReader<ObjectChange?> Changes => _changes.Reader;

    /// <summary>Set by the store, which must take the registration out under its lock.</summary>
    public Action<ResourceWatch>? OnDispose { get; init; }

    public void Publish(ObjectChange change) => _changes.Writer.TryWrite(change);

    /// <summary>Wakes the reader without a change, in order with the changes.</summary>
    public void Nudge() => _changes.Writer.TryWrite(null);

    /// <summary>Ends the watch because the resource is gone; the reader drains what is there first.</summary>
    public void Complete() => _changes.Writer.TryComplete();

    public void Dispose()
    {
        OnDispose?.Invoke(this);
        Complete();
    }
}
