namespace DevCluster.Schema.Cel;

/// <summary>A named format, which says of a string what is wrong with it.</summary>
internal sealed record CelFormat(string Name, Func<string, IReadOnlyList<string>> Problems)
{
    public bool Equals(CelFormat? other) => other?.Name == Name;

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}
