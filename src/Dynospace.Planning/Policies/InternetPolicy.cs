using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.Planning.Policies;

/// <summary>The policy <c>internet</c>: everywhere but where dynos must not go, narrowed by egress rules.</summary>
public static class InternetPolicy
{
    /// <summary>About as many exceptions as one policy may have: with them it stays well below 64 kB.</summary>
    private const int Budget = 1200;

    /// <summary>The fewest exceptions that one range gets, however many ranges share the budget.</summary>
    private const int Least = 24;

    /// <summary>The policy of a space, with a problem for each rule that it must leave out.</summary>
    public static PolicyDraft Draft(
        PolicyBuilder builder, SpaceSpec spec, ForbiddenRanges forbidden, PlatformOptions options)
    {
        var conflicts = new List<Problem>();
        var rules = spec.Egress?.Rules is { Count: > 0 } narrowed
            ? Narrowed(narrowed, forbidden, conflicts)
            : Everywhere(forbidden);
        if (spec.Runtime != SpaceRuntime.Common)
        {
            // Reaching it proves the whole way out; rules that narrow the internet must not cut the proof off.
            rules.Add(
                new()
                {
                    To = [.. Gates(spec, options.Egress).Select(gate => AddressRules.Peer(AddressBlock.Parse(gate)))],
                    Ports = Ports.AllTcpAndUdp,
                });
            if (spec.Egress?.Rules is { Count: > 0 } && options.Egress.EchoEndpoint is { } echo
                && forbidden.AsInternet.FirstCover(echo.Address) is null)
            {
                rules.Add(new() { To = [AddressRules.Peer(echo.Address)], Ports = Ports.TcpOnly([echo.Port]) });
            }
        }

        var policy = rules.Count == 0 ? null : builder.Egress(PolicyNames.Internet, Selectors.Dynos, rules);
        return new(PolicyNames.Internet, policy) { Conflicts = conflicts, Forbidden = forbidden.AsInternet };
    }

    /// <summary>The second one is for dynos that have fixed IPs of IPv6 alone.</summary>
    private static IEnumerable<string> Gates(SpaceSpec spec, EgressOptions options) =>
        (spec.OutboundIPs ?? []).Concat(spec.Egress?.Count > 0 ? options.Pool : [])
            .Any(AddressBlock.IsV6Text)
            ? [options.GateAddress, EgressOptions.GateAddress6]
            : [options.GateAddress];

    /// <summary>
    /// Both families, except one of which nothing is left: a rule without peers would allow everything.
    /// </summary>
    private static List<V1NetworkPolicyEgressRule> Everywhere(ForbiddenRanges forbidden)
    {
        List<AddressBlock> ranges =
            [
                .. new[]
                {
                    AddressRules.EveryIPv4,
                    AddressRules.EveryIPv6,
                }.Where(range => forbidden.AsInternet.FirstCover(range) is null),
            ];
        var limit = LimitFor(ranges, forbidden);
        return ranges.Count == 0 ? [] : [new() { To = [.. ranges.Select(range => Peer(range, forbidden, limit))] }];
    }

    private static List<V1NetworkPolicyEgressRule> Narrowed(
        IList<EgressRule> spec, ForbiddenRanges forbidden, List<Problem> conflicts)
    {
        var accepted = new List<(AddressBlock Range, EgressRule Rule)>();
        for (var i = 0; i < spec.Count; i++)
        {
            if (IsAccepted(
                spec[i].Cidr, $"spec.egress.rules[{i}].cidr", forbidden.AsInternet, conflicts, out var range))
            {
                accepted.Add((range, spec[i]));
            }
        }

        var ranges = accepted.Select(rule => rule.Range).ToList();
        if (ranges.Sum(range => forbidden.AsInternet.Inside(range).Count()) <= Budget)
        {
            return [.. accepted.Select(rule => Rule(rule.Range, Ports.FromRule(rule.Rule), forbidden, int.MaxValue))];
        }

        // The exceptions would be repeated for each rule of one range, so its ports are put together.
        var limit = LimitFor([.. ranges.Distinct()], forbidden);
        return
        [
            .. accepted.GroupBy(rule => rule.Range).Select(rules =>
                Rule(rules.Key, [.. rules.SelectMany(rule => Ports.FromRule(rule.Rule))], forbidden, limit)),
        ];
    }

    private static V1NetworkPolicyEgressRule Rule(
        AddressBlock range, IList<V1NetworkPolicyPort> ports, ForbiddenRanges forbidden, int limit) =>
        new() { To = [Peer(range, forbidden, limit)], Ports = ports };

    private static V1NetworkPolicyPeer Peer(AddressBlock range, ForbiddenRanges forbidden, int limit) =>
        AddressRules.PeerWithout(range, forbidden.ExceptionsOfInternet(range, limit));

    /// <summary>
    /// How many exceptions each range gets, so that together they keep to the budget: those that need few leave it to
    /// the others.
    /// </summary>
    private static int LimitFor(IReadOnlyCollection<AddressBlock> ranges, ForbiddenRanges forbidden)
    {
        var counts = ranges.Select(range => forbidden.AsInternet.Inside(range).Count()).Order().ToList();
        var left = Budget;
        for (var i = 0; i < counts.Count; i++)
        {
            var share = left / (counts.Count - i);
            if (counts[i] > share)
            {
                return Math.Max(share, Least);
            }

            left -= counts[i];
        }

        return int.MaxValue;
    }

    private static bool IsAccepted(
        string cidr, string field, AddressSet forbidden, List<Problem> conflicts, out AddressBlock range)
    {
        if (!AddressBlock.TryParse(cidr, out range))
        {
            conflicts.Add(RangeProblems.NotARange(field, cidr));
            return false;
        }

        if (forbidden.FirstCover(range) is { } cover)
        {
            conflicts.Add(new(
                Reasons.RangeConflict,
                $"{field} {cidr} lies in {cover}, which is not the internet: remove the rule, or name the network in "
                + "spec.peerNetworks or spec.dataServices"));
            return false;
        }

        return true;
    }
}
