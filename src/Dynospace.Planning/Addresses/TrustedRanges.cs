using Dynospace.Api;
using Dynospace.Api.Spaces;

namespace Dynospace.Planning.Addresses;

/// <summary>Who may send web requests to the public listener of a space.</summary>
/// <param name="Ranges">CIDR ranges in order; an empty list admits nobody.</param>
public sealed record TrustedRanges(IReadOnlyList<string> Ranges)
{
    private static readonly string[] Everything = ["0.0.0.0/0", "::/0"];

    /// <summary>Everybody, as in every Common space.</summary>
    public static TrustedRanges Everybody { get; } = new(Everything);

    /// <summary>Nobody at all.</summary>
    public static TrustedRanges Nobody { get; } = new([]);

    /// <summary>Whether everybody is admitted.</summary>
    public bool IsEverybody => Everything.All(Ranges.Contains);

    /// <summary>Whether nobody is admitted.</summary>
    public bool IsNobody => Ranges.Count == 0;

    /// <summary>Compares the ranges, not the list objects.</summary>
    public bool Equals(TrustedRanges? other) =>
        other is not null && Ranges.SequenceEqual(other.Ranges, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => string.Join(',', Ranges).GetHashCode(StringComparison.Ordinal);

    /// <summary>
    /// A space's own ranges, or everybody if it states none. With an invalid range nobody is trusted.
    /// </summary>
    public static TrustedRanges FromSpace(Space? space) =>
        space?.Spec is { Runtime: not SpaceRuntime.Common, TrustedIPRanges: { } ranges }
            ? new(
                [
                    .. ranges.Where(range => AddressBlock.TryParse(range, out _))
                        .Distinct(StringComparer.Ordinal)
                        .Order(StringComparer.Ordinal),
                ])
            : new(SpaceDefaults.TrustedIPRanges.Order(StringComparer.Ordinal).ToList());
}
