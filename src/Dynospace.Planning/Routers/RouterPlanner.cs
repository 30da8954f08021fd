using Dynospace.Api.Spaces;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using k8s;
using k8s.Models;

namespace Dynospace.Planning.Routers;

/// <summary>Decides which routers there are and what they are made of.</summary>
public static class RouterPlanner
{
    /// <summary>
    /// The routers of a Private or Shield space: the public one always, the internal one while an app has internal routing. A Common space
    /// has none, and lets the shared one read what it must know of its apps.
    /// </summary>
    public static RouterPlan PlanSpace(Space space, IReadOnlyList<RoutedApp> apps, ClusterFacts cluster, PlatformOptions options)
    {
        if (options.Router.Provider != RouterProvider.Builtin)
        {
            return RouterPlan.None;
        }

        var name = space.Metadata.Name;
        if (space.Spec.Runtime == SpaceRuntime.Common)
        {
            return new() { Fences = [.. RouterRights.InSpace(RouterIdentity.Shared, name, SecretsOf(apps, RouterListener.Public), options)] };
        }

        List<RouterIdentity> routers = [new(RouterListener.Public, name)];
        if (apps.Any(app => app.InternalRouting))
        {
            routers.Add(new(RouterListener.Internal, name));
        }

        return new()
        {
            Routers = routers,
            Fences = [.. routers.SelectMany(router => Fences(router, space, apps, cluster, options))],
            Workloads = [.. routers.SelectMany(router => Workloads(router, space, options))],
        };
    }

    /// <summary>The router that all Common spaces share, while there is one.</summary>
    public static RouterPlan PlanShared(bool hasCommonSpaces, ClusterFacts cluster, PlatformOptions options)
    {
        var router = RouterIdentity.Shared;
        return !hasCommonSpaces || options.Router.Provider != RouterProvider.Builtin
            ? RouterPlan.None
            : new()
            {
                Routers = [router],
                Fences = [RouterPolicyBuilder.Build(router, null, cluster, options), .. RouterRights.OfRouter(router, options)],
                Workloads = [.. Workloads(router, null, options)],
            };
    }

    private static IEnumerable<IKubernetesObject<V1ObjectMeta>> Fences(
        RouterIdentity router, Space space, IReadOnlyList<RoutedApp> apps, ClusterFacts cluster, PlatformOptions options) =>
    [
        RouterPolicyBuilder.Build(router, space, cluster, options),
        .. RouterRights.OfRouter(router, options),
        .. RouterRights.InSpace(router, space.Metadata.Name, SecretsOf(apps, router.Listener), options),
    ];

    private static IEnumerable<IKubernetesObject<V1ObjectMeta>> Workloads(RouterIdentity router, Space? space, PlatformOptions options) =>
    [
        RouterServiceBuilder.Build(router, space, options),
        RouterDeploymentBuilder.Budget(router, options),
        RouterDeploymentBuilder.Build(router, space, options),
    ];

    /// <summary>A router reads the certificates of the apps that it serves and no others.</summary>
    private static IReadOnlyList<string> SecretsOf(IReadOnlyList<RoutedApp> apps, RouterListener listener) =>
    [
        .. apps.Where(app => app.InternalRouting == (listener == RouterListener.Internal)).SelectMany(app => app.TlsSecrets)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];
}
