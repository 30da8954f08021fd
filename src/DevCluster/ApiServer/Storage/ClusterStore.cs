// Storage: the objects of a cluster in memory, their versions, and the history for watches.

using System.Threading.Channels;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Storage;

/// <summary>
/// All objects in memory under one revision counter. A writer holds <see cref="WriteGate"/> while a write is decided.
/// The inner commit lock is held only while the write becomes visible, so reads never wait for admission.
/// </summary>
internal sealed class ClusterStore(int historyLimit = 2_000)
{
    private readonly Lock _commitLock = new();
    private readonly Dictionary<ResourceId, ResourceCollection> _collections = [];
    private readonly List<Channel<ObjectChange>> _subscribers = [];
    private long _revision = 1;

    /// <summary>
    /// Held by one writer at a time, from reading the old state to committing the new one; reentrant.
    /// </summary>
    public Lock WriteGate { get; } = new();

    /// <summary>The revision of the latest commit. A reader of it has already been sent all changes up to it.</summary>
    public long Revision => Volatile.Read(ref _revision);

    public StoredObject? Find(ResourceId resource, string? ns, string name)
    {
        lock (_commitLock)
        {
            return Collection(resource).Find(ns, name);
        }
    }

    /// <summary>The objects, and the revision at which this list was current.</summary>
    public (List<StoredObject> Objects, long Revision) List(ResourceId resource, string? ns)
    {
        lock (_commitLock)
        {
            return (Collection(resource).List(ns), _revision);
        }
    }

    public int Count(ResourceId resource)
    {
        lock (_commitLock)
        {
            return Collection(resource).Count;
        }
    }

    public long LastChange(ResourceId resource)
    {
        lock (_commitLock)
        {
            return Collection(resource).LastChange;
        }
    }

    /// <summary>All changes after a revision; null starts now.</summary>
    /// <exception cref="ApiStatusException">410: the history no longer contains the revision.</exception>
    public ResourceWatch Watch(ResourceId resource, long? after)
    {
        lock (_commitLock)
        {
            return Register(resource, after ?? _revision);
        }
    }

    /// <summary>All objects, and all changes after them, without a gap.</summary>
    public (List<StoredObject> Objects, long Revision, ResourceWatch Watch) ListAndWatch(
        ResourceId resource, string? ns)
    {
        lock (_commitLock)
        {
            return (Collection(resource).List(ns), _revision, Register(resource, _revision));
        }
    }

    /// <summary>
    /// Makes a change visible. The caller must hold <see cref="WriteGate"/> and have assigned the next revision.
    /// </summary>
    public void Commit(ObjectChange change)
    {
        lock (_commitLock)
        {
            Collection(change.Object.Resource).Record(change);
            foreach (var subscriber in _subscribers)
            {
                subscriber.Writer.TryWrite(change);
            }

            Volatile.Write(ref _revision, change.Object.ResourceVersion);
        }
    }

    public ChannelReader<ObjectChange> Subscribe(CancellationToken cancellationToken)
    {
        var channel = Channel.CreateUnbounded<ObjectChange>(new UnboundedChannelOptions { SingleReader = true });
        lock (_commitLock)
        {
            _subscribers.Add(channel);
        }

        cancellationToken.Register(() =>
        {
            lock (_commitLock)
            {
                _subscribers.Remove(channel);
            }

            channel.Writer.TryComplete();
        });
        return channel.Reader;
    }

    /// <summary>Drops the history of a resource, so that older watches receive 410.</summary>
    public void Compact(ResourceId resource)
    {
        lock (_commitLock)
        {
            Collection(resource).Compact(_revision);
        }
    }

    /// <summary>Ends the watches of a resource that is no longer served.</summary>
    public void EndWatches(ResourceId resource)
    {
        lock (_commitLock)
        {
            Collection(resource).EndWatches();
        }
    }

    private ResourceWatch Register(ResourceId resource, long after)
    {
        var collection = Collection(resource);
        var watch = new ResourceWatch
        {
            OnDispose = ended =>
            {
                lock (_commitLock)
                {
                    collection.Unregister(ended);
                }
            },
        };
        collection.Register(watch, after);
        return watch;
    }

    private ResourceCollection Collection(ResourceId resource)
    {
        if (!_collections.TryGetValue(resource, out var collection))
        {
            _collections[resource] = collection = new ResourceCollection(historyLimit, createdAt: 0);
        }

        return collection;
    }
}

/// <summary>
/// One entry of the store's history. <paramref name="Previous"/> is null for <see cref="ChangeType.Added"/>.
/// </summary>
public sealed record ObjectChange(ChangeType Type, StoredObject Object, StoredObject? Previous);

public enum ChangeType
{
    Added,
    Modified,
    Deleted,
}
