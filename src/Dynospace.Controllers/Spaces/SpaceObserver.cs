using System.Security.Cryptography;
using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Children;
using Dynospace.Controllers.Components;
using Dynospace.Controllers.Egress;
using Dynospace.Controllers.Routers;
using Dynospace.Planning;
using Dynospace.Planning.Children;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Policies;
using Dynospace.Planning.Spaces;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Controllers.Spaces;

/// <summary>Reads the input of a space's plan from the caches.</summary>
public sealed class SpaceObserver(
    ClusterCaches caches,
    ClusterObserver cluster,
    RouterObserver routers,
    SpaceDnsObserver dns,
    ComponentApplier components,
    EgressObserver egress,
    TimeProvider clock)
{
    /// <summary>
    /// Makes the canaries' names unpredictable. Each process has its own seed and starts its own trial.
    /// </summary>
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
            Namespace = NamespaceOf(key),
            Cluster = cluster.Observe(),
            Policies =
            [
                .. caches.Policies.Store.ByIndex(Indexes.Namespace, key.Name).Select(policy => PolicyOf(policy, space)),
            ],
            Apps = caches.Apps.Store.ByIndex(Indexes.Namespace, key.Name).Count,
            Dynos = Count(caches.Dynos.Store.ByIndex(Indexes.Namespace, key.Name)),
            DynoPods = pods.Count(pod => pod.Dyno is not null && !pod.HasEnded),
            Contents = isDeleting ? [.. ContentsOf(key.Name)] : [],
            StrayPods = [.. pods.Where(caches.IsStray).Select(StrayOf)],
            Held = isDeleting ? HeldIn(space) : [],
            DataServicePods = CountDataServices(space),
            Canaries =
            [
                .. caches.Pods.Store.ByIndex(Indexes.Owner, space.Metadata.Uid)
                    .Where(pod => pod.Canary is not null && pod.Namespace == key.Name),
            ],
            TrialSeed = _trialSeed,
            RoutedApps = routers.AppsOf(key.Name),
            Dns = dns.Observe(space),
            ServedKinds = caches.Providers.Served,
            Routers = routers.RoutersOf(space),
            Egress = egress.Observe(space),
            RouterParts = [.. components.PartsOf(space.Metadata.Uid), .. components.OrphansOf(key.Name)],
            RouterPods = isDeleting ? routers.PodsOf(space) : 0,
        };
    }

    private NamespaceFacts? NamespaceOf(ObjectKey key)
    {
        if (caches.Namespaces.Store.Get(key) is not { } found)
        {
            return null;
        }

        var facts = NamespaceFacts.FromNamespace(found);
        return facts with
        {
            IsOrphaned = facts.Labels.AreManaged()
                && facts.Labels.GetValueOrDefault(Labels.Space) == key.Name
                && facts.Annotations.TryGetValue(Annotations.SpaceUid, out var uid)
                && !caches.IsAlive(uid),
        };
    }

    private PolicyFacts PolicyOf(V1NetworkPolicy policy, Space space)
    {
        var facts = PolicyFacts.FromPolicy(policy);
        return facts with
        {
            IsOrphaned = facts.Space == space.Metadata.Name
                && facts.SpaceUid is { } uid && uid != space.Metadata.Uid
                && !caches.IsAlive(uid),
        };
    }

    private static ObservedChild StrayOf(PodFacts pod) =>
        new(ChildIdentity.For<V1Pod>(pod.Namespace, pod.Name, pod.Uid)) { IsTerminating = pod.IsTerminating };

    /// <summary>
    /// The finalizers to report. Foreground deletion is left out, since its children report what they wait for.
    /// Orphaning is included, since the garbage collector may be refused a write.
    /// </summary>
    private static IEnumerable<string> HoldersAmong(IEnumerable<string>? finalizers) =>
        (finalizers ?? []).Where(finalizer => finalizer != "foregroundDeletion");

    private static IEnumerable<string> Held(string kind, string name, IEnumerable<string>? finalizers) =>
        HoldersAmong(finalizers).Select(holder => $"{kind} {name} (finalizer {holder})");

    private IEnumerable<ObservedChild> ContentsOf(string ns) =>
        caches.Apps.Store.ByIndex(Indexes.Namespace, ns).Select(app => LiveObject.FromObject(Kinds.App, app))
            .Concat(
                caches.Dynos.Store.ByIndex(Indexes.Namespace, ns)
                    .Select(dyno => LiveObject.FromObject(Kinds.Dyno, dyno)))
            .Select(live => ObservedChildren.From(live));

    /// <summary>
    /// The objects that are being deleted and wait for a finalizer: Apps, Dynos, pods, policies and parts of routers.
    /// </summary>
    private List<string> HeldIn(Space space)
    {
        var ns = space.Metadata.Name;
        var apps = caches.Apps.Store.ByIndex(Indexes.Namespace, ns)
            .Where(app => app.Metadata.DeletionTimestamp is not null);
        var dynos = caches.Dynos.Store.ByIndex(Indexes.Namespace, ns)
            .Where(dyno => dyno.Metadata.DeletionTimestamp is not null);
        var pods = caches.Pods.Store.ByIndex(Indexes.Namespace, ns).Where(pod => pod.IsTerminating);
        var policies = caches.Policies.Store.ByIndex(Indexes.Namespace, ns)
            .Where(policy => policy.Metadata.DeletionTimestamp is not null);
        var parts = caches.Components.OfOwner(space.Metadata.Uid).Where(part => part.IsTerminating);
        return
        [
            .. apps.SelectMany(app => Held("App", app.Metadata.Name, app.Metadata.Finalizers))
                .Concat(dynos.SelectMany(dyno => Held("Dyno", dyno.Metadata.Name, dyno.Metadata.Finalizers)))
                .Concat(pods.SelectMany(pod => Held("Pod", pod.Name, pod.Finalizers)))
                .Concat(policies.SelectMany(
                    policy => Held("NetworkPolicy", policy.Metadata.Name, policy.Metadata.Finalizers)))
                .Concat(parts.SelectMany(part => Held(part.Kind.Kind, part.Key.Name, part.Finalizers)))
                .Order(StringComparer.Ordinal),
        ];
    }

    private static DynoCounts Count(IReadOnlyCollection<Dyno> dynos)
    {
        var (desired, up, withSubnet, withoutSubnet) = (0, 0, 0, 0);
        foreach (var dyno in dynos)
        {
            if (dyno.Metadata.DeletionTimestamp is not null
                || dyno.Status?.State is DynoState.Complete or DynoState.Failed)
            {
                continue;
            }

            desired++;
            withSubnet += dyno.Status is { Subnet: not null } ? 1 : 0;
            withoutSubnet += dyno.Status is { PodIP: not null, Subnet: null } ? 1 : 0;
            up += Conditions.IsTrue(dyno.Status?.Conditions, ConditionTypes.Up) ? 1 : 0;
        }

        return new DynoCounts(dynos.Count, desired, up)
        {
            WithSubnet = withSubnet,
            WithoutSubnet = withoutSubnet,
        };
    }

    private Dictionary<string, int> CountDataServices(Space space)
    {
        var counts = new Dictionary<string, int>();
        foreach (var service in space.Spec.DataServices ?? [])
        {
            if (service.PodSelector is { } selector)
            {
                var pods = caches.Pods.Store.ByIndex(Indexes.Namespace, service.Namespace ?? space.Metadata.Name);
                counts[service.Name] =
                    pods.Count(pod => pod.Canary is null && LabelSelectors.Matches(selector, pod.Labels));
            }
        }

        return counts;
    }
}
