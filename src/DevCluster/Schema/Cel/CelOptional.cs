namespace DevCluster.Schema.Cel;

/// <summary>A value or none.</summary>
internal sealed record CelOptional(object? Value)
{
    public static CelOptional None { get; } = new((object?)null);

    public bool HasValue => Value is not null;

    public static CelOptional Of(object value) => new(value);

    public bool Equals(CelOptional? other) =>
        other is not null
        && HasValue == other.HasValue
        && (!HasValue || CelValues.AreEqual(Value!, other.Value!) is true);

    public override int GetHashCode() => HasValue ? 1 : 0;
}
