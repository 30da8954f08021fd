using System.Net;
using System.Text.Json.Nodes;
using DevCluster.Network;
using DevCluster.Network.Kernel;
using DevCluster.Network.Programs;
using DevCluster.Network.Wiring;
using DevCluster.Simulator;
using DevCluster.Simulator.Controllers;
using DevCluster.Simulator.Runtime;
using Dynospace.Api;
using Dynospace.Planning.Pods;
using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Network;

/// <summary>Options of a dev cluster with a network.</summary>
/// <param name="Nodes">The number of nodes.</param>
/// <param name="EnforcesPolicies">Whether the node agent enforces NetworkPolicies.</param>
/// <param name="AgentLog">Where the agents' logs go; null for nowhere.</param>
public sealed record DevNetworkOptions(int Nodes, bool EnforcesPolicies, string? AgentLog)
{
    /// <summary>TCP ports on which nodes answer by themselves.</summary>
    public IReadOnlyList<int> NodePorts { get; init; } = [10250];

    /// <summary>Whether CNI plugins make the links of pods where this machine has them; else netlink does.</summary>
    public bool UsesPlugins { get; init; } = true;
}

/// <summary>
/// The cluster of <c>dynospace dev --network</c>: pods and nodes in network namespaces, routers in pods, an agent on
/// each node, and the world outside.
/// </summary>
internal sealed class DevNetwork : IAsyncDisposable
{
    /// <summary>
    /// A place that may send web requests to the sample's Private space; requests of this machine come from there.
    /// </summary>
    public const string Client = "client";

    public const string Internet = "internet";
    public const string PeerNetwork = "peer network";

    /// <summary>
    /// The beginning of the network of the samples' fixed IPs: gateways answer for addresses of it. Its last addresses
    /// are those of router and nodes.
    /// </summary>
    public static readonly IPNetwork PublicNetwork = IPNetwork.Parse("203.0.113.0/26");

    /// <summary>Of a node's pods: the longest that a NodeNetwork may have, room for a thousand.</summary>
    private const int BlockPrefix = 20;

    /// <summary>Here the gate is a .NET process, in its image a small native one.</summary>
    private const long GateMemory = 112 * 1024 * 1024;

    /// <summary>Where the dyno's container has the recorder.</summary>
    private const string RecorderProgram = "/.dynospace/recorder";

    /// <summary>The program, as an assembly beside others.</summary>
    private const string Assembly = "dynospace";

    private static readonly string[] ShownLabels = [Labels.Space, Labels.App, Labels.Dyno, Labels.Release];

    private readonly NodeAgents? _agents;

    private DevNetwork(NetworkCluster cluster, NodeAgents? agents) => (Cluster, _agents) = (cluster, agents);

    /// <summary>
    /// The places outside, with the addresses and ports of the published isolation matrices.
    /// </summary>
    public static IReadOnlyList<OutsidePlace> Places { get; } =
    [
        new(Internet, ["203.0.113.99"], [80, 443], [443]),
        new("internet, elsewhere", ["192.0.2.9"], [80, 443], []),
        new(Client, ["198.51.100.7"], [80, 443], []),
        new(PeerNetwork, ["10.40.0.7"], [22, 80, 443], []),
        new("network beside the peer", ["10.41.0.7"], [22, 443], []),
        new("data service", ["10.60.0.4"], [22, 5432], []),
        new("another tenant", ["192.168.1.1"], [80, 443], []),
        new("metadata", ["169.254.169.254"], [80], []),
        new("egress gate", ["169.254.77.77"], [80], []),
        new("internet, IPv6", ["2606:4700::1111"], [80, 443], [443]),
        new("private network, IPv6", ["fd12::1"], [80, 443], []),
        new("metadata, IPv6", ["fd00:ec2::254"], [80], []),
        // What a translator of IPv6 to IPv4 would reach.
        new("through NAT64", ["64:ff9b::cb00:7163"], [443], []),
        new("private network through NAT64", ["64:ff9b::c0a8:101"], [443], []),
        new("metadata through NAT64", ["64:ff9b::a9fe:a9fe"], [80], []),
    ];

    public NetworkCluster Cluster { get; }

