namespace Dynospace.Planning.Routing;

/// <summary>What decides between apps that ask for the same.</summary>
/// <param name="Created">When the app was created, by the second.</param>
/// <param name="Uid">The app's uid.</param>
public readonly record struct ClaimAge(DateTimeOffset Created, string Uid)
{
    /// <summary>Who was created first comes first, then the smaller uid.</summary>
    public static Comparer<ClaimAge> Order { get; } = Comparer<ClaimAge>.Create(static (one, other) =>
        one.Created.CompareTo(other.Created) is not 0 and var order ? order : string.CompareOrdinal(one.Uid, other.Uid));
}
