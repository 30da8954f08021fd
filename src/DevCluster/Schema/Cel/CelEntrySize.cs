namespace DevCluster.Schema.Cel;

/// <summary>How large the keys and values of a container can be.</summary>
internal sealed record CelEntrySize(bool IsList, CelCostRange Key, CelCostRange Value)
{
    public static CelEntrySize? Union(CelEntrySize? left, CelEntrySize? right) =>
        left is null || right is null
            ? null
            : new CelEntrySize(left.IsList, left.Key.Union(right.Key), left.Value.Union(right.Value));
}