    /// <exception cref="NetworkException">The network cannot be made.</exception>
    /// <exception cref="IOException">The port of the API server is taken.</exception>
    public static async Task<DevNetwork> StartAsync(
        DevClusterOptions server,
        DevNetworkOptions options,
        TimeProvider clock,
        ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        var host = ProgramHost.FromAssembly(Assembly);
        StandInPrograms? all = null;
        var programs = all = new StandInPrograms(host, ["devcluster.dev/run", "dev.dynospace.dev/run"], ShownLabels)
        {
            First = start => RouterOf(start, host) ?? GateOf(start, host) ?? RecorderOf(start, host, all!),
        };
        var agents = options.EnforcesPolicies
            ? new NodeAgents(host, options.AgentLog, clock, loggers.CreateLogger<NodeAgents>())
            : null;
        var nodes = (server.ControlPlane ?? new ControlPlaneOptions()) with
        {
            Nodes = options.Nodes,
            PodRangePrefix = BlockPrefix,
            SecondFamily = SecondFamily.Local,
        };
        var cluster = await NetworkCluster.StartAsync(
            server with { ControlPlane = nodes },
            new NetworkOptions
            {
                Places = Places,
                PublicNetwork = PublicNetwork,
                Programs = programs,
                NodePorts = options.NodePorts,
                UsesPlugins = options.UsesPlugins,
                NodeAdded = agents is null ? null : agents.StartAsync,
                Started = started => agents?.Connect(started),
            },
            clock,
            loggers,
            cancellationToken);
        return new DevNetwork(cluster, agents);
    }

    public async ValueTask DisposeAsync()
    {
        if (_agents is not null)
        {
            await _agents.DisposeAsync();
        }

        await Cluster.DisposeAsync();
    }

    /// <summary>The init container of a dyno with fixed IPs runs this very program, too.</summary>
    private static PodProgram? GateOf(ContainerStart start, ProgramHost host)
    {
        if ((string?)start.Spec["name"] != ContainerNames.Gate
            || start.Pod["metadata"]?["labels"]?[Labels.Dyno] is null)
        {
            return null;
        }

        return host.Run([HiddenCommands.Gate, .. ArgumentsOf(start)]) with { ExtraMemory = GateMemory };
    }

    /// <summary>
    /// The recorder of a run and the keeper of its record run this very program. The recorded process is the program
    /// that would run without them.
    /// </summary>
    private static PodProgram? RecorderOf(ContainerStart start, ProgramHost host, StandInPrograms programs)
    {
        if (start.Pod["metadata"]?["labels"]?[Labels.Dyno] is null)
        {
            return null;
        }

        switch ((string?)start.Spec["name"])
        {
            case ContainerNames.RecorderSetup:
                return PodProgram.OfSystem("true");
            case ContainerNames.Recorder:
                return host.Run([HiddenCommands.Recorder, .. ArgumentsOf(start)]) with { ExtraMemory = GateMemory };
        }

        if (start.Spec["command"]?.AsArray().Select(word => (string)word!)
            .ToList() is not [RecorderProgram, .. var words])
        {
            return null;
        }

        var spec = start.Spec.DeepClone().AsObject();
        spec["command"] = new JsonArray([.. words.SkipWhile(word => word != "--").Skip(1)
            .Select(word => JsonValue.Create(word))]);
        var recorded = programs.Choose(start with { Spec = spec }, "");
        var recorder = host.Run(
            [HiddenCommands.Recorder, .. words.TakeWhile(word => word != "--"), "--", .. recorded.Command]);
        return recorder with
        {
            ExtraMemory = recorded.ExtraMemory + GateMemory,
            Folders = new Dictionary<string, string>(
                recorder.Folders.UnionBy(recorded.Folders, folder => folder.Key)),
            Environment = new Dictionary<string, string>(
                recorded.Environment.UnionBy(recorder.Environment, variable => variable.Key)),
        };
    }

    /// <summary>A router's container runs this very program.</summary>
    private static PodProgram? RouterOf(ContainerStart start, ProgramHost host)
    {
        var labels = start.Pod["metadata"]?["labels"];
        var isRouter = (string?)start.Spec["name"] == "router"
            && (string?)labels?[Labels.Component] is ComponentValues.RouterPublic or ComponentValues.RouterInternal
            && (string?)labels[Labels.ManagedBy] == Labels.ManagedByValue;
        return isRouter ? host.Run([HiddenCommands.Router, .. ArgumentsOf(start)]) : null;
    }

    private static IEnumerable<string> ArgumentsOf(ContainerStart start) =>
        (start.Spec["args"]?.AsArray() ?? []).Select(word => (string)word!);
}
