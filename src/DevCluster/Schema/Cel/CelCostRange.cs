namespace DevCluster.Schema.Cel;

/// <summary>The least and the most of a size or cost. Sums and products stop at the largest number.</summary>
internal readonly record struct CelCostRange(ulong Min, ulong Max)
{
    public static CelCostRange Unknown { get; } = new(0, ulong.MaxValue);

    public static CelCostRange Fixed(ulong value) => new(value, value);

    public CelCostRange Plus(CelCostRange other) => new(Add(Min, other.Min), Add(Max, other.Max));

    public CelCostRange Times(CelCostRange other) => new(Multiply(Min, other.Min), Multiply(Max, other.Max));

    /// <summary>Rounded up.</summary>
    public CelCostRange Times(double factor) => new(Scale(Min, factor), Scale(Max, factor));

    public CelCostRange Union(CelCostRange other) => new(Math.Min(Min, other.Min), Math.Max(Max, other.Max));

    private static ulong Add(ulong left, ulong right) => left > ulong.MaxValue - right ? ulong.MaxValue : left + right;

    private static ulong Multiply(ulong left, ulong right) =>
        right != 0 && left > ulong.MaxValue / right ? ulong.MaxValue : left * right;

    private static ulong Scale(ulong value, double factor)
    {
        var scaled = Math.Ceiling(value * factor);
        return scaled >= 18446744073709551616.0 ? ulong.MaxValue : (ulong)scaled;
    }
}
