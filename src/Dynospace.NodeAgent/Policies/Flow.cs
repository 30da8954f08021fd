using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace Dynospace.NodeAgent.Policies;

/// <summary>A connection as the forward hook sees it, after translation of a Service address.</summary>
/// <param name="Source">The source address.</param>
/// <param name="Destination">The destination address.</param>
/// <param name="Protocol">The protocol number in the IP header.</param>
/// <param name="Port">The destination port; 0 for protocols without ports.</param>
public readonly record struct Flow(IPAddress Source, IPAddress Destination, byte Protocol, ushort Port)
{
    /// <summary>The name of a protocol in nftables, or else its number.</summary>
    public static string NameOf(byte protocol) => protocol switch
    {
        6 => "tcp",
        17 => "udp",
        132 => "sctp",
        _ => protocol.ToString(CultureInfo.InvariantCulture),
    };
}

/// <summary>
/// Evaluates a ruleset for flows rule by rule, as the kernel does, so that existing connections are subject to the same
/// rules as new ones.
/// </summary>
public static class FlowJudge
{
    /// <summary>Whether a new connection is admitted.</summary>
    public static bool Admits(Ruleset rules, Flow flow) =>
        Run(rules, rules.BaseChain, flow) is not RuleVerdict.Drop;

    /// <summary>The verdict that ended the chain; None at its end and after a return.</summary>
    private static RuleVerdict Run(Ruleset rules, ImmutableArray<Rule> chain, Flow flow)
    {
        foreach (var rule in chain)
        {
            if (rule.Verdict == RuleVerdict.None || !rule.Matches.All(match => Matches(rules, match, flow)))
            {
                continue;
            }

            switch (rule.Verdict)
            {
                case RuleVerdict.Return:
                    return RuleVerdict.None;
                case RuleVerdict.Map:
                    var map = rules.Sets[rule.Matches[0].Set];
                    var target = map.Elements[KeyOf(rule.Matches[0].Key, flow)]!;
                    if (Run(rules, rules.Chains[target], flow) is var verdict and not RuleVerdict.None)
                    {
                        return verdict;
                    }

                    break;
                default:
                    return rule.Verdict;
            }
        }

        return RuleVerdict.None;
    }

    private static bool Matches(Ruleset rules, RuleMatch match, Flow flow) =>
        (match.Family is null || match.Family == flow.Source.AddressFamily)
        && Holds(rules.Sets[match.Set], match.Key, flow) != match.IsNegated;

    private static bool Holds(RuleSetContent set, FlowKey key, Flow flow)
    {
        if (set.Block is { } block)
        {
            return block.Contains(key == FlowKey.Source ? flow.Source : flow.Destination);
        }

        return set.Ports.IsEmpty
            ? set.Elements.ContainsKey(KeyOf(key, flow))
            : set.Ports.Any(port => Elements.ProtocolOf(port.Protocol) == Flow.NameOf(flow.Protocol)
                && flow.Port >= port.First
                && flow.Port <= port.Last);
    }

    private static string KeyOf(FlowKey key, Flow flow) => key switch
    {
        FlowKey.Source => flow.Source.ToString(),
        FlowKey.Destination => flow.Destination.ToString(),
        FlowKey.Service => Elements.Service(flow.Destination, Flow.NameOf(flow.Protocol), flow.Port),
        FlowKey.Pair => Elements.Pair(flow.Source, flow.Destination),
        _ => Elements.Port(Flow.NameOf(flow.Protocol), flow.Port, flow.Port),
    };
}
