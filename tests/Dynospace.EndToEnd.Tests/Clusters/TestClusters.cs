using DevCluster.Testing.RealApiServer;

namespace Dynospace.EndToEnd.Tests.Clusters;

/// <summary>Chooses the cluster by the environment.</summary>
internal static class TestClusters
{
    public static async Task<ITestCluster> StartAsync(CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable("KUBECONFIG_REAL") is { Length: > 0 } kubeconfig)
        {
            return await GivenTestCluster.OpenAsync(kubeconfig, cancellationToken);
        }

        return await StartOwnAsync(cancellationToken);
    }

    /// <summary>One that nobody else uses.</summary>
    public static async Task<ITestCluster> StartOwnAsync(CancellationToken cancellationToken) =>
        RealApiServerBinaries.Find() is not null
            ? await AssetsTestCluster.StartAsync(cancellationToken)
            : await DevTestCluster.StartAsync(cancellationToken);
}
