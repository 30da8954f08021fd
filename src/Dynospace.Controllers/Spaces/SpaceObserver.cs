using System.Security.Cryptography;
using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Children;
using Dynospace.Controllers.Components;
using Dynospace.Controllers.Routers;
using Dynospace.Planning;
using Dynospace.Planning.Children;
using Dynospace.Planning.Policies;
using Dynospace.Planning.Spaces;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Controllers.Spaces;

/// <summary>Gathers from the caches all that a space's plan depends on.</summary>
internal sealed class SpaceObserver(
    ClusterCaches caches, ClusterObserver cluster, RouterObserver routers, ComponentApplier components, TimeProvider clock)
{
    /// <summary>Makes the canaries' names unpredictable. Another process has another seed and starts a trial of its own.</summary>
    private readonly string _trialSeed = RandomNumberGenerator.GetHexString(32);

    public ObservedSpace? Observe(ObjectKey key)
    {
        if (caches.Spaces.Store.Get(key) is not { } space)
        {
            return null;
        }

        var pods = caches.Pods.Store.ByIndex(Indexes.Namespace, key.Name);
        var isDeleting = space.Metadata.DeletionTimestamp is not null;
        return new ObservedSpace
        {
            Space = space,
            Now = clock.GetUtcNow(),
            Namespace = caches.Namespaces.Store.Get(key) is { } ns ? NamespaceFacts.Of(ns) : null,
            Cluster = cluster.Observe(),
            Policies = [.. caches.Policies.Store.ByIndex(Indexes.Namespace, key.Name).Select(PolicyFacts.Of)],
            Apps = caches.Apps.Store.ByIndex(Indexes.Namespace, key.Name).Count,
            Dynos = Count(caches.Dynos.Store.ByIndex(Indexes.Namespace, key.Name)),
            DynoPods = pods.Count(pod => pod.Dyno is not null && !pod.HasEnded),
            Contents = isDeleting ? [.. ContentsOf(key.Name)] : [],
            Held = isDeleting ? HeldIn(key.Name) : [],
            DataServicePods = CountDataServices(space),
            Canaries = [.. caches.Pods.Store.ByIndex(Indexes.Owner, space.Metadata.Uid).Where(pod => pod.Canary is not null && pod.Namespace == key.Name)],
            TrialSeed = _trialSeed,
            RoutedApps = routers.AppsOf(key.Name),
            ServedKinds = caches.Providers.Served,
            Routers = routers.RoutersOf(space),
            RouterParts = components.PartsOf(space.Metadata.Uid),
            RouterPods = isDeleting ? routers.PodsOf(space) : 0,
        };
    }

    /// <summary>Finalizers that garbage collection itself removes hold up nothing.</summary>
    private static IEnumerable<string> HoldersOf(V1ObjectMeta metadata) =>
        metadata.DeletionTimestamp is null ? [] : (metadata.Finalizers ?? []).Where(finalizer => finalizer is not ("foregroundDeletion" or "orphan"));

    private IEnumerable<ObservedChild> ContentsOf(string ns) =>
        caches.Apps.Store.ByIndex(Indexes.Namespace, ns).Select(app => LiveObject.Of(Kinds.App, app))
            .Concat(caches.Dynos.Store.ByIndex(Indexes.Namespace, ns).Select(dyno => LiveObject.Of(Kinds.Dyno, dyno)))
            .Select(ObservedChildren.From);

    private List<string> HeldIn(string ns) =>
    [
        .. caches.Apps.Store.ByIndex(Indexes.Namespace, ns)
            .SelectMany(app => HoldersOf(app.Metadata).Select(holder => $"App {app.Metadata.Name} (finalizer {holder})"))
            .Concat(caches.Dynos.Store.ByIndex(Indexes.Namespace, ns)
                .SelectMany(dyno => HoldersOf(dyno.Metadata).Select(holder => $"Dyno {dyno.Metadata.Name} (finalizer {holder})")))
            .Order(StringComparer.Ordinal),
    ];

    private static DynoCounts Count(IReadOnlyCollection<Dyno> dynos)
    {
        var (desired, up) = (0, 0);
        foreach (var dyno in dynos)
        {
            if (dyno.Metadata.DeletionTimestamp is not null || dyno.Status?.State is DynoState.Complete or DynoState.Failed)
            {
                continue;
            }

            desired++;
            up += Conditions.IsTrue(dyno.Status?.Conditions, ConditionTypes.Up) ? 1 : 0;
        }

        return new DynoCounts(dynos.Count, desired, up);
    }

    private Dictionary<string, int> CountDataServices(Space space)
    {
        var counts = new Dictionary<string, int>();
        foreach (var service in space.Spec.DataServices ?? [])
        {
            if (service.PodSelector is { } selector)
            {
                var pods = caches.Pods.Store.ByIndex(Indexes.Namespace, service.Namespace ?? space.Metadata.Name);
                counts[service.Name] = pods.Count(pod => pod.Canary is null && LabelSelectors.Matches(selector, pod.Labels));
            }
        }

        return counts;
    }
}
