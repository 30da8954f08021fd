namespace DevCluster.Schema.Cel;

/// <summary>A map made by an expression.</summary>
internal sealed class CelDictionary : CelMap
{
    private readonly Dictionary<object, object> _entries = new(CelValues.Comparer);

    public override int Count => _entries.Count;

    public override IEnumerable<object> Keys => _entries.Keys;

    public static bool IsKey(object value) => value is string or bool or long or ulong;

    public override object? Find(object key) => _entries.GetValueOrDefault(key);

    /// <summary>False when the key is there already.</summary>
    public bool TryAdd(object key, object value) => _entries.TryAdd(key, value);

    /// <summary>Adds an entry; of two with one key the later counts.</summary>
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
