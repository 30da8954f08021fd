namespace DevCluster.Schema.Cel;

/// <summary>Equality for map keys, where 1, 1u and 1.0 are the same key.</summary>
internal sealed class CelEqualityComparer : IEqualityComparer<object>
{
    public new bool Equals(object? x, object? y) =>
        x is null || y is null ? x is null && y is null : CelValues.AreEqual(x, y);

    public int GetHashCode(object obj) => obj switch
    {
        long signed => ((double)signed).GetHashCode(),
        ulong unsigned => ((double)unsigned).GetHashCode(),
        string or bool or double => obj.GetHashCode(),
        _ => 0,
    };
}
