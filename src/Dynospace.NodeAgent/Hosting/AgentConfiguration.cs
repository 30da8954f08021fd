using Dynospace.Hosting;
using Dynospace.Hosting.Options;
using static Dynospace.Hosting.Options.OptionFormats;
using static Dynospace.Hosting.Options.OptionTable;

namespace Dynospace.NodeAgent.Hosting;

/// <summary>The options of an agent's command line and environment.</summary>
public sealed record AgentConfiguration
{
    /// <summary>What the names of the options of the part that enforces policies begin with.</summary>
    public const string PolicyPrefix = "policies.";

    /// <summary>How to reach the API server.</summary>
    public ClusterConnection Cluster { get; init; } = new();

    /// <summary>The node that the agent runs on; null for the name of the machine.</summary>
    public string? Node { get; init; }

    /// <summary>The port of health and metrics.</summary>
    public int HealthPort { get; init; } = 9870;

    /// <summary>Whether NetworkPolicies are enforced.</summary>
    public bool EnforcePolicies { get; init; }

    /// <summary>Where an address that no known pod has passes nothing.</summary>
    public IReadOnlyList<string> ClosedRanges { get; init; } = [];

    /// <summary>Whether to enforce beside a network that enforces policies itself.</summary>
    public bool BesideOthers { get; init; }

    /// <summary>How often the rules are compared with the kernel's without a cause.</summary>
    public TimeSpan CompareEvery { get; init; } = TimeSpan.FromMinutes(5);

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
        ]);
}
