namespace Dynospace.EndToEnd.Tests.Clusters;

/// <summary>A cluster that the product is tested on.</summary>
internal interface ITestCluster : IAsyncDisposable
{
    /// <summary>A kubeconfig of an administrator, as text.</summary>
    string Kubeconfig { get; }

    ClusterTraits Traits { get; }
}
