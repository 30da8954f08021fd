using System.Threading.Channels;
using DevCluster.Schema.Errors;

namespace DevCluster.ApiServer.Storage;

/// <summary>
/// The objects of one resource, ordered by namespace and name, with the newest changes for watchers that come back.
/// Every member expects the store's commit lock to be held.
/// </summary>
internal sealed class ResourceCollection(int historyLimit, long createdAt)
{
    private readonly SortedDictionary<string, SortedList<string, StoredObject>> _namespaces = new(
        StringComparer.Ordinal);
    private readonly Queue<ObjectChange> _history = new();
    private readonly List<ResourceWatch> _watches = [];

    /// <summary>The newest revision that the history has forgotten; watches can start there or later.</summary>
    public long CompactedRevision { get; private set; } = createdAt;

    /// <summary>
    /// The revision of the last change, for readers that cache what they derive from this collection.
    /// </summary>
    public long LastChange { get; private set; } = createdAt;

    public int Count { get; private set; }

    public StoredObject? Find(string? ns, string name) =>
        _namespaces.TryGetValue(ns ?? "", out var objects) && objects.TryGetValue(name, out var found) ? found : null;

    public List<StoredObject> List(string? ns)
    {
        if (ns is not null)
        {
            return _namespaces.TryGetValue(ns, out var objects) ? [.. objects.Values] : [];
        }

        var all = new List<StoredObject>(Count);
        foreach (var objects in _namespaces.Values)
        {
            all.AddRange(objects.Values);
        }

        return all;
    }

    public void Record(ObjectChange change)
    {
        if (change.Type == ChangeType.Deleted)
        {
            Remove(change.Object);
        }
        else
        {
            Put(change.Object);
        }

        LastChange = change.Object.ResourceVersion;
        _history.Enqueue(change);
        if (_history.Count > historyLimit)
        {
            CompactedRevision = _history.Dequeue().Object.ResourceVersion;
        }

        foreach (var watch in _watches)
        {
            watch.Publish(change);
        }
    }

    /// <exception cref="ApiStatusException">410: the history does not reach back to
    /// <paramref name="after"/>.</exception>
    public void Register(ResourceWatch watch, long after)
    {
        if (after < CompactedRevision)
        {
            throw ApiErrors.TooOld(after, CompactedRevision);
        }

        foreach (var change in _history)
        {
            if (change.Object.ResourceVersion > after)
            {
                watch.Publish(change);
            }
        }

        _watches.Add(watch);
    }

    public void Unregister(ResourceWatch watch) => _watches.Remove(watch);

    /// <summary>Forgets all history, as etcd's compaction does; for the tests of what follows a 410.</summary>
    public void Compact(long revision)
    {
        while (_history.TryPeek(out var oldest) && oldest.Object.ResourceVersion <= revision)
        {
            _history.Dequeue();
        }

        CompactedRevision = Math.Max(CompactedRevision, revision);
    }

    public void EndWatches()
    {
        foreach (var watch in _watches.ToArray())
        {
            watch.Complete();
        }
    }

    private void Put(StoredObject stored)
    {
        var ns = stored.Namespace ?? "";
        if (!_namespaces.TryGetValue(ns, out var objects))
        {
            _namespaces[ns] = objects = new SortedList<string, StoredObject>(StringComparer.Ordinal);
        }

        if (!objects.ContainsKey(stored.Name))
        {
            Count++;
        }

        objects[stored.Name] = stored;
    }

    private void Remove(StoredObject stored)
    {
        var ns = stored.Namespace ?? "";
        if (_namespaces.TryGetValue(ns, out var objects) && objects.Remove(stored.Name))
        {
            Count--;
            if (objects.Count == 0)
            {
                _namespaces.Remove(ns);
            }
        }
    }
}

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
