using System.Collections.Immutable;
using System.Net.Sockets;
using Dynospace.Reachability.Addresses;
using Dynospace.Reachability.Snapshots;

namespace Dynospace.NodeAgent.Policies;

// The content of the nftables table: sets, maps and chains by name. The same model represents the desired state, the
// last applied state and a kernel dump, so that the difference of any two is a transaction.

/// <summary>A table of rules.</summary>
public sealed class Ruleset
{
    /// <summary>The name of the table, without its family.</summary>
    public const string TableName = "dynospace_policies";

    /// <summary>The family and name of the table.</summary>
    public const string Table = $"inet {TableName}";

    /// <summary>The sets, and the maps from an address to a chain.</summary>
    public Dictionary<string, RuleSetContent> Sets { get; } = new(StringComparer.Ordinal);

    /// <summary>The chains, without <see cref="BaseChain"/>.</summary>
    public Dictionary<string, ImmutableArray<Rule>> Chains { get; } = new(StringComparer.Ordinal);

    /// <summary>The rules of the base chain, which the kernel evaluates for each forwarded packet.</summary>
    public ImmutableArray<Rule> BaseChain { get; set; } = [];

    public int RuleCount => BaseChain.Length + Chains.Values.Sum(rules => rules.Length);

    /// <summary>The number of elements in all sets and maps.</summary>
    public int ElementCount => Sets.Values.Sum(set => set.Elements.Count);
}

/// <summary>A set, or a map from keys to chains.</summary>
public sealed class RuleSetContent(SetType type)
{
    public SetType Type { get; } = type;

    /// <summary>The elements in nftables' syntax; the value is the target chain in a map, otherwise null.</summary>
    public Dictionary<string, string?> Elements { get; init; } = new(StringComparer.Ordinal);

    /// <summary>The addresses of an interval set, for membership tests.</summary>
    public CidrSet? Block { get; init; }

    /// <summary>The ports of a set of ports.</summary>
    public ImmutableArray<CompiledPort> Ports { get; init; } = [];
}

/// <summary>The type of a set: its key, whether keys are intervals, whether it is a map to verdicts.</summary>
public sealed record SetType(string Key, bool HasIntervals = false, bool IsMap = false)
{
    /// <summary>Ports of each protocol.</summary>
    public static SetType Ports { get; } = new("inet_proto . inet_service");

    /// <summary>Ranges of ports of each protocol.</summary>
    public static SetType PortRanges { get; } = new("inet_proto . inet_service", HasIntervals: true);

    /// <summary>Single addresses.</summary>
    public static SetType Addresses(AddressFamily family) => new(AddressOf(family));

    /// <summary>Ranges of addresses.</summary>
    public static SetType Blocks(AddressFamily family) => new(AddressOf(family), HasIntervals: true);

    /// <summary>Ports of single addresses.</summary>
    public static SetType Services(AddressFamily family) => new($"{AddressOf(family)} . inet_proto . inet_service");

    /// <summary>Pairs of a source and a destination.</summary>
    public static SetType Pairs(AddressFamily family) => new($"{AddressOf(family)} . {AddressOf(family)}");

    /// <summary>Addresses and their chains.</summary>
    public static SetType Verdicts(AddressFamily family) => new(AddressOf(family), IsMap: true);

    private static string AddressOf(AddressFamily family) =>
        family == AddressFamily.InterNetwork ? "ipv4_addr" : "ipv6_addr";
}

/// <summary>A rule. Rules with equal text are equal.</summary>
/// <param name="Text">The rule in nftables' syntax.</param>
/// <param name="Matches">The matches, for the evaluation of flows; empty for a rule that does not concern flows or was
/// read from the kernel.</param>
/// <param name="Verdict">The verdict if all matches apply.</param>
public sealed record Rule(string Text, ImmutableArray<RuleMatch> Matches, RuleVerdict Verdict)
{
    /// <summary>A rule that is not evaluated for flows.</summary>
    public static Rule Other(string text) => new(text, [], RuleVerdict.None);

    public bool Equals(Rule? other) => other is not null && Text == other.Text;

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}

/// <summary>The effect of a rule on a matching packet.</summary>
public enum RuleVerdict
{
    /// <summary>No effect on new flows.</summary>
    None,

    /// <summary>The direction admits the flow; the other direction is evaluated next.</summary>
    Return,

    /// <summary>The flow is accepted in both directions.</summary>
    Accept,

    /// <summary>The flow is dropped.</summary>
    Drop,

    /// <summary>The chain in a map for the key decides.</summary>
    Map,
}

/// <summary>A lookup in a set.</summary>
/// <param name="Family">The required family of the packet; null for either.</param>
/// <param name="Key">The part of the packet to look up.</param>
/// <param name="Set">The name of the set.</param>
/// <param name="IsNegated">Whether the set must not contain the key.</param>
public sealed record RuleMatch(AddressFamily? Family, FlowKey Key, string Set, bool IsNegated = false)
{
    /// <summary>The match in nftables' syntax.</summary>
    public string Text => $"{KeyText} {(IsNegated ? "!= " : "")}@{Set}";

    /// <summary>The key in nftables' syntax.</summary>
    public string KeyText
    {
        get
        {
            var ip = Family == AddressFamily.InterNetworkV6 ? "ip6" : "ip";
            return Key switch
            {
                FlowKey.Source => $"{ip} saddr",
                FlowKey.Destination => $"{ip} daddr",
                FlowKey.Port => "meta l4proto . th dport",
                FlowKey.Service => $"{ip} daddr . meta l4proto . th dport",
                _ => $"{ip} saddr . {ip} daddr",
            };
        }
    }
}

/// <summary>The parts of a packet that rules look up.</summary>
public enum FlowKey
{
    /// <summary>The source address.</summary>
    Source,

    /// <summary>The destination address.</summary>
    Destination,

    /// <summary>Protocol and destination port.</summary>
    Port,

    /// <summary>Destination address, protocol and destination port.</summary>
    Service,

    /// <summary>Source and destination address.</summary>
    Pair,
}
