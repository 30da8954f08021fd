using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Isolation;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Options;

namespace Dynospace.EndToEnd.Tests.Network;

/// <summary>The product on a dev cluster with a network of its own.</summary>
public abstract class PacketPlatform : Platform
{
    internal NetworkTestCluster Network => (NetworkTestCluster)Cluster;

    private protected override string? Missing => NetworkTestCluster.Missing;

    /// <summary>Whether agents on the nodes enforce policies.</summary>
    private protected virtual bool Enforces => true;

    /// <summary>Whether CNI plugins make the links of pods where this machine has them; else netlink does.</summary>
    private protected virtual bool UsesPlugins => true;

    private protected override async Task<ITestCluster> StartClusterAsync(CancellationToken cancellationToken) =>
        await NetworkTestCluster.StartAsync(Enforces, UsesPlugins, cancellationToken);
}

/// <summary>The cluster that most tests of packets share.</summary>
public sealed class NetworkPlatform : PacketPlatform
{
    private protected override async Task<ITestCluster> StartClusterAsync(CancellationToken cancellationToken)
    {
        var cluster = await base.StartClusterAsync(cancellationToken);
        Places.Use(((NetworkTestCluster)cluster).Places);
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
