using System.Net.Sockets;
using Dynospace.Hosting;
using Dynospace.Hosting.Options;
using Dynospace.NodeAgent.DynoNetwork;
using Dynospace.Reachability.Addresses;
using static Dynospace.Hosting.Options.OptionFormats;
using static Dynospace.Hosting.Options.OptionTable;

namespace Dynospace.NodeAgent.Hosting;

/// <summary>The options of an agent's command line and environment.</summary>
internal sealed record AgentConfiguration
{
    /// <summary>The option prefix of policy enforcement.</summary>
    public const string PolicyPrefix = "policies.";

    /// <summary>The option prefix of the dyno network.</summary>
    public const string NetworkPrefix = "dynoNetwork.";

    /// <summary>The option prefix of the egress gateway.</summary>
    public const string EgressPrefix = "egress.";

    /// <summary>The shortest block prefix that NodeNetwork allows.</summary>
    private const int LongestBlock = 20;

    /// <summary>The longest prefix that leaves room for an IPv4 address.</summary>
    private const int LongestRange6 = 96;

    /// <summary>The connection to the API server.</summary>
    public ClusterConnection Cluster { get; init; } = new();

    /// <summary>The node of the agent; null for the name of the machine.</summary>
    public string? Node { get; init; }

    /// <summary>The port of health and metrics.</summary>
    public int HealthPort { get; init; } = 9870;

    /// <summary>Whether NetworkPolicies are enforced.</summary>
    public bool EnforcePolicies { get; init; }

    /// <summary>Ranges in which traffic of addresses without a known pod is dropped.</summary>
    public IReadOnlyList<string> ClosedRanges { get; init; } = [];

    /// <summary>Whether to run next to a network that enforces policies itself.</summary>
    public bool BesideOthers { get; init; }

    /// <summary>The interval of periodic comparisons with the kernel's rules.</summary>
    public TimeSpan CompareEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether dynos use the fixed IPs of their space.</summary>
    public bool HasEgress { get; init; }

    /// <summary>The namespace of the Lease that breaks a tie between two halves of the nodes.</summary>
    public string EgressLeaseNamespace { get; init; } = "dynospace-node-agent";

    /// <summary>Whether nodes on a shared link send packets of fixed IPs without the tunnel.</summary>
    public bool HasNativeRouting { get; init; }

    /// <summary>The options of the dyno network; the name of the node is <see cref="Node"/>.</summary>
    internal DynoNetworkOptions Network { get; init; } = new() { Node = "", IsEnabled = false };

    /// <summary>Every option of an agent.</summary>
    public static OptionTable<AgentConfiguration> Table { get; } = new(
        new AgentConfiguration(),
        [
            .. Part(
                (AgentConfiguration all) => all.Cluster, (all, cluster) => all with { Cluster = cluster },
                ClusterConnection.Definitions),
            Option("node", TextOrNone("NAME"),
                (AgentConfiguration agent) => agent.Node, (agent, node) => agent with { Node = node },
                "the node that the agent runs on", "the name of the machine"),
            Option("healthPort", Port,
                (AgentConfiguration agent) => agent.HealthPort, (agent, port) => agent with { HealthPort = port },
                "the port of `/healthz`, `/readyz` and `/metrics`, on the node's addresses"),
            Option(PolicyPrefix + "enforce", Switch,
                (AgentConfiguration agent) => agent.EnforcePolicies,
                (agent, enforce) => agent with { EnforcePolicies = enforce },
                "whether NetworkPolicies of all namespaces are enforced on the node; `false` removes the rules of an "
                + "earlier run"),
            Option(EgressPrefix + "enabled", Switch,
                (AgentConfiguration agent) => agent.HasEgress, (agent, enabled) => agent with { HasEgress = enabled },
                "whether dynos of this node leave from the fixed IPs of their space, and this node is the gateway of "
                + "those that EgressGateways give it; `false` removes the rules of an earlier run"),
            Option(EgressPrefix + "leaseNamespace", HostName(63),
                (AgentConfiguration agent) => agent.EgressLeaseNamespace,
                (agent, name) => agent with { EgressLeaseNamespace = name },
                "the namespace of the Lease by which gateways decide where exactly half of the nodes hear each other"),
            Option(EgressPrefix + "nativeRouting", Switch,
                (AgentConfiguration agent) => agent.HasNativeRouting,
                (agent, native) => agent with { HasNativeRouting = native },
                "whether nodes that share a link send TCP and UDP of fixed IPs to the gateway, and replies back, "
                + "without the tunnel; their network must let a node send from addresses that are not its own"),
            Option(PolicyPrefix + "closedRanges", Ranges,
                (AgentConfiguration agent) => agent.ClosedRanges,
                (agent, ranges) => agent with { ClosedRanges = ranges },
                "ranges that only pods have addresses of: there an address that no pod is known to have neither sends "
                + "nor receives through the node, so that a pod's first packet finds its policies"),
            Option(PolicyPrefix + "besideOthers", Switch,
                (AgentConfiguration agent) => agent.BesideOthers,
                (agent, beside) => agent with { BesideOthers = beside },
                "whether to enforce beside a network that seems to enforce policies itself"),
            Option(PolicyPrefix + "compareEvery", Duration(TimeSpan.FromHours(1)),
                (AgentConfiguration agent) => agent.CompareEvery,
                (agent, interval) => agent with { CompareEvery = interval },
                "how often the rules are compared with the kernel's, besides whenever another program changes them"),
            .. Part(
                (AgentConfiguration all) => all.Network, (all, network) => all with { Network = network },
                NetworkDefinitions),
        ]);

