namespace Dynospace.Planning.Spaces;

/// <summary>The dynos of a space.</summary>
/// <param name="Total">Dyno objects of any kind, also such that are being deleted.</param>
/// <param name="Wished">Dynos that shall be up: all but one-offs that ended.</param>
/// <param name="Up">Dynos that are up.</param>
public sealed record DynoCounts(int Total, int Wished, int Up)
{
    /// <summary>None at all.</summary>
    public static DynoCounts None { get; } = new(0, 0, 0);
}
