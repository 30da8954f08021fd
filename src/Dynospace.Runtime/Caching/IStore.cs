namespace Dynospace.Runtime.Caching;

/// <summary>What is known of a kind. Every read sees one consistent snapshot and takes no lock.</summary>
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
