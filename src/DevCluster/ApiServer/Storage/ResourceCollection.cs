using System.Threading.Channels;
using DevCluster.Schema.Errors;

namespace DevCluster.ApiServer.Storage;

/// <summary>
/// The objects of one resource, ordered by namespace and name, with recent changes for watches that resume. The caller
/// of every member must hold the store's commit lock.
/// </summary>
internal sealed class ResourceCollection(int historyLimit, long createdAt)
{
    private readonly SortedDictionary<string, SortedList<string, StoredObject>> _namespaces = new(
        StringComparer.Ordinal);
    private readonly Queue<ObjectChange> _history = new();
    private readonly List<ResourceWatch> _watches = [];

    /// <summary>The latest revision dropped from the history; watches can start there or later.</summary>
    public long CompactedRevision { get; private set; } = createdAt;

    /// <summary>The revision of the last change, for readers that cache derived data.</summary>
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

    /// <exception cref="ApiStatusException">410: the history no longer contains <paramref name="after"/>.</exception>
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

    /// <summary>Drops all history, as etcd's compaction does, for tests of 410 handling.</summary>
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

/// <summary>The registration of one watch with a collection; disposal ends it.</summary>
internal sealed class ResourceWatch : IDisposable
{
    private readonly Channel<ObjectChange?> _changes =
        Channel.CreateUnbounded<ObjectChange?>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>All changes after the initial revision, in order; null after a call of <see cref="Nudge"/>.</summary>
    public ChannelReader<ObjectChange?> Changes => _changes.Reader;

    /// <summary>Set by the store, which removes the registration under its lock.</summary>
    public Action<ResourceWatch>? OnDispose { get; init; }

    public void Publish(ObjectChange change) => _changes.Writer.TryWrite(change);

    /// <summary>Wakes the reader without a change, in order with the changes.</summary>
    public void Nudge() => _changes.Writer.TryWrite(null);

    /// <summary>Ends the watch because the resource is gone; the reader still receives pending changes.</summary>
    public void Complete() => _changes.Writer.TryComplete();

    public void Dispose()
    {
        OnDispose?.Invoke(this);
        Complete();
    }
}
