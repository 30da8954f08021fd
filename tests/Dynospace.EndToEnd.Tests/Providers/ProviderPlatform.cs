using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Options;

namespace Dynospace.EndToEnd.Tests.Providers;

/// <summary>
/// A cluster of these tests' own, where kinds of other projects come and go. A real API server where there are programs
/// for one, but never one that is shared.
/// </summary>
public abstract class ForeignKindsPlatform : Platform
{
    private readonly HashSet<ProviderKind> _installed = [];

    /// <summary>Installs kinds that are not there.</summary>
    internal async Task InstallAsync(CancellationToken cancellationToken, params IEnumerable<ProviderKind> kinds)
    {
        foreach (var kind in kinds.Where(_installed.Add))
        {
            await ForeignDefinitions.InstallAsync(this, kind, cancellationToken);
        }
    }

    internal async Task RemoveAsync(ProviderKind kind, CancellationToken cancellationToken)
    {
        _installed.Remove(kind);
        await ForeignDefinitions.RemoveAsync(this, kind, cancellationToken);
    }

    private protected override async Task<ITestCluster> StartClusterAsync(CancellationToken cancellationToken) =>
        await TestClusters.StartOwnAsync(cancellationToken);
}

/// <summary>One whose operator makes routes for a gateway of the cluster; which one, a test may change.</summary>
public sealed class ProviderPlatform : ForeignKindsPlatform
{
    /// <summary>Whether routers must come to life, which they do on a dev cluster.</summary>
    internal bool NeedsRouters { get; init; }

    private protected override bool MakesRoutes => true;

    /// <summary>Ends the operator and starts one with other options.</summary>
    internal Task UseAsync(RouterProvider provider, RouterImplementation implementation) =>
        RestartOperatorAsync(options => With(options, provider, implementation));

    private protected override async Task<ITestCluster> StartClusterAsync(CancellationToken cancellationToken) =>
        NeedsRouters
            ? await DevTestCluster.StartAsync(cancellationToken)
            : await base.StartClusterAsync(cancellationToken);

    private protected override PlatformOptions Adjust(PlatformOptions options) =>
        With(options, RouterProvider.GatewayAPI, RouterImplementation.EnvoyGateway);

    private static PlatformOptions With(
        PlatformOptions options, RouterProvider provider, RouterImplementation implementation) => options with
        {
            Router = new()
            {
                Provider = provider,
                Implementation = implementation,
                PublicGateway = Gateway("public"),
                InternalGateway = Gateway("internal"),
            },
        };

    /// <summary>In a namespace that is there: an AuthorizationPolicy goes beside its Gateway.</summary>
    private static GatewayOptions Gateway(string name) => new()
    {
        Gateway = $"default/{name}",
        IngressClass = name,
        PodNamespace = "default",
        PodLabels = new Dictionary<string, string> { ["gateway"] = name },
    };
}
