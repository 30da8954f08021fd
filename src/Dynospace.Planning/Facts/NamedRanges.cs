using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;

namespace Dynospace.Planning.Facts;

/// <summary>
/// The ranges of a space's peer networks as they may be used, in both directions: out of dynos, and into the internal
/// router.
/// </summary>
/// <param name="Accepted">By network, in the order of the spec.</param>
/// <param name="Conflicts">The ranges that were left out.</param>
public sealed record PeerRanges(
    IReadOnlyList<(string Network, IReadOnlyList<AddressBlock> Ranges)> Accepted, IReadOnlyList<Problem> Conflicts)
{
    /// <summary>The exceptions of one range. They are few, since what is excepted is the cluster's own.</summary>
    public const int MostExceptions = 100;

    /// <summary>Every accepted range.</summary>
    public IEnumerable<AddressBlock> All => Accepted.SelectMany(network => network.Ranges);

    /// <summary>
    /// The ranges without the cluster's addresses, for gateways that know no exceptions: the same addresses that the
    /// policies of routers admit.
    /// </summary>
    public TrustedRanges WithoutCluster(ForbiddenRanges forbidden) => new(
        [
            .. All.SelectMany(range => range.Without(forbidden.AsNamedNetwork.Inside(range, MostExceptions)))
                .Distinct()
                .Order(AddressBlock.Ascending)
                .Select(range => range.ToString()),
        ]);

    /// <summary>
    /// Accepts the ranges of a space's peer networks that conflict with nothing; of two that overlap, the first.
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

/// <summary>Decides about a range that a Space names: a peer network or a data service.</summary>
public static class NamedRanges
{
    /// <summary>
    /// A range conflicts if it lies in the cluster or touches addresses outside any network. One that merely contains
    /// a part of the cluster is narrowed by exceptions instead, so that a node that joins removes no rule.
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

/// <summary>What is wrong with the ranges of a spec.</summary>
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
