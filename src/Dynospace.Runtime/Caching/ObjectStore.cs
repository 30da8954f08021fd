using System.Collections;
using System.Collections.Immutable;
using System.Globalization;

namespace Dynospace.Runtime.Caching;

/// <summary>The store of one informer: one writer, any number of readers. Writes return the changes.</summary>
internal sealed class ObjectStore<T>(IReadOnlyDictionary<string, Func<T, IEnumerable<string>>> indexers) : IStore<T>
    where T : class
{
    private StoreSnapshot<T> _snapshot = StoreSnapshot<T>.Empty;
    private volatile bool _hasSynced;

    public bool HasSynced => _hasSynced;

    public int Count => Snapshot.Objects.Count;

    private StoreSnapshot<T> Snapshot => Volatile.Read(ref _snapshot);

    public T? Get(ObjectKey key) => Snapshot.Objects.TryGetValue(key, out var stored) ? stored.Value : null;

    public IReadOnlyCollection<T> List() => new SnapshotValues<StoredObject<T>, T>(Snapshot.Objects, s => s.Value);

    public IReadOnlyCollection<T> ByIndex(string indexName, string indexKey)
    {
        if (!indexers.ContainsKey(indexName))
        {
            throw new ArgumentException(
                $"There is no index '{indexName}'; there are: {string.Join(", ", indexers.Keys)}.", nameof(indexName));
        }

        return Snapshot.Indexes.TryGetValue(indexName, out var index) && index.TryGetValue(indexKey, out var objects)
            ? new SnapshotValues<T, T>(objects, v => v)
            : [];
    }

    /// <summary>An object with its version, for the writer.</summary>
    public StoredObject<T>? TryGetStored(ObjectKey key) => Snapshot.Objects.TryGetValue(key, out var stored)
        ? stored
        : null;

    public void MarkSynced() => _hasSynced = true;

    /// <summary>Adds or changes an object; null when this version is known already.</summary>
    public ObjectChange<T>? Set(ObjectKey key, T value, ResourceVersion version)
    {
        var before = Snapshot;
        var isKnown = before.Objects.TryGetValue(key, out var known);
        if (isKnown && known.Version == version && !version.IsEmpty)
        {
            return null;
        }

        var old = isKnown ? known.Value : null;
        Publish(new StoreSnapshot<T>(
            before.Objects.SetItem(
                key, new StoredObject<T>(value, version)), Reindex(before.Indexes, key, old, value)));
        return new ObjectChange<T>(key, old, value);
    }

    /// <summary>Removes an object; null when it is not known.</summary>
    public ObjectChange<T>? Remove(ObjectKey key)
    {
        var before = Snapshot;
        if (!before.Objects.TryGetValue(key, out var known))
        {
            return null;
        }

        Publish(new StoreSnapshot<T>(before.Objects.Remove(key), Reindex(before.Indexes, key, known.Value, null)));
        return new ObjectChange<T>(key, known.Value, null);
    }

    /// <summary>
    /// Replaces everything at once with a complete list. Objects whose version is known keep their value and are not
    /// reported; objects that are not in the list were deleted during a gap in the watch.
    /// </summary>
    public IReadOnlyList<ObjectChange<T>> Replace(IReadOnlyDictionary<ObjectKey, StoredObject<T>> listed)
    {
        var before = Snapshot;
        var changes = before.Objects
            .Where(known => !listed.ContainsKey(known.Key))
            .Select(known => new ObjectChange<T>(known.Key, known.Value.Value, null))
            .ToList();
        foreach (var (key, stored) in listed)
        {
            var isKnown = before.Objects.TryGetValue(key, out var known);
            if (!isKnown || known.Version != stored.Version || stored.Version.IsEmpty)
            {
                changes.Add(new ObjectChange<T>(key, isKnown ? known.Value : null, stored.Value));
            }
        }

        var objects = before.Objects.ToBuilder();
        var indexes = before.Indexes;
        foreach (var change in changes)
        {
            if (change.New is null)
            {
                objects.Remove(change.Key);
            }
            else
            {
                objects[change.Key] = listed[change.Key];
            }

            indexes = Reindex(indexes, change.Key, change.Old, change.New);
        }

        Publish(new StoreSnapshot<T>(objects.ToImmutable(), indexes));
        return changes;
    }

    private void Publish(StoreSnapshot<T> snapshot) => Volatile.Write(ref _snapshot, snapshot);

    private ImmutableDictionary<string, ImmutableDictionary<string, ImmutableDictionary<ObjectKey, T>>> Reindex(
        ImmutableDictionary<string, ImmutableDictionary<string, ImmutableDictionary<ObjectKey, T>>> indexes,
        ObjectKey key, T? old, T? @new)
    {
        foreach (var (name, keysOf) in indexers)
        {
            var index = indexes.GetValueOrDefault(
                name) ?? ImmutableDictionary<string, ImmutableDictionary<ObjectKey, T>>.Empty;
            HashSet<string> newKeys = @new is null ? [] : [.. keysOf(@new)];
            foreach (var left in old is null ? [] : keysOf(old).Where(k => !newKeys.Contains(k)))
            {
                if (index.TryGetValue(left, out var filed))
                {
                    filed = filed.Remove(key);
                    index = filed.IsEmpty ? index.Remove(left) : index.SetItem(left, filed);
                }
            }

            foreach (var indexKey in newKeys)
            {
                var filed = index.GetValueOrDefault(indexKey) ?? ImmutableDictionary<ObjectKey, T>.Empty;
                index = index.SetItem(indexKey, filed.SetItem(key, @new!));
            }

            indexes = indexes.SetItem(name, index);
        }

        return indexes;
    }
}

/// <summary>
/// The cached objects at one moment. Immutable, so that readers need no lock and see consistent objects and indexes.
/// </summary>
internal sealed record StoreSnapshot<T>(
    ImmutableDictionary<ObjectKey, StoredObject<T>> Objects,
    ImmutableDictionary<string, ImmutableDictionary<string, ImmutableDictionary<ObjectKey, T>>> Indexes)
    where T : class
{
    public static StoreSnapshot<T> Empty { get; } = new(
        ImmutableDictionary<ObjectKey, StoredObject<T>>.Empty,
        ImmutableDictionary<string, ImmutableDictionary<string, ImmutableDictionary<ObjectKey, T>>>.Empty);
}

/// <summary>A value and the resource version that it was made from.</summary>
internal readonly record struct StoredObject<T>(T Value, ResourceVersion Version)
    where T : class;

/// <summary>The values of a snapshot, without a copy.</summary>
internal sealed class SnapshotValues<TStored, T>(
    ImmutableDictionary<ObjectKey, TStored> objects, Func<TStored, T> value) : IReadOnlyCollection<T>
{
    public int Count => objects.Count;

    public IEnumerator<T> GetEnumerator()
    {
        foreach (var (_, stored) in objects)
        {
            yield return value(stored);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>
/// A resource version to compare for equality. Real servers use numbers, which saves a string for each object; any
/// other text still works.
/// </summary>
internal readonly record struct ResourceVersion
{
    private readonly ulong _number;
    private readonly string? _text;

    public ResourceVersion(string? text)
    {
        // Only the canonical form may become a number, or "7" and "07" would be equal.
        var isNumber = ulong.TryParse(
            text, NumberStyles.None, CultureInfo.InvariantCulture, out _number) && text![0] != '0';
        _number = isNumber ? _number : 0;
        _text = isNumber ? null : text ?? "";
    }

    public bool IsEmpty => _number == 0 && string.IsNullOrEmpty(_text);
}
