using Dynospace.Api;
using Dynospace.Api.Spaces;

namespace Dynospace.Planning.Addresses;

/// <summary>Who may send web requests to the public listener of a space.</summary>
/// <param name="Ranges">CIDRs in order; none for nobody.</param>
public sealed record TrustedRanges(IReadOnlyList<string> Ranges)
{
    private static readonly string[] Everything = ["0.0.0.0/0", "::/0"];

    /// <summary>Everybody, as in every Common space.</summary>
    public static TrustedRanges Everybody { get; } = new(Everything);

    /// <summary>Nobody at all.</summary>
    public static TrustedRanges Nobody { get; } = new([]);

    /// <summary>Whether nobody is kept out.</summary>
    public bool IsEverybody => Everything.All(Ranges.Contains);

    /// <summary>Whether everybody is kept out.</summary>
    public bool IsNobody => Ranges.Count == 0;

    /// <summary>By the ranges themselves, not by the list that holds them.</summary>
    public bool Equals(TrustedRanges? other) =>
        other is not null && Ranges.SequenceEqual(other.Ranges, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => string.Join(',', Ranges).GetHashCode(StringComparison.Ordinal);

    /// <summary>A space's own, or everybody if it names none. An invalid range trusts nobody.</summary>
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
