using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Egress;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Components;
using Dynospace.Controllers.Reconciling;
using Dynospace.Controllers.Routers;
using Dynospace.Planning.Egress;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;
using k8s.Models;

namespace Dynospace.Controllers.Spaces;

/// <summary>
/// Maps changes of objects to the Spaces that they affect, with one function for each kind. A namespace has its space's
/// name, so most keys are the object's namespace.
/// </summary>
/// <param name="spaces">All Spaces.</param>
/// <param name="news">Finds pods and Services with an address that no policy denies yet; null to ignore them.</param>
public sealed class SpaceTriggers(
    Func<IEnumerable<Space>> spaces, PlatformOptions options, ClusterObserver? news = null)
{
    /// <summary>
    /// Groups changes of dynos, so that a thousand dynos that start together cause a few writes of the status's counts.
    /// </summary>
    private static readonly TimeSpan CountsSettle = TimeSpan.FromMilliseconds(500);

    /// <summary>Groups changes of nodes, which join in batches, so that each policy is written once.</summary>
    private static readonly TimeSpan NodesSettle = TimeSpan.FromSeconds(2);

    /// <summary>Groups changes of the network plugin, whose replacement changes several objects.</summary>
    private static readonly TimeSpan NetworkSettle = TimeSpan.FromSeconds(5);

    private readonly IReadOnlySet<string> _dnsNamespaces = ClusterDns.NamespacesFor(options.Dns);

    public static Controller Wire(
        Controller controller, ClusterCaches caches, ClusterObserver cluster, PlatformOptions options)
    {
        var triggers = new SpaceTriggers(caches.Spaces.Store.List, options, cluster);
        controller
            .ForSpec(caches.Spaces, CountsSettle)
            .Watches(caches.Namespaces, OnNamespace)
            .Watches(caches.Policies, triggers.OnPolicy)
            .Watches(caches.Apps, OnApp, CountsSettle)
            .Watches(caches.Dynos, OnDyno, CountsSettle)
            .Watches(caches.Pods, triggers.OnPod, CountsSettle)
            .Watches(caches.Services, triggers.OnService, CountsSettle)
            .Watches(caches.Nodes, triggers.OnCluster, NodesSettle)
            .Watches(caches.Pods, triggers.OnNews, NodesSettle)
            .Watches(caches.Services, triggers.OnNews, NodesSettle)
            .Watches(caches.ServiceCidrs, triggers.OnCluster, CountsSettle)
            .Watches(caches.NodeNetworks, triggers.OnBlock, NodesSettle)
            .Watches(caches.ApiServers, triggers.OnCluster, CountsSettle)
            .Watches(caches.DaemonSets, triggers.OnCluster, NetworkSettle);
        controller
            .Watches(caches.Egress.Grants, triggers.OnGrant)
            .Watches(caches.Egress.Gateways, OnGateway, CountsSettle);
        foreach (var informer in caches.Egress.Parts)
        {
            controller.Watches(informer, OnEgressPart, CountsSettle).WatchesKind(informer, triggers.All);
        }

        foreach (var informer in caches.Components.Deployments)
        {
            controller.Watches(informer, (before, after) => triggers.OnComponent((after ?? before)!.Live.Labels));
        }

        foreach (var informer in caches.Components.Parts)
        {
            controller.Watches(informer, (before, after) => triggers.OnComponent((after ?? before)!.Labels));
        }

        foreach (var informer in caches.Providers.All)
        {
            controller.WatchesKind(informer, triggers.All);
        }

        return controller;
    }

    /// <summary>The Space that has a fixed IP, and those that claim it.</summary>
    public IEnumerable<ObjectKey> OnGrant(EgressGrant? before, EgressGrant? after)
    {
        var grant = (after ?? before)!;
        return before is not null && after is not null
            ? []
            : Named(grant.Space).Concat(Where(space =>
                space.Spec.OutboundIPs?.Contains(grant.Address) == true || space.Spec.Egress?.Count > 0)).Distinct();
    }

    public static IEnumerable<ObjectKey> OnGateway(EgressGateway? before, EgressGateway? after) =>
        Named((after ?? before)!.Metadata.Name);

    public static IEnumerable<ObjectKey> OnEgressPart(EgressPart? before, EgressPart? after) =>
        before?.Fault != after?.Fault || before is null || after is null ? Named((after ?? before)!.Space) : [];

    public static IEnumerable<ObjectKey> OnNamespace(V1Namespace? before, V1Namespace? after) =>
        Named((after ?? before)!.Metadata.Name);

    /// <summary>A policy of a space's namespace, or of a router or DNS in the system namespace.</summary>
    public IEnumerable<ObjectKey> OnPolicy(V1NetworkPolicy? before, V1NetworkPolicy? after)
    {
        var metadata = (after ?? before)!.Metadata;
        return Named(metadata.NamespaceProperty).Concat(OnComponent(metadata.Labels?.ToDictionary() ?? [])).Distinct();
    }

    /// <summary>
    /// The Space of an App. The status counts Apps, routers may read their certificates, and internal routing requires
    /// the internal router.
    /// </summary>
    public static IEnumerable<ObjectKey> OnApp(App? before, App? after) =>
        before is null || after is null || before.Metadata.DeletionTimestamp != after.Metadata.DeletionTimestamp
            || !TlsNames.SecretsOf(before).SequenceEqual(TlsNames.SecretsOf(after))
            ? Named((after ?? before)!.Metadata.NamespaceProperty)
            : [];

    public static IEnumerable<ObjectKey> OnDyno(Dyno? before, Dyno? after) =>
        before is null || after is null || IsUp(before) != IsUp(after) || before.Status?.State != after.Status?.State
            || HasNoSubnet(before) != HasNoSubnet(after)
            || before.Metadata.DeletionTimestamp != after.Metadata.DeletionTimestamp
            ? Named((after ?? before)!.Metadata.NamespaceProperty)
            : [];

    /// <summary>
    /// Covers the end of pods of dynos, routers and DNS, every change of a canary, and the pods that data services
    /// select.
    /// </summary>
    public IEnumerable<ObjectKey> OnPod(PodFacts? before, PodFacts? after)
    {
        var pod = (after ?? before)!;
        if (pod.Dyno is not null)
        {
            // A Space that is being deleted waits for its last dyno, since policies must outlive it. A pod without a
            // Dyno, for example after a restore, must be deleted.
            return after is null or { OwnerUid: null } || (after.HasEnded && before?.HasEnded != true)
                ? Named(pod.Namespace)
                : [];
        }

        if (pod.Canary is not null)
        {
            return Named(pod.Namespace);
        }

        if (after is null && pod.Namespace == options.Cluster.SystemNamespace && IsComponent(pod.Labels))
        {
            return Named(pod.Labels.GetValueOrDefault(Labels.Space));
        }

        return before is null || after is null || !SameLabels(before, after)
            ? Where(space => UsesPodsOf(space, pod.Namespace))
            : [];
    }

    /// <summary>
    /// Covers the cluster's DNS, which affects every Space, and routers' Services, which have the routers' addresses.
    /// </summary>
    public IEnumerable<ObjectKey> OnService(ServiceState? before, ServiceState? after)
    {
        var live = (after ?? before)!.Live;
        if (live.Key.Namespace is { } ns && _dnsNamespaces.Contains(ns))
        {
            return All();
        }

        // Another user's Service may have taken the shared router's name.
        return live.Key.Namespace == options.Cluster.SystemNamespace && !IsComponent(live.Labels)
            ? OfRuntime(SpaceRuntime.Common)
            : OnComponent(live.Labels);
    }

    /// <summary>
    /// Covers nodes, network agents, Service ranges and the API server, on which every Space depends.
    /// </summary>
    public IEnumerable<ObjectKey> OnCluster<T>(T? before, T? after)
        where T : class => Equals(before, after) ? [] : All();

    /// <summary>Covers the block of a node's dynos. Other reports of its agent do not affect Spaces here.</summary>
    public IEnumerable<ObjectKey> OnBlock(NodeNetworkState? before, NodeNetworkState? after) =>
        before?.Block == after?.Block ? [] : All();

    /// <summary>Covers a pod with an address outside every known range, which becomes one of the cluster's.</summary>
    public IEnumerable<ObjectKey> OnNews(PodFacts? before, PodFacts? after) => news?.IsNews(after) == true ? All() : [];

    /// <summary>Covers a Service with an address outside every known range.</summary>
    public IEnumerable<ObjectKey> OnNews(ServiceState? before, ServiceState? after) =>
        news?.IsNews(after) == true ? All() : [];

    /// <summary>
    /// The Space of a part of a router or of a space's DNS, or all Common spaces for the shared router.
    /// </summary>
    public IEnumerable<ObjectKey> OnComponent(IReadOnlyDictionary<string, string> labels)
    {
        if (!IsComponent(labels))
        {
            return [];
        }

        return labels.TryGetValue(Labels.Space, out var space) ? Named(space) : OfRuntime(SpaceRuntime.Common);
    }

    public IEnumerable<ObjectKey> All() => Where(_ => true);

    private IEnumerable<ObjectKey> OfRuntime(SpaceRuntime runtime) => Where(space => space.Spec.Runtime == runtime);

    private IEnumerable<ObjectKey> Where(Func<Space, bool> matches) =>
        spaces().Where(matches).Select(space => ObjectKey.ClusterScoped(space.Metadata.Name));

    private static IEnumerable<ObjectKey> Named(string? space) => space is null ? [] : [ObjectKey.ClusterScoped(space)];

    private static bool HasNoSubnet(Dyno dyno) => dyno.Status is { PodIP: not null, Subnet: null };

    private static bool IsComponent(IReadOnlyDictionary<string, string> labels) =>
        RouterObserver.IsRouter(labels) || SpaceDnsObserver.IsDns(labels);

    private static bool IsUp(Dyno dyno) => Conditions.IsTrue(dyno.Status?.Conditions, ConditionTypes.Up);

    private static bool UsesPodsOf(Space space, string ns) =>
        space.Spec.DataServices?.Any(service => service.PodSelector is not null
            && (service.Namespace ?? space.Metadata.Name) == ns) == true;

    private static bool SameLabels(PodFacts before, PodFacts after) =>
        before.Labels.Count == after.Labels.Count
        && before.Labels.All(label => after.Labels.TryGetValue(label.Key, out var value) && value == label.Value);
}
