using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.Planning.Policies;

/// <summary>The policy <c>internet</c>: everywhere but where dynos must not go, narrowed by egress rules.</summary>
internal static class InternetPolicy
{
    public static PolicyDraft Draft(PolicyBuilder builder, SpaceSpec spec, ForbiddenRanges forbidden, PlatformOptions options)
    {
        var conflicts = new List<Problem>();
        var rules = new List<V1NetworkPolicyEgressRule>();
        if (spec.Egress?.Rules is { Count: > 0 } wished)
        {
            for (var i = 0; i < wished.Count; i++)
            {
                AddRule(rules, conflicts, wished[i], $"spec.egress.rules[{i}].cidr", forbidden.AsInternet);
            }
        }
        else
        {
            AddEverywhere(rules, forbidden.AsInternet);
        }

        if (spec.Runtime != SpaceRuntime.Common)
        {
            // Reaching it proves the whole way out; rules that narrow the internet must not cut the proof off.
            rules.Add(new() { To = [AddressRules.Peer(AddressBlock.Parse(options.Egress.GateAddress))], Ports = Ports.AllTcpAndUdp });
        }

        var policy = rules.Count == 0 ? null : builder.Egress(PolicyNames.Internet, Selectors.Dynos, rules);
        return new(PolicyNames.Internet, policy) { Conflicts = conflicts, Forbidden = forbidden.AsInternet };
    }

    /// <summary>Both families, but for one of which nothing is left: a rule without peers would allow everything.</summary>
    private static void AddEverywhere(List<V1NetworkPolicyEgressRule> rules, AddressSet forbidden)
    {
        List<V1NetworkPolicyPeer> peers =
        [
            .. new[] { AddressRules.EveryIPv4, AddressRules.EveryIPv6 }
                .Where(range => forbidden.FirstCover(range) is null)
                .Select(range => AddressRules.PeerWithout(range, forbidden)),
        ];
        if (peers.Count > 0)
        {
            rules.Add(new() { To = peers });
        }
    }

    private static void AddRule(
        List<V1NetworkPolicyEgressRule> rules, List<Problem> conflicts, EgressRule rule, string field, AddressSet forbidden)
    {
        if (!AddressBlock.TryParse(rule.Cidr, out var range))
        {
            conflicts.Add(RangeProblems.NotARange(field, rule.Cidr));
        }
        else if (forbidden.FirstCover(range) is { } cover)
        {
            conflicts.Add(new(
                Reasons.RangeConflict,
                $"{field} {rule.Cidr} lies in {cover}, which is not the internet: remove the rule, or name the network in spec.peerNetworks or spec.dataServices"));
        }
        else
        {
            rules.Add(new() { To = [AddressRules.PeerWithout(range, forbidden)], Ports = Ports.Of(rule) });
        }
    }
}
