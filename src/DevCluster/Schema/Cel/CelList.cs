using System.Collections;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Cel;

/// <summary>
/// A list. One that a schema calls a set or a map compares without regard to order and joins by key. Lists that grow by
/// concatenation share one buffer, so that a fold over n items costs n, not n squared.
/// </summary>
internal sealed class CelList : IReadOnlyList<object>
{
    private readonly List<object> _buffer;

    public CelList(IEnumerable<object> items, ListType type = ListType.Atomic, IReadOnlyList<string>? keys = null)
        : this([.. items], type, keys)
    {
    }

    private CelList(List<object> buffer, ListType type, IReadOnlyList<string>? keys)
    {
        _buffer = buffer;
        Count = buffer.Count;
        Type = type;
        Keys = keys ?? [];
    }

    public static CelList Empty => new([]);

    public int Count { get; }

    public ListType Type { get; }

    /// <summary>The fields that tell the items of a map list apart.</summary>
    public IReadOnlyList<string> Keys { get; }

    public object this[int index] =>
        index < Count ? _buffer[index] : throw new ArgumentOutOfRangeException(nameof(index));

    public IEnumerator<object> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return _buffer[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public CelList Concat(CelList other) => Type switch
    {
        ListType.Set =>
            new CelList(
                [.. this, .. other.Where(item => !this.Any(own => CelValues.AreEqual(own, item) is true))], Type, Keys),
        ListType.Map => Merge(other),
        _ => Append(other),
    };

    /// <summary>The fields that identify an item of a map list.</summary>
    public IEnumerable<object?> KeyOf(object item) => Keys.Select(key => (item as CelMap)?.Find(key));

    private CelList Append(CelList other)
    {
        var buffer = Count == _buffer.Count ? _buffer : [.. this];
        buffer.AddRange(ReferenceEquals(buffer, other._buffer) ? [.. other] : other);
        return new CelList(buffer, ListType.Atomic, null);
    }

    private CelList Merge(CelList other)
    {
        var items = this.ToList();
        foreach (var item in other)
        {
            var key = KeyOf(item).ToList();
            var at = items.FindIndex(own => KeyOf(own).SequenceEqual(key));
            if (at >= 0)
            {
                items[at] = item;
            }
            else
            {
                items.Add(item);
            }
        }

        return new CelList(items, Type, Keys);
    }
}
