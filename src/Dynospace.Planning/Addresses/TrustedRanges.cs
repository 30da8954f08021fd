using Dynospace.Api;
using Dynospace.Api.Spaces;

namespace Dynospace.Planning.Addresses;

/// <summary>The sources that may send web requests to the public listener of a space.</summary>
/// <param name="Ranges">CIDR ranges in order; an empty list admits no source.</param>
public sealed record TrustedRanges(IReadOnlyList<string> Ranges)
{
    private static readonly string[] Everything = ["0.0.0.0/0", "::/0"];

    /// <summary>All sources, as in every Common space.</summary>
    public static TrustedRanges Everybody { get; } = new(Everything);

    /// <summary>No source.</summary>
    public static TrustedRanges Nobody { get; } = new([]);

    /// <summary>Whether all sources are admitted.</summary>
    public bool IsEverybody => Everything.All(Ranges.Contains);

    /// <summary>Whether no source is admitted.</summary>
    public bool IsNobody => Ranges.Count == 0;

    /// <summary>Compares the ranges, not the list objects.</summary>
    public bool Equals(TrustedRanges? other) =>
        other is not null && Ranges.SequenceEqual(other.Ranges, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => string.Join(',', Ranges).GetHashCode(StringComparison.Ordinal);

    /// <summary>
    /// A space's own ranges, or all sources if it states none. If a range is invalid, no source is trusted.
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
