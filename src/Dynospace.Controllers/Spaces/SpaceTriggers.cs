using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Routers;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;

namespace Dynospace.Controllers.Spaces;

/// <summary>Which changes concern which Spaces. A namespace bears its space's name, so most mappings are that.</summary>
internal sealed class SpaceTriggers(ClusterCaches caches, PlatformOptions options)
{
    /// <summary>Counts in status follow a thousand dynos that start at once with a few writes rather than a thousand.</summary>
    private static readonly TimeSpan CountsSettle = TimeSpan.FromMilliseconds(500);

    /// <summary>A network plugin that is replaced changes more than one object.</summary>
    private static readonly TimeSpan NetworkSettle = TimeSpan.FromSeconds(5);

    public Controller Wire(Controller controller) => WireRouters(controller)
        .ForSpec(caches.Spaces, CountsSettle)
        .Watches(caches.Namespaces, (before, after) => Of((after ?? before)?.Metadata.Name))
        .Watches(caches.Policies, (before, after) => Of((after ?? before)?.Metadata.NamespaceProperty))
        .Watches(caches.Apps, OnApp, CountsSettle)
        .Watches(caches.Dynos, OnDyno, CountsSettle)
        .Watches(caches.Pods, OnPod, CountsSettle)
        .Watches(caches.DaemonSets, (before, after) => Equals(before, after) ? [] : All(), NetworkSettle)
        .Watches(caches.Nodes, (before, after) => Equals(before, after) ? [] : All(), CountsSettle)
        .Watches(caches.Services, OnService, CountsSettle);

    private Controller WireRouters(Controller controller)
    {
        foreach (var informer in caches.Providers.All)
        {
            controller.WatchesKind(informer, All);
        }

        controller
            .Watches(caches.Policies, (before, after) => OnRouterPart((after ?? before)!.Metadata.Labels))
            .Watches(caches.Routers.Deployments, (before, after) => OnRouterPart((after ?? before)!.Live.Labels))
            .Watches(caches.Routers.ApiServers, (before, after) => All(), CountsSettle);
        foreach (var informer in caches.Routers.Parts)
        {
            controller.Watches(informer, (before, after) => OnRouterPart((after ?? before)!.Labels));
        }

        return controller;
    }

    /// <summary>Its space, or all that share it.</summary>
    private IEnumerable<ObjectKey> OnRouterPart(IEnumerable<KeyValuePair<string, string>>? labels)
    {
        var map = labels?.ToDictionary() ?? [];
        if (!RouterObserver.IsRouter(map))
        {
            return [];
        }

        return map.TryGetValue(Labels.Space, out var space) ? Of(space) : All(SpaceRuntime.Common);
    }

    private static IEnumerable<ObjectKey> Of(string? ns) => ns is null ? [] : [ObjectKey.ClusterScoped(ns)];

    private static IEnumerable<ObjectKey> OnApp(App? before, App? after) =>
        before is null || after is null || before.Metadata.DeletionTimestamp != after.Metadata.DeletionTimestamp
            || !TlsNames.SecretsOf(before).SequenceEqual(TlsNames.SecretsOf(after))
            ? Of((after ?? before)?.Metadata.NamespaceProperty)
            : [];

    private static IEnumerable<ObjectKey> OnDyno(Dyno? before, Dyno? after) =>
        before is null || after is null || IsUp(before) != IsUp(after) || before.Status?.State != after.Status?.State
        || before.Metadata.DeletionTimestamp != after.Metadata.DeletionTimestamp
            ? Of((after ?? before)?.Metadata.NamespaceProperty)
            : [];

    private static bool IsUp(Dyno dyno) => Conditions.IsTrue(dyno.Status?.Conditions, ConditionTypes.Up);

    private IEnumerable<ObjectKey> OnPod(PodFacts? before, PodFacts? after)
    {
        var pod = (after ?? before)!;
        if (pod.Dyno is not null)
        {
            // Policies must outlive the last dyno: its end is what a Space in deletion waits for.
            return after is null || (after.HasEnded && before?.HasEnded != true) ? Of(pod.Namespace) : [];
        }

        if (pod.Canary is not null)
        {
            return Of(pod.Namespace);
        }

        if (after is null && pod.Namespace == options.Cluster.SystemNamespace && RouterObserver.IsRouter(pod.Labels))
        {
            return Of(pod.Labels.GetValueOrDefault(Labels.Space));
        }

        return before is null || after is null || !SameLabels(before, after)
            ? caches.Spaces.Store.List().Where(space => UsesPodsOf(space, pod.Namespace)).Select(space => ObjectKey.ClusterScoped(space.Metadata.Name))
            : [];
    }

    private static bool UsesPodsOf(Api.Spaces.Space space, string ns) =>
        space.Spec.DataServices?.Any(service => service.PodSelector is not null && (service.Namespace ?? space.Metadata.Name) == ns) == true;

    private static bool SameLabels(PodFacts before, PodFacts after) =>
        before.Labels.Count == after.Labels.Count && before.Labels.All(label => after.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private IEnumerable<ObjectKey> OnService(ServiceState? before, ServiceState? after) =>
        (after ?? before)?.Live.Key.Namespace == options.Dns.Namespace ? All() : OnRouterPart((after ?? before)!.Live.Labels);

    private IEnumerable<ObjectKey> All(SpaceRuntime runtime) =>
        caches.Spaces.Store.List().Where(space => space.Spec.Runtime == runtime).Select(space => ObjectKey.ClusterScoped(space.Metadata.Name));

    private IEnumerable<ObjectKey> All() => caches.Spaces.Store.List().Select(space => ObjectKey.ClusterScoped(space.Metadata.Name));
}
