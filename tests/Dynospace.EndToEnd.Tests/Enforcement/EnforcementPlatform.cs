using System.Collections.Concurrent;
using DevCluster.Testing.RealApiServer;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Options;

namespace Dynospace.EndToEnd.Tests.Enforcement;

/// <summary>
/// A cluster of these tests' own, whose node is played and whose network is what the test says; its operator holds
/// trials and starts dynos only where they succeed.
/// </summary>
public sealed class EnforcementPlatform : Platform
{
    /// <summary>The probe's exit code on a network that enforces.</summary>
    public const int Enforces = 0;

    /// <summary>The probe's exit code on a network that lets everything through.</summary>
    public const int LetsThrough = 13;

    private readonly ConcurrentDictionary<string, int?> _networks = new();

    /// <summary>How probes in a space end from now on; null lets them run on.</summary>
    internal void SetNetwork(string space, int? exitCode) => _networks[space] = exitCode;

    private protected override async Task<ITestCluster> StartClusterAsync(CancellationToken cancellationToken) =>
        RealApiServerBinaries.Find() is null
            ? await StandInTestCluster.StartAsync(NetworkOf, cancellationToken)
            : await AssetsTestCluster.StartAsync(cancellationToken, NetworkOf);

    private protected override PlatformOptions Adjust(PlatformOptions options) =>
        options with
        {
            Isolation = options.Isolation with { TrialInterval = TimeSpan.FromHours(1), IsProofRequired = true },
        };

    private int? NetworkOf(string space) => _networks.GetValueOrDefault(space, Enforces);
}
