using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Components;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;
using Dynospace.Runtime;

namespace Dynospace.Controllers.Routers;

/// <summary>Gathers from the caches what is known of routers.</summary>
public sealed class RouterObserver(ClusterCaches caches, PlatformOptions options)
{
    /// <summary>What distinguishes pods of routers from others in the system namespace.</summary>
    private static readonly string[] Components = [ComponentValues.RouterPublic, ComponentValues.RouterInternal];

    /// <summary>As long as there is one, including one that is being deleted, the shared router serves it.</summary>
    public bool HasCommonSpaces => caches.Spaces.Store.List().Any(space => space.Spec.Runtime == SpaceRuntime.Common);

    public static bool IsRouter(IReadOnlyDictionary<string, string> labels) =>
        Components.Contains(labels.GetValueOrDefault(Labels.Component));

    /// <summary>The routers that serve a space.</summary>
    public IReadOnlyList<RouterState> RoutersOf(Space space)
    {
        var name = space.Metadata.Name;
        return space.Spec.Runtime == SpaceRuntime.Common
            ? [StateOf(RouterIdentity.Shared)]
            :
            [
                .. new[]
                {
                    RouterListener.Public,
                    RouterListener.Internal,
                }.Select(listener => StateOf(new(listener, name))).Where(state => state.Exists),
            ];
    }

    public IReadOnlyList<RoutedApp> AppsOf(string ns) =>
        [.. caches.Apps.Store.ByIndex(Indexes.Namespace, ns).Where(app => app.Metadata.DeletionTimestamp is null)
            .Select(RoutedApp.FromApp).OrderBy(app => app.Name, StringComparer.Ordinal)];

    /// <summary>The pods of a space's own routers and of its DNS that still exist.</summary>
    public int PodsOf(Space space) => caches.Pods.Store.ByIndex(Indexes.Namespace, options.Cluster.SystemNamespace)
        .Count(pod => (IsRouter(pod.Labels) || SpaceDnsObserver.IsDns(pod.Labels))
            && pod.Labels.GetValueOrDefault(Labels.Space) == space.Metadata.Name);

    private RouterState StateOf(RouterIdentity router)
    {
        var key = new ObjectKey(options.Cluster.SystemNamespace, router.Name);
        return caches.Components.FindDeployment(key) is { } deployment
            && caches.Services.Store.Get(key) is { } service
            && router.Matches(deployment.Live.Labels)
                ? new RouterState(router)
                {
                    Exists = true,
                    Desired = deployment.Desired,
                    Available = deployment.Available,
                    Trouble = deployment.Trouble,
                    AwaitsAddress = service.IsLoadBalancer && service.ExternalAddresses.Count == 0,
                    Addresses = service.IsLoadBalancer ? service.ExternalAddresses : service.ClusterAddresses,
                }
                : new RouterState(router)
                {
                    Obstacle = ComponentNames.ObstacleOf(caches, key, router.Matches, $"router {router.Name}"),
                };
    }
}
