using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Isolation;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Options;

namespace Dynospace.EndToEnd.Tests.Network;

/// <summary>The product on a dev cluster with a network, whose nodes' agents enforce policies.</summary>
public sealed class NetworkPlatform : Platform
{
    internal NetworkTestCluster Network => (NetworkTestCluster)Cluster;

    private protected override string? Missing => NetworkTestCluster.Missing;

    private protected override async Task<ITestCluster> StartClusterAsync(CancellationToken cancellationToken)
    {
        var cluster = await NetworkTestCluster.StartAsync(enforces: true, cancellationToken);
        Places.Use(cluster.Places);
        return cluster;
    }

    // One pod of each router is enough to try packets, and each is a process.
    private protected override PlatformOptions Adjust(PlatformOptions options) =>
        options with { Router = options.Router with { SharedReplicas = 1 } };
}

/// <summary>Tests of packets run after all others and one by one: they share one cluster, and the machine.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Packets : ICollectionFixture<NetworkPlatform>
{
    public const string Name = "packets";
}
