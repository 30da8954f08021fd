using System.Collections;
using System.Collections.Immutable;

namespace Dynospace.Runtime.Caching;

/// <summary>The values of a snapshot, without a copy.</summary>
internal sealed class SnapshotValues<TStored, T>(ImmutableDictionary<ObjectKey, TStored> objects, Func<TStored, T> value) : IReadOnlyCollection<T>
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
