using System.Collections;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Cel;

/// <summary>A map, or an object with declared fields.</summary>
internal abstract class CelMap
{
    public abstract int Count { get; }

    public abstract IEnumerable<object> Keys { get; }

    /// <summary>
    /// The value of a key; null if the key is missing, and an error if the value does not match its declaration.
    /// </summary>
    public abstract object? Find(object key);
}

/// <summary>A map created by an expression.</summary>
internal sealed class CelDictionary : CelMap
{
    private readonly Dictionary<object, object> _entries = new(CelValues.Comparer);

    public override int Count => _entries.Count;

    public override IEnumerable<object> Keys => _entries.Keys;

    public static bool IsKey(object value) => value is string or bool or long or ulong;

    public override object? Find(object key) => _entries.GetValueOrDefault(key);

    /// <summary>Adds an entry; false if the key already exists.</summary>
    public bool TryAdd(object key, object value) => _entries.TryAdd(key, value);

    /// <summary>Adds or replaces an entry.</summary>
    public void Set(object key, object value) => _entries[key] = value;

    public CelDictionary Copy()
    {
        var copy = new CelDictionary();
        foreach (var (key, value) in _entries)
        {
            copy._entries.Add(key, value);
        }

        return copy;
    }
}

/// <summary>
/// A list. If its schema declares it as a set or a map, it is compared regardless of order and concatenated by key.
/// Lists that grow by concatenation share one buffer, so that a comprehension over n items takes linear time.
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

    /// <summary>The key fields of a map list.</summary>
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

    /// <summary>The values of the key fields of an item in a map list.</summary>
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

/// <summary>Iterates over the range of a comprehension.</summary>
internal static class CelIteration
{
    /// <summary>Elements or keys; in pairs, indexes with elements or keys with values.</summary>
    public static IEnumerable<(object First, object? Second)> Over(object range, bool inPairs) => range switch
    {
        CelList list when inPairs => list.Select((item, index) => ((object)(long)index, (object?)item)),
        CelList list => list.Select(item => (item, (object?)null)),
        _ => ((CelMap)range).Keys.Select(key => (key, inPairs ? ((CelMap)range).Find(key) : null)),
    };
}

/// <summary>Looks up fields of objects and entries of maps, also through optionals.</summary>
internal static class CelFields
{
    public static object Has(object operand, string field) => operand switch
    {
        CelError => operand,
        CelOptional optional => optional.HasValue ? Has(optional.Value!, field) : false,
        CelMap map => map.Find(field) is CelError error ? error : map.Find(field) is not null,
        CelList => CelError.NoSuchIndex(field),
        _ => false,
    };

    public static object Select(object operand, string field) => operand switch
    {
        CelError => operand,
        CelOptional { HasValue: false } => operand,
        CelOptional optional => SelectOptional(optional.Value!, field),
        CelMap map => map.Find(field) ?? CelError.NoSuchKey(field),
        _ => Missing(operand, field),
    };

    public static object SelectOptional(object operand, string field) => operand switch
    {
        CelError => operand,
        CelOptional { HasValue: false } => operand,
        CelOptional optional => SelectOptional(optional.Value!, field),
        CelMap map =>
            map.Find(field) switch
            {
                null =>
                CelOptional.None,
                CelError error => error, { } value => CelOptional.FromValue(value)
            },
        CelList => CelError.NoSuchIndex(field),
        _ => CelOptional.None,
    };

    /// <summary>Selection from a value that is not a map, such as null: cel-go reports a missing key.</summary>
    public static CelError Missing(object operand, object key) =>
        operand is CelList ? CelError.NoSuchIndex(key) : CelError.NoSuchKey(key);
}
