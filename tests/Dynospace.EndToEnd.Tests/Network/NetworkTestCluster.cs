using DevCluster.Network;
using DevCluster.Simulator;
using DevCluster.Simulator.Controllers;
using Dynospace.Api;
using Dynospace.Cli.Network;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Isolation;
using Dynospace.Planning.Options;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.EndToEnd.Tests.Network;

/// <summary>
/// The cluster of <c>dynospace dev --network</c>: pods run in network namespaces, and an agent on each node enforces
/// policies, or none does.
/// </summary>
internal sealed class NetworkTestCluster : ITestCluster
{
    /// <summary>The ports that the pages name at nodes, besides the kubelet's.</summary>
    private static readonly int[] NodePorts = [22, 443, 10250];

    private readonly DevNetwork _network;

    private NetworkTestCluster(DevNetwork network) => _network = network;

    public string Kubeconfig => _network.Cluster.Server.Kubeconfig();

    /// <summary>The nodes, pods and places.</summary>
    public NetworkCluster Network => _network.Cluster;

    public ClusterTraits Traits { get; } = new()
    {
        Name = "the dev cluster with a network",
        Workloads = new NetworkWorkloads(),
        RunsPods = true,
        RunsRouters = true,
        RouterImage = RouterOptions.DefaultImage,
        Patience = TimeSpan.FromMinutes(3),
    };

    /// <summary>The places outside.</summary>
    public IReadOnlyList<Place> Places =>
    [
        .. DevNetwork.Places.Select(place => new Place(
            place.Name,
            place.Addresses[0],
            ["ip", "netns", "exec", Network.Place(place.Name).Name, "busybox", "sh", "-c"])),
    ];

    /// <summary>Why packets cannot be tried here; null when they can.</summary>
    public static string? Missing { get; } = FindMissing();

    public static async Task<NetworkTestCluster> StartAsync(
        bool enforces, bool usesPlugins, CancellationToken cancellationToken)
    {
        var log = Environment.GetEnvironmentVariable("DYNOSPACE_TEST_AGENT_LOG");
        var network = await DevNetwork.StartAsync(
            new DevClusterOptions
            {
                ControlPlane = new ControlPlaneOptions
                {
                    Region = "oregon",
                    NodeLabels = new Dictionary<string, string> { [Labels.EgressGateway] = "true" },
                },
            },
            new DevNetworkOptions(Nodes: 2, enforces, log)
            {
                NodePorts = NodePorts,
                UsesPlugins = usesPlugins,
            },
            TimeProvider.System,
            NullLoggerFactory.Instance,
            cancellationToken);
        return new NetworkTestCluster(network);
    }

    public ValueTask DisposeAsync() => _network.DisposeAsync();

    private static string? FindMissing() => NetworkCluster.Obstacle() is { } obstacle
        ? $"Packets are not tried: {obstacle}."
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, "busybox")))
            ? null
            : "Packets are not tried: the scripts that dial need busybox; install the package busybox-static.";
}
