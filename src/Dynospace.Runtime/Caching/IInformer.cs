namespace Dynospace.Runtime.Caching;

/// <summary>Keeps a store up to date with the API server, whatever happens to the connection.</summary>
public interface IInformer
{
    /// <summary>What is watched.</summary>
    ResourceKind Kind { get; }

    /// <summary>Whether the first list is complete.</summary>
    bool HasSynced { get; }

    /// <summary>
    /// Whether, as far as is known, the API server serves the kind and this process may read it. Always true for a kind
    /// that is not optional.
    /// </summary>
    bool IsServed { get; }

    /// <summary>Waits until the first list is complete.</summary>
    Task WaitForSyncAsync(CancellationToken cancellationToken);

    /// <summary>Lists and watches until cancelled; no failure of the API server ends it.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}

/// <summary>An informer and the store it fills.</summary>
public interface IInformer<T> : IInformer
    where T : class
{
    /// <summary>What is known.</summary>
    IStore<T> Store { get; }

    /// <summary>
    /// Adds a handler; only before the informer runs. It is called for every change, in order, one at a time, after the
    /// store has been updated. It must be quick, because the watch waits for it. Changes include those found by a new
    /// list, such as missed deletions.
    /// </summary>
    void AddHandler(Action<ObjectChange<T>> handler);

    /// <summary>
    /// Adds a handler; only before the informer runs. It is called when an optional kind starts or stops being served.
    /// </summary>
    void AddServedHandler(Action handler);
}

/// <summary>The cached objects of a kind. Every read sees one consistent snapshot and takes no lock.</summary>
public interface IStore<T>
    where T : class
{
    /// <summary>Whether the first list is complete; before that, absence means nothing.</summary>
    bool HasSynced { get; }

    /// <summary>How many objects are known.</summary>
    int Count { get; }

    /// <summary>One object, or null.</summary>
    T? Get(ObjectKey key);

    /// <summary>All objects, in no particular order.</summary>
    IReadOnlyCollection<T> List();

    /// <summary>The objects that an index files under a key, in no particular order.</summary>
    /// <exception cref="ArgumentException">The informer has no index of that name.</exception>
    IReadOnlyCollection<T> ByIndex(string indexName, string indexKey);
}

/// <summary>A change of one object.</summary>
/// <param name="Key">Which object.</param>
/// <param name="Old">The value before; null for a new object.</param>
/// <param name="New">The value now; null for a deleted object.</param>
public readonly record struct ObjectChange<T>(ObjectKey Key, T? Old, T? New)
    where T : class;
