using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning;

namespace Dynospace.EndToEnd.Tests.Enforcement;

/// <summary>A cluster of these tests' own, whose operator holds trials and starts dynos only where they succeed.</summary>
public sealed class EnforcementPlatform : Platform
{
    internal void SetNetwork(string space, int? exitCode) => ((StandInTestCluster)Cluster).SetNetwork(space, exitCode);

    private protected override async Task<ITestCluster> StartClusterAsync(CancellationToken cancellationToken) =>
        await StandInTestCluster.StartAsync(cancellationToken);

    private protected override PlatformOptions Adjust(PlatformOptions options) =>
        options with { EnforcementInterval = TimeSpan.FromHours(1), RequireEnforcement = true };
}
