using Dynospace.Testing.RealApiServer;

namespace Dynospace.Benchmarks.Servers;

/// <summary>A real API server that the environment names, or whose programs it names.</summary>
internal sealed class RealServer(RealCluster cluster) : IBenchmarkServer
{
    public string Description =>
        cluster.IsApiServerOnly ? "kube-apiserver and etcd without nodes" : "the cluster of KUBECONFIG_REAL";

    public string KubeconfigFile => cluster.KubeconfigFile;

    public TimeSpan? ProcessorTime => null;

    /// <summary>No cluster at hand is sure to run a thousand pods: they are counted when they exist.</summary>
    public bool RunsPods => false;

    public static async Task<RealServer> StartAsync(CancellationToken cancellationToken) =>
        new(await RealCluster.StartAsync(cancellationToken)
            ?? throw new InvalidOperationException(RealCluster.SkipReason));

    public ValueTask DisposeAsync() => cluster.DisposeAsync();
}
