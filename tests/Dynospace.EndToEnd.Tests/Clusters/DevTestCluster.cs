using DevCluster.Simulator;
using DevCluster.Simulator.Controllers;
using Dynospace.Api;

namespace Dynospace.EndToEnd.Tests.Clusters;

/// <summary>The dev cluster, in this process.</summary>
internal sealed class DevTestCluster : ITestCluster
{
    private readonly DevClusterServer _server;

    private DevTestCluster(DevClusterServer server) => _server = server;

    /// <summary>For what only simulated nodes can do.</summary>
    public DevClusterServer Server => _server;

    public string Kubeconfig => _server.Kubeconfig();

    public ClusterTraits Traits { get; } = new()
    {
        Name = "the dev cluster",
        Workloads = new SimulatedWorkloads(),
        IsSimulated = true,
        RunsRouters = true,
    };

    public static async Task<DevTestCluster> StartAsync(CancellationToken cancellationToken, int nodes = 1) =>
        new(await DevClusterServer.StartAsync(
            new DevClusterOptions
            {
                ControlPlane = new ControlPlaneOptions
                {
                    Nodes = nodes,
                    Region = "oregon",
                    NodeLabels = new Dictionary<string, string> { [Labels.Simulated] = "true" },
                },
            },
            cancellationToken));

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
