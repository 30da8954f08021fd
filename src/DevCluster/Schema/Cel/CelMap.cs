namespace DevCluster.Schema.Cel;

/// <summary>A map, or an object with declared fields.</summary>
internal abstract class CelMap
{
    public abstract int Count { get; }

    public abstract IEnumerable<object> Keys { get; }

    /// <summary>
    /// The value of a key, null when there is none, an error when the value does not suit its declaration.
    /// </summary>
    public abstract object? Find(object key);
}