    private static IReadOnlyList<OptionDefinition<DynoNetworkOptions>> NetworkDefinitions =>
    [
        Option(NetworkPrefix + "enabled", Switch,
            (DynoNetworkOptions network) => network.IsEnabled,
            (network, enabled) => network with { IsEnabled = enabled },
            "whether pods of the node have their network from the agent, each in a /30 of its own; `false` takes the "
            + "network of an earlier run away"),
        Option(NetworkPrefix + "range", Text("CIDR"),
            (DynoNetworkOptions network) => network.Range.ToString(),
            (network, range) => network with { Range = ReadRange("range", range) },
            "what nodes cut their blocks out of; nothing else may have addresses there"),
        Option(NetworkPrefix + "range6", TextOrNone("CIDR"),
            (DynoNetworkOptions network) => network.Range6?.ToString(),
            (network, range) => network with { Range6 = range is null ? null : ReadRange6(range) },
            "the network of dynos' IPv6 addresses, of up to 96 bits: their last 32 bits are an address of the block; "
            + "nothing else may have addresses there. With `fromPodRange` the node's IPv6 pod range comes first",
            "IPv4 alone"),
        Option(NetworkPrefix + "blockPrefix", Integer(LongestBlock, NodeBlock.SlotPrefix),
            (DynoNetworkOptions network) => network.BlockPrefix,
            (network, prefix) => network with { BlockPrefix = prefix },
            "the length of the prefix of a node's block: 23 has room for 128 pods, and the kubelet runs up to 110"),
        Option(NetworkPrefix + "fromPodRange", Switch,
            (DynoNetworkOptions network) => network.FromPodRange,
            (network, fromPodRange) => network with { FromPodRange = fromPodRange },
            "whether the block is the pod range that the cluster gave the node (`spec.podCIDRs`)"),
        Option(NetworkPrefix + "mtu", Integer(0, ushort.MaxValue),
            (DynoNetworkOptions network) => network.Mtu ?? 0,
            (network, mtu) => network with { Mtu = mtu == 0 ? null : mtu },
            "the largest packet of a dyno; 0 for that of the node, less 50 where there may be a tunnel"),
        Option(NetworkPrefix + "tunnel", Switch,
            (DynoNetworkOptions network) => network.HasTunnel,
            (network, tunnel) => network with { HasTunnel = tunnel },
            "whether nodes behind a router are reached by VXLAN"),
        Option(NetworkPrefix + "tunnelPort", Port,
            (DynoNetworkOptions network) => network.TunnelPort,
            (network, port) => network with { TunnelPort = port },
            "the UDP port of VXLAN between nodes"),
        Option(NetworkPrefix + "configurationFolder", Text("FOLDER"),
            (DynoNetworkOptions network) => network.ConfigurationFolder,
            (network, folder) => network with { ConfigurationFolder = folder },
            "the folder of the node's CNI configurations"),
        Option(NetworkPrefix + "pluginFolder", Text("FOLDER"),
            (DynoNetworkOptions network) => network.PluginFolder,
            (network, folder) => network with { PluginFolder = folder },
            "the folder of the node's CNI plugins"),
        Option(NetworkPrefix + "stateFolder", Text("FOLDER"),
            (DynoNetworkOptions network) => network.ReservationFolder,
            (network, folder) => network with { ReservationFolder = folder },
            "where the plugins note which address is taken; empty after a reboot, as the node is"),
    ];

    private static AddressRange ReadRange6(string text) =>
        !AddressRange.TryParse(text, out var range, out var problem)
            ? throw new OptionException($"{NetworkPrefix}range6: '{text}' {problem}.")
            : range.Family == AddressFamily.InterNetworkV6 && range.PrefixLength <= LongestRange6
                ? range
                : throw new OptionException(
                    $"{NetworkPrefix}range6: '{text}' is not a range of IPv6 addresses of a prefix of up to "
                    + $"{LongestRange6}.");

    /// <summary>Reads a range of IPv4 addresses.</summary>
    /// <exception cref="OptionException">The text is not a range of IPv4 addresses.</exception>
    private static AddressRange ReadRange(string option, string text)
    {
        if (!AddressRange.TryParse(text, out var range, out var problem))
        {
            throw new OptionException($"{NetworkPrefix}{option}: '{text}' {problem}.");
        }

        return range.Family == AddressFamily.InterNetwork
            ? range
            : throw new OptionException($"{NetworkPrefix}{option}: '{text}' is not a range of IPv4 addresses.");
    }
}
