using Dynospace.Api.Spaces;
using Dynospace.Planning.Facts;
using k8s.Models;

namespace Dynospace.Planning.Policies;

/// <summary>
/// The policy <c>peer-networks</c>: egress to peer networks. Their requests to the space enter through the internal
/// router only.
/// </summary>
public static class PeerPolicy
{
    /// <summary>The policy of a space, with a problem for each network that it must leave out.</summary>
    public static PolicyDraft Draft(PolicyBuilder builder, Space space, ForbiddenRanges forbidden)
    {
        var peers = PeerRanges.FromSpace(space, forbidden);
        List<V1NetworkPolicyEgressRule> rules =
        [
            .. peers.Accepted.Where(network => network.Ranges.Count > 0).Select(network => new V1NetworkPolicyEgressRule
            {
                To = [.. network.Ranges.Select(range => AddressRules.PeerWithout(range, forbidden.AsNamedNetwork))],
            }),
        ];
        var policy = rules.Count == 0 ? null : builder.Egress(PolicyNames.PeerNetworks, Selectors.Dynos, rules);
        return new(PolicyNames.PeerNetworks, policy)
        {
            Conflicts = peers.Conflicts,
            Forbidden = forbidden.AsNamedNetwork,
        };
    }
}
