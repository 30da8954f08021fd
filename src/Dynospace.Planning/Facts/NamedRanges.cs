using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;

namespace Dynospace.Planning.Facts;

/// <summary>
/// The accepted ranges of a space's peer networks, for egress of dynos and ingress of the internal router.
/// </summary>
/// <param name="Accepted">The ranges by network, in the order of the spec.</param>
/// <param name="Conflicts">A problem for each range that was left out.</param>
public sealed record PeerRanges(
    IReadOnlyList<(string Network, IReadOnlyList<AddressBlock> Ranges)> Accepted, IReadOnlyList<Problem> Conflicts)
{
    /// <summary>
    /// The maximum number of exceptions of one range. Only the cluster's own ranges are excepted, which are few.
    /// </summary>
    public const int MostExceptions = 100;

    /// <summary>Every accepted range.</summary>
    public IEnumerable<AddressBlock> All => Accepted.SelectMany(network => network.Ranges);

    /// <summary>
    /// The ranges without the cluster's addresses, for gateways that do not support exceptions. These are the addresses
    /// that the routers' policies admit.
    /// </summary>
    public TrustedRanges WithoutCluster(ForbiddenRanges forbidden) => new(
        [
            .. All.SelectMany(range => range.Without(forbidden.AsNamedNetwork.Inside(range, MostExceptions)))
                .Distinct()
                .Order(AddressBlock.Ascending)
                .Select(range => range.ToString()),
        ]);

    /// <summary>
    /// Accepts the ranges of a space's peer networks that do not conflict; of two that overlap, the first.
    /// </summary>
    public static PeerRanges FromSpace(Space space, ForbiddenRanges forbidden)
    {
        var conflicts = new List<Problem>();
        var taken = new List<(AddressBlock Range, string Field)>();
        var accepted = new List<(string Network, IReadOnlyList<AddressBlock> Ranges)>();
        foreach (var network in space.Spec.PeerNetworks ?? [])
        {
            var field = $"spec.peerNetworks[{network.Name}].cidrs";
            var ranges = new List<AddressBlock>();
            foreach (var cidr in network.Cidrs.Order(StringComparer.Ordinal))
            {
                if (!NamedRanges.TryAccept(field, cidr, forbidden, conflicts, out var range))
                {
                    continue;
                }

                if (taken.FirstOrDefault(other => other.Range.Overlaps(range)) is { Field: { } otherField } other)
                {
                    conflicts.Add(RangeProblems.Overlap(field, cidr, otherField, other.Range.ToString()));
                    continue;
                }

                taken.Add((range, field));
                ranges.Add(range);
            }

            accepted.Add((network.Name, ranges));
        }

        return new(accepted, conflicts);
    }
}

/// <summary>Accepts or refuses a range that a Space names as a peer network or data service.</summary>
public static class NamedRanges
{
    /// <summary>
    /// A range conflicts if it lies in the cluster or contains unroutable addresses. A range that only contains a part
    /// of the cluster gets exceptions instead, so that a new node does not remove a rule.
    /// </summary>
    public static bool TryAccept(
        string field, string cidr, ForbiddenRanges forbidden, List<Problem> conflicts, out AddressBlock range)
    {
        if (!AddressBlock.TryParse(cidr, out range))
        {
            conflicts.Add(RangeProblems.NotARange(field, cidr));
            return false;
        }

        var candidate = range;
        var conflict = forbidden.AsNamedNetwork.FirstCover(range)
            ?? SpecialRanges.NeverReachable.Select(special => (AddressBlock?)special)
                .FirstOrDefault(special => special!.Value.Overlaps(candidate));
        if (conflict is { } overlap)
        {
            conflicts.Add(RangeProblems.ReachesCluster(field, cidr, overlap));
            return false;
        }

        return true;
    }
}

/// <summary>Problems of the ranges in a spec.</summary>
public static class RangeProblems
{
    /// <summary>The field's value is not a CIDR range.</summary>
    public static Problem NotARange(string field, string value) =>
        new(Reasons.RangeConflict, $"{field} \"{value}\" is not a CIDR range: write an address and a prefix length "
            + "such as 198.51.100.0/24");

    /// <summary>The field's range holds addresses of the cluster.</summary>
    public static Problem ReachesCluster(string field, string value, AddressBlock overlap) =>
        new(Reasons.RangeConflict, $"{field} {value} overlaps {overlap}, which belongs to the cluster or to no "
            + "network: give another range");

    /// <summary>Two fields name the same addresses.</summary>
    public static Problem Overlap(string field, string value, string otherField, string other) =>
        new(Reasons.RangeConflict, $"{field} {value} overlaps {otherField} {other}: give each address to one network "
            + "only");
}
