using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;

namespace Dynospace.Controllers.Routers;

/// <summary>Which changes concern the shared router: the coming and going of Common spaces, and of its own parts.</summary>
internal sealed class SharedRouterTriggers(ClusterCaches caches, PlatformOptions options)
{
    private readonly ObjectKey[] _shared = [new(options.Cluster.SystemNamespace, RouterIdentity.Shared.Name)];

    public Controller Wire(Controller controller)
    {
        controller
            .Watches(caches.Spaces, (before, after) => (before is null || after is null) && IsCommon((after ?? before)!) ? _shared : [])
            .Watches(caches.Namespaces, (before, after) => (after ?? before)?.Metadata.Name == options.Cluster.SystemNamespace ? _shared : [])
            .Watches(caches.Policies, (before, after) => (after ?? before)?.Metadata.NamespaceProperty == options.Cluster.SystemNamespace ? _shared : [])
            .Watches(caches.Services, (before, after) => OfShared((after ?? before)!.Live))
            .Watches(caches.Routers.ApiServers, (before, after) => _shared)
            .Watches(caches.Routers.Deployments, (before, after) => OfShared((after ?? before)!.Live));
        foreach (var informer in caches.Routers.Parts)
        {
            controller.Watches(informer, (before, after) => OfShared((after ?? before)!));
        }

        return controller;
    }

    private static bool IsCommon(Space space) => space.Spec.Runtime == SpaceRuntime.Common;

    private ObjectKey[] OfShared(LiveObject live) => RouterObserver.IsRouter(live.Labels) && !live.Labels.ContainsKey(Labels.Space) ? _shared : [];
}
