using DevCluster.Testing.RealApiServer;
using Dynospace.Benchmarks.Processes;

namespace Dynospace.Benchmarks.Servers;

/// <summary>
/// A real API server that the environment names, or whose programs it names. The latter has no node, so a simulated one
/// stands beside it, and kube-controller-manager where it is among the programs.
/// </summary>
internal sealed class RealServer : IBenchmarkServer
{
    /// <summary>Those that make routers and their addresses, and take away what is deleted.</summary>
    private const string Controllers =
        "deployment-controller,replicaset-controller,endpointslice-controller,garbage-collector-controller,"
        + "namespace-controller";

    private readonly RealCluster _cluster;
    private ChildProcess? _node;

    private RealServer(RealCluster cluster) => _cluster = cluster;

    public string Description => !_cluster.IsApiServerOnly ? "the cluster of KUBECONFIG_REAL"
        : HasControllers ? "kube-apiserver, etcd and kube-controller-manager with a simulated node"
        : "kube-apiserver and etcd with a simulated node";

    public string KubeconfigFile => _cluster.KubeconfigFile;

    public TimeSpan? ProcessorTime => null;

    /// <summary>A given cluster may not run a thousand pods: there they are counted when they exist.</summary>
    public bool RunsPods => _node is not null;

    public bool HasControllers { get; private set; }

    public static async Task<RealServer> StartAsync(CancellationToken cancellationToken)
    {
        var server = new RealServer(await RealCluster.StartAsync(cancellationToken)
            ?? throw new InvalidOperationException(RealCluster.SkipReason));
        if (server._cluster.IsApiServerOnly)
        {
            server.HasControllers = server._cluster.TryStart(
                "kube-controller-manager",
                $"--controllers={Controllers}",
                "--kube-api-qps=1000",
                "--kube-api-burst=1000");
            server._node = await SimulatedNode.StartAsync(server.KubeconfigFile, cancellationToken);
        }

        return server;
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }

        await _cluster.DisposeAsync();
    }
}
