using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;

namespace Dynospace.Controllers.Routers;

/// <summary>Gathers from the caches what is known of routers.</summary>
internal sealed class RouterObserver(ClusterCaches caches, PlatformOptions options)
{
    /// <summary>What makes pods of routers from those of others in the system namespace.</summary>
    private static readonly string[] Components = [ComponentValues.RouterPublic, ComponentValues.RouterInternal];

    /// <summary>While there is one, also one that is being deleted, the shared router serves it.</summary>
    public bool HasCommonSpaces => caches.Spaces.Store.List().Any(space => space.Spec.Runtime == SpaceRuntime.Common);

    /// <summary>The routers that serve a space.</summary>
    public IReadOnlyList<RouterState> RoutersOf(Space space)
    {
        var name = space.Metadata.Name;
        return space.Spec.Runtime == SpaceRuntime.Common
            ? [StateOf(RouterIdentity.Shared)]
            : [.. new[] { RouterListener.Public, RouterListener.Internal }.Select(listener => StateOf(new(listener, name))).Where(state => state.Exists)];
    }

    public IReadOnlyList<RoutedApp> AppsOf(string ns) =>
        [.. caches.Apps.Store.ByIndex(Indexes.Namespace, ns).Where(app => app.Metadata.DeletionTimestamp is null)
            .Select(RoutedApp.Of).OrderBy(app => app.Name, StringComparer.Ordinal)];

    /// <summary>Everything that an owner's routers are made of.</summary>
    public IReadOnlyList<LiveObject> PartsOf(string ownerUid) =>
    [
        .. caches.Routers.Deployments.Store.ByIndex(Indexes.RouterOwner, ownerUid).Select(deployment => deployment.Live),
        .. caches.Routers.Parts.SelectMany(informer => informer.Store.ByIndex(Indexes.RouterOwner, ownerUid)),
        .. caches.Services.Store.ByIndex(Indexes.RouterOwner, ownerUid).Select(service => service.Live),
        .. caches.Policies.Store.ByIndex(Indexes.RouterOwner, ownerUid).Select(policy => LiveObject.Of(Kinds.NetworkPolicy, policy)),
    ];

    /// <summary>Services and policies that have the names of desired ones, whosever they are.</summary>
    public IEnumerable<LiveObject> NamesakesOf(IEnumerable<DesiredObject> desired) => desired
        .Select(part => part.Kind == Kinds.Service ? caches.Services.Store.Get(part.Key)?.Live
            : part.Kind == Kinds.NetworkPolicy && caches.Policies.Store.Get(part.Key) is { } policy ? LiveObject.Of(Kinds.NetworkPolicy, policy)
            : null)
        .OfType<LiveObject>();

    /// <summary>The pods of a space's own routers that there still are.</summary>
    public int PodsOf(Space space) => caches.Pods.Store.ByIndex(Indexes.Namespace, options.Cluster.SystemNamespace)
        .Count(pod => IsRouter(pod.Labels) && pod.Labels.GetValueOrDefault(Labels.Space) == space.Metadata.Name);

    public static bool IsRouter(IReadOnlyDictionary<string, string> labels) => Components.Contains(labels.GetValueOrDefault(Labels.Component));

    private RouterState StateOf(RouterIdentity router)
    {
        var key = new ObjectKey(options.Cluster.SystemNamespace, router.Name);
        return caches.Routers.Deployments.Store.Get(key) is { } deployment && caches.Services.Store.Get(key) is { } service && router.Matches(deployment.Live.Labels)
            ? new RouterState(router)
            {
                Exists = true,
                Wanted = deployment.Wanted,
                Available = deployment.Available,
                Trouble = deployment.Trouble,
                AwaitsAddress = service.IsLoadBalancer && service.ExternalAddresses.Count == 0,
                Addresses = service.IsLoadBalancer ? service.ExternalAddresses : service.ClusterAddresses,
            }
            : new RouterState(router);
    }
}
