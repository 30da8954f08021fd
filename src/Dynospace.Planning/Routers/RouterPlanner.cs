// Routers: plans the routers of spaces and the shared one of Common spaces, and evaluates their state.

using Dynospace.Api.Spaces;
using Dynospace.Planning.Components;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Routers;

/// <summary>Decides which routers exist, and plans their parts.</summary>
public static class RouterPlanner
{
    /// <summary>
    /// The routers of a Private or Shield space: always the public one, and the internal one while an app has internal
    /// routing. A Common space has none; its plan only gives the shared router read access to its apps.
    /// </summary>
    public static RouterPlan PlanSpace(
        Space space, IReadOnlyList<RoutedApp> apps, ClusterFacts cluster, PlatformOptions options)
    {
        if (options.Router.Provider != RouterProvider.Builtin)
        {
            return RouterPlan.None;
        }

        var name = space.Metadata.Name;
        if (space.Spec.Runtime == SpaceRuntime.Common)
        {
            var rights = RouterRights.InSpace(
                RouterIdentity.Shared, name, SecretsOf(apps, RouterListener.Public), options);
            return RouterPlan.FromComponents([], [new() { Prerequisites = [.. rights] }]);
        }

        List<RouterIdentity> routers = [new(RouterListener.Public, name)];
        if (apps.Any(app => app.InternalRouting))
        {
            routers.Add(new(RouterListener.Internal, name));
        }

        return RouterPlan.FromComponents(
            routers, [.. routers.Select(router => Component(router, space, apps, cluster, options))]);
    }

    /// <summary>The router that all Common spaces share, while there is a Common space.</summary>
    public static RouterPlan PlanShared(bool hasCommonSpaces, ClusterFacts cluster, PlatformOptions options)
    {
        var router = RouterIdentity.Shared;
        return !hasCommonSpaces || options.Router.Provider != RouterProvider.Builtin
            ? RouterPlan.None
            : RouterPlan.FromComponents([router], [Component(router, null, [], cluster, options)]);
    }

    private static SystemComponent Component(
        RouterIdentity router,
        Space? space,
        IReadOnlyList<RoutedApp> apps,
        ClusterFacts cluster,
        PlatformOptions options) =>
        new()
        {
            Prerequisites =
            [
                RouterPolicyBuilder.Build(router, space, cluster, options),
                .. RouterRights.OfRouter(router, options),
                .. space is null
                    ? []
                    : RouterRights.InSpace(router, space.Metadata.Name, SecretsOf(apps, router.Listener), options),
            ],
            Workload =
            [
                RouterServiceBuilder.Build(router, space, cluster, options),
                RouterLines.ServiceOf(router, options),
                ComponentParts.Budget(router.Metadata(options), router.Selector()),
                RouterDeploymentBuilder.Build(router, space, options),
            ],
        };

    /// <summary>The Secrets of certificates that a router may read, only those of apps that it serves.</summary>
    private static IReadOnlyList<string> SecretsOf(IReadOnlyList<RoutedApp> apps, RouterListener listener) =>
    [
        .. apps.Where(app => app.InternalRouting == (listener == RouterListener.Internal))
            .SelectMany(app => app.TlsSecrets)
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];
}
