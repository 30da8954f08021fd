using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;
using k8s.Models;

namespace Dynospace.Controllers.Routers;

/// <summary>
/// Which changes concern the shared router: the coming and going of Common spaces, the API server, and its own parts.
/// </summary>
public sealed class SharedRouterTriggers(PlatformOptions options)
{
    private readonly ObjectKey[] _shared = [new(options.Cluster.SystemNamespace, RouterIdentity.Shared.Name)];

    public static Controller Wire(Controller controller, ClusterCaches caches, PlatformOptions options)
    {
        var triggers = new SharedRouterTriggers(options);
        controller
            .Watches(caches.Spaces, triggers.OnSpace)
            .Watches(caches.Namespaces, triggers.OnNamespace)
            .Watches(caches.Policies, triggers.OnPolicy)
            .Watches(caches.Services, (before, after) => triggers.OnPart((after ?? before)!.Live.Labels))
            .Watches(caches.ApiServers, triggers.OnApiServer);
        foreach (var informer in caches.Components.Deployments)
        {
            controller.Watches(informer, (before, after) => triggers.OnPart((after ?? before)!.Live.Labels));
        }

        foreach (var informer in caches.Components.Parts)
        {
            controller.Watches(informer, (before, after) => triggers.OnPart((after ?? before)!.Labels));
        }

        return controller;
    }

    public IEnumerable<ObjectKey> OnSpace(Space? before, Space? after) =>
        (before is null || after is null) && (after ?? before)!.Spec.Runtime == SpaceRuntime.Common ? _shared : [];

    public IEnumerable<ObjectKey> OnNamespace(V1Namespace? before, V1Namespace? after) =>
        (after ?? before)!.Metadata.Name == options.Cluster.SystemNamespace ? _shared : [];

    public IEnumerable<ObjectKey> OnPolicy(V1NetworkPolicy? before, V1NetworkPolicy? after) =>
        (after ?? before)!.Metadata.NamespaceProperty == options.Cluster.SystemNamespace ? _shared : [];

    public IEnumerable<ObjectKey> OnApiServer(ApiServerSlice? before, ApiServerSlice? after) =>
        Equals(before, after) ? [] : _shared;

    /// <summary>A part of the shared router; those of a space's own routers bear the space's name.</summary>
    public IEnumerable<ObjectKey> OnPart(IReadOnlyDictionary<string, string> labels) =>
        RouterObserver.IsRouter(labels) && !labels.ContainsKey(Labels.Space) ? _shared : [];
}
