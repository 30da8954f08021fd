using DevCluster.Simulator;
using DevCluster.Simulator.Controllers;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Clusters.StandIn;

namespace Dynospace.EndToEnd.Tests.Enforcement;

/// <summary>
/// A dev cluster without nodes of its own, whose one node does not say that it simulates: to the operator it is a
/// cluster with packets, and what its network lets through is the test's to say.
/// </summary>
internal sealed class StandInTestCluster : ITestCluster
{
    private readonly DevClusterServer _server;
    private readonly ApiClient _api;
    private StandInKubelet? _kubelet;

    private StandInTestCluster(DevClusterServer server) =>
        (_server, _api) = (server, new ApiClient(Kubeconfigs.Read(server.Kubeconfig())));

    public string Kubeconfig => _server.Kubeconfig();

    public ClusterTraits Traits { get; } = new()
    {
        Name = "a dev cluster with a stand-in node",
        Workloads = new SimulatedWorkloads(),
    };

    /// <param name="probe">With which exit code the probe of a trial ends in a namespace.</param>
    public static async Task<StandInTestCluster> StartAsync(
        Func<string, int?> probe, CancellationToken cancellationToken)
    {
        var options = new DevClusterOptions { ControlPlane = new ControlPlaneOptions { Nodes = 0 } };
        var cluster = new StandInTestCluster(await DevClusterServer.StartAsync(options, cancellationToken));
        cluster._kubelet = await StandInKubelet.StartAsync(cluster._api, schedules: false, cancellationToken, probe);
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        if (_kubelet is not null)
        {
            await _kubelet.DisposeAsync();
        }

        _api.Dispose();
        await _server.DisposeAsync();
    }
}
