using System.Collections.Concurrent;
using Dynospace.DevCluster;
using Dynospace.DevCluster.ControlPlane;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Clusters.StandIn;

namespace Dynospace.EndToEnd.Tests.Enforcement;

/// <summary>
/// A dev cluster without nodes of its own, whose one node does not say that it simulates: to the operator it is a cluster with packets,
/// and what its network lets through is the test's to say.
/// </summary>
internal sealed class StandInTestCluster : ITestCluster
{
    /// <summary>The probe's exit code on a network that enforces.</summary>
    public const int Enforces = 0;

    /// <summary>The probe's exit code on a network that lets everything through.</summary>
    public const int LetsThrough = 13;

    private readonly DevClusterServer _server;
    private readonly ApiClient _api;
    private readonly ConcurrentDictionary<string, int?> _networks = new();
    private StandInKubelet? _kubelet;

    private StandInTestCluster(DevClusterServer server) => (_server, _api) = (server, new ApiClient(Kubeconfigs.Read(server.Kubeconfig())));

    public string Kubeconfig => _server.Kubeconfig();

    public ClusterTraits Traits { get; } = new() { Name = "a dev cluster with a stand-in node", Workloads = new SimulatedWorkloads() };

    public static async Task<StandInTestCluster> StartAsync(CancellationToken cancellationToken)
    {
        var options = new DevClusterOptions { ControlPlane = new ControlPlaneOptions { Nodes = 0 } };
        var cluster = new StandInTestCluster(await DevClusterServer.StartAsync(options, cancellationToken));
        cluster._kubelet = await StandInKubelet.StartAsync(
            cluster._api, schedules: false, cancellationToken, space => cluster._networks.GetValueOrDefault(space, Enforces));
        return cluster;
    }

    /// <summary>How probes in a space end from now on; null lets them run on.</summary>
    public void SetNetwork(string space, int? exitCode) => _networks[space] = exitCode;

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
