using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.Planning.Policies;

/// <summary>
/// The policy <c>internet</c>: egress of dynos to everything that is not forbidden, narrowed by egress rules.
/// </summary>
public static class InternetPolicy
{
    /// <summary>The approximate maximum number of exceptions in one policy, which keeps it well below 64 kB.</summary>
    private const int Budget = 1200;

    /// <summary>The minimum number of exceptions for one range, even if many share the budget.</summary>
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
            // Dynos connect to the gate's address and the echo endpoint to prove their egress, so rules that narrow the
            // internet must not exclude either.
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

    /// <summary>The addresses of the gate. The second one is for dynos with IPv6 fixed IPs only.</summary>
    private static IEnumerable<string> Gates(SpaceSpec spec, EgressOptions options) =>
        (spec.OutboundIPs ?? []).Concat(spec.Egress?.Count > 0 ? options.Pool : [])
            .Any(AddressBlock.IsV6Text)
            ? [options.GateAddress, EgressOptions.GateAddress6]
            : [options.GateAddress];

    /// <summary>
    /// Rules for both families. A family without any permitted address has none, since a rule without peers would allow
    /// everything.
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

        // Ports of one range are combined, since each rule of a range repeats its exceptions.
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
    /// The limit of exceptions for each range that keeps the total within the budget. Ranges that need fewer leave the
    /// rest to others.
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
