using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using k8s.Models;

namespace Dynospace.Planning.Policies;

/// <summary>The policy <c>peer-networks</c>: out to connected networks. In, they come through the internal router only.</summary>
internal static class PeerPolicy
{
    public static PolicyDraft Draft(PolicyBuilder builder, SpaceSpec spec, ForbiddenRanges forbidden)
    {
        var conflicts = new List<Problem>();
        var accepted = new List<(AddressBlock Range, string Field)>();
        var rules = new List<V1NetworkPolicyEgressRule>();
        foreach (var network in spec.PeerNetworks ?? [])
        {
            List<V1NetworkPolicyPeer> to = [];
            foreach (var cidr in network.Cidrs.Order(StringComparer.Ordinal))
            {
                if (Accept(cidr, $"spec.peerNetworks[{network.Name}].cidrs", accepted, forbidden.AsNamedNetwork, conflicts) is { } range)
                {
                    to.Add(AddressRules.Peer(range));
                }
            }

            if (to.Count > 0)
            {
                rules.Add(new() { To = to });
            }
        }

        var policy = rules.Count == 0 ? null : builder.Egress(PolicyNames.PeerNetworks, Selectors.Dynos, rules);
        return new(PolicyNames.PeerNetworks, policy) { Conflicts = conflicts, Forbidden = forbidden.AsNamedNetwork };
    }

    private static AddressBlock? Accept(
        string cidr, string field, List<(AddressBlock Range, string Field)> accepted, AddressSet forbidden, List<Problem> conflicts)
    {
        if (!AddressBlock.TryParse(cidr, out var range))
        {
            conflicts.Add(RangeProblems.NotARange(field, cidr));
            return null;
        }

        if (forbidden.FirstOverlap(range) is { } overlap)
        {
            conflicts.Add(RangeProblems.ReachesCluster(field, cidr, overlap));
            return null;
        }

        foreach (var (other, otherField) in accepted)
        {
            if (other.Overlaps(range))
            {
                conflicts.Add(RangeProblems.Overlap(field, cidr, otherField, other.ToString()));
                return null;
            }
        }

        accepted.Add((range, field));
        return range;
    }
}
