using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Children;
using Dynospace.Controllers.Reconciling;
using Dynospace.Planning.Children;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Routers;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Events;
using k8s;
using k8s.Models;

namespace Dynospace.Controllers.Routers;

/// <summary>
/// Publishes to routers which dynos their spaces trust. One pass serves all routers and any number of dynos that came
/// or went: a book is written once for all of them, and only where it differs.
/// </summary>
/// <param name="cluster">What is known of the cluster.</param>
/// <param name="isAlone">Whether no Lease shows that this process lives, so that the books must.</param>
public sealed class CallerReconciler(
    ClusterCaches caches,
    Func<ClusterFacts> cluster,
    ChildApplier children,
    IEventRecorder events,
    PlatformOptions options,
    TimeProvider clock,
    bool isAlone) : IReconciler
{
    private readonly Memo<DynoAddresses> _addresses = DynoAddresses.In(caches.Pods);

    /// <summary>Well below the time after which routers stop trusting a book.</summary>
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(5);

    private readonly NameRechecks _names = new(clock);
    private readonly HashSet<(string Space, string Message)> _reported = [];

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (caches.Namespaces.Store.Get(ObjectKey.ClusterScoped(options.Cluster.SystemNamespace)) is not { } ns)
        {
            // Its creation wakes this again.
            return ReconcileResult.Done;
        }

        var plan = CallerPlanner.Plan(
            caches.Spaces.Store.List(),
            space => _addresses.Get().InSpace(space),
            cluster(),
            options,
            isAlone ? Present() : null);
        var (failures, isTaken) = (new List<ApplyFailure>(), false);
        if (plan.Cluster is { } book)
        {
            var owner = OwnerIdentity.FromObject(Kinds.Namespace, ns);
            var report = await ApplyAsync(owner, book.ToConfigMap(options), cancellationToken);
            failures.AddRange(report.Failures);
            isTaken = report.Foreign.Count > 0;
            Report(owner, "", TroublesOf(ClusterBook.Name, report));
        }

        foreach (var callers in plan.Books)
        {
            var owner = OwnerIdentity.FromObject(Kinds.Space, callers.Space);
            var report = await ApplyAsync(
                owner, callers.Book.ToConfigMap(callers.Router, options), cancellationToken);
            failures.AddRange(report.Failures);
            isTaken |= report.Foreign.Count > 0;
            Report(owner, callers.Space.Metadata.Name, TroublesOf(callers, report));
        }

        failures.AddRange(await PruneAsync(plan, OwnerIdentity.FromObject(Kinds.Namespace, ns), cancellationToken));
        var renewal = isAlone && plan.Books.Count > 0 ? Renewal : (TimeSpan?)null;
        return ReconcileEnd.FromReport(key, failures, ReconcileEnd.Earliest(renewal, _names.After(key, isTaken)));
    }

    /// <summary>To the renewal, so that a change in between does not write every book.</summary>
    private DateTimeOffset Present()
    {
        var now = clock.GetUtcNow();
        return now.AddTicks(-(now.Ticks % Renewal.Ticks));
    }

    private Task<ApplyReport> ApplyAsync(
        OwnerIdentity owner, IKubernetesObject<V1ObjectMeta> content, CancellationToken cancellationToken)
    {
        var planned = new PlannedObject(content) { HasOwnerReference = false };
        return children.ApplyAsync(owner, new() { Objects = [planned] }, cancellationToken);
    }

    /// <summary>Deletes by uid: an object that has taken a book's name meanwhile is left alone.</summary>
    private async Task<IReadOnlyList<ApplyFailure>> PruneAsync(
        CallerPlan plan, OwnerIdentity owner, CancellationToken cancellationToken)
    {
        var wanted = plan.Books.Select(book => CallerBook.NameOf(book.Router)).ToHashSet(StringComparer.Ordinal);
        if (plan.Cluster is not null)
        {
            wanted.Add(ClusterBook.Name);
        }

        List<PlannedDeletion> surplus =
        [
            .. caches.CallerBooks.Store.List()
                .Where(book => !wanted.Contains(book.Key.Name))
                .Select(book => new PlannedDeletion(
                    ChildIdentity.For<V1ConfigMap>(book.Key.Namespace, book.Key.Name, book.Uid))),
        ];
        return surplus.Count == 0
            ? []
            : (await children.ApplyAsync(owner, new() { Deletions = surplus }, cancellationToken)).Failures;
    }

    private static IEnumerable<Problem> TroublesOf(RouterCallers callers, ApplyReport report)
    {
        var name = CallerBook.NameOf(callers.Router);
        return callers.LeftOut == 0
            ? TroublesOf(name, report)
            : TroublesOf(name, report).Append(new(
                Reasons.ApplyFailed,
                $"ConfigMap {name} has no room for all dynos that the space trusts: the rest is refused."));
    }

    private static IEnumerable<Problem> TroublesOf(string name, ApplyReport report)
    {
        var what = $"ConfigMap {name}, by which routers tell dynos apart:";
        return report.Failures.Select(failure => new Problem(Reasons.ApplyFailed, $"{what} {failure.Message}"))
            .Concat(report.Foreign.Select(found => new Problem(Reasons.NameTaken, $"{what} {found.Explanation}")));
    }

    /// <summary>
    /// Reports each problem once: without complete books, a router refuses dynos that its space trusts.
    /// </summary>
    /// <param name="space">Empty for what concerns the routers of all spaces.</param>
    private void Report(OwnerIdentity owner, string space, IEnumerable<Problem> troubles)
    {
        var current = troubles.ToList();
        _reported.RemoveWhere(
            report => report.Space == space && current.All(trouble => trouble.Message != report.Message));
        foreach (var trouble in current.Where(trouble => _reported.Add((space, trouble.Message))))
        {
            events.Record(owner, EventType.Warning, trouble.Reason, trouble.Message);
        }
    }
}

/// <summary>
/// Addresses of dynos, by space. An address that two pods have at once is left out, since it is not known which one
/// uses it; so is that of a pod that is being deleted, before its node may assign it to another.
/// </summary>
internal sealed class DynoAddresses
{
    private readonly Dictionary<string, List<string>> _bySpace;

    private DynoAddresses(Dictionary<string, List<string>> bySpace) => _bySpace = bySpace;

    /// <summary>
    /// Those of an informer's pods: collected when a book needs them, and again only once a pod's address changed
    /// hands.
    /// </summary>
    public static Memo<DynoAddresses> In(IInformer<PodFacts> pods)
    {
        var addresses = new Memo<DynoAddresses>(() => FromPods(pods.Store.List()));
        pods.AddHandler(change =>
        {
            if (HeldBy(change.Old) != HeldBy(change.New))
            {
                addresses.Forget();
            }
        });
        return addresses;
    }

    /// <summary>
    /// All of a pod on which the addresses of dynos depend. Any pod: one that is not a dyno may have a dyno's address.
    /// </summary>
    public static (string?, string?, string?, bool) HeldBy(PodFacts? pod) =>
        pod is { HasEnded: false } && (pod.IP ?? pod.OtherIP) is not null
            ? (pod.IP, pod.OtherIP, pod.Namespace, IsDyno(pod))
            : default;

    public static DynoAddresses FromPods(IEnumerable<PodFacts> pods)
    {
        var holders = new Dictionary<string, PodFacts?>(StringComparer.Ordinal);
        foreach (var (pod, address) in pods.Where(pod => !pod.HasEnded)
            .SelectMany(pod => pod.Addresses.Select(address => (pod, address))))
        {
            if (!holders.TryAdd(address, pod))
            {
                holders[address] = null;
            }
        }

        var bySpace = holders.Where(holder => IsDyno(holder.Value))
            .GroupBy(holder => holder.Value!.Namespace, holder => holder.Key, StringComparer.Ordinal)
            .ToDictionary(
                space => space.Key,
                space => space.Order(StringComparer.Ordinal).ToList(),
                StringComparer.Ordinal);
        return new(bySpace);
    }

    public IReadOnlyList<string> InSpace(string space) => _bySpace.GetValueOrDefault(space) ?? [];

    /// <summary>A pod in its node's network has the node's address.</summary>
    private static bool IsDyno(PodFacts? pod) =>
        pod is { Dyno: not null, IsTerminating: false, IsInHostNetwork: false };
}

/// <summary>
/// Which changes concern the books of callers: addresses of pods, the Spaces' ranges and outbound IPs, and the cluster.
/// </summary>
public sealed class CallerTriggers(Func<IEnumerable<Space>> spaces, PlatformOptions options)
{
    /// <summary>
    /// An address must leave the books before its node gives it away, and a thousand dynos must not cost a write each.
    /// </summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(100);

    private static readonly ObjectKey[] All = [ObjectKey.ClusterScoped("callers")];

    public static Controller Wire(
        Controller controller, ClusterCaches caches, ClusterObserver cluster, PlatformOptions options)
    {
        var triggers = new CallerTriggers(caches.Spaces.Store.List, options);
        return controller
            .Watches(caches.Spaces, OnSpace)
            .Watches(caches.Namespaces, triggers.OnNamespace)
            .Watches(caches.CallerBooks, (_, _) => All)
            .Watches(caches.Pods, triggers.OnPod, Settle)
            .WatchesAddresses(caches, cluster, () => All);
    }

    public static IEnumerable<ObjectKey> OnSpace(Space? before, Space? after) =>
        before is null || after is null
        || before.Metadata.Generation != after.Metadata.Generation
        || before.Metadata.DeletionTimestamp != after.Metadata.DeletionTimestamp
        || !(before.Status?.OutboundIPs ?? []).SequenceEqual(after.Status?.OutboundIPs ?? [])
            ? All
            : [];

    public IEnumerable<ObjectKey> OnNamespace(V1Namespace? before, V1Namespace? after) =>
        (before is null || after is null) && (after ?? before)!.Metadata.Name == options.Cluster.SystemNamespace
            ? All
            : [];

    /// <summary>Nobody needs to know where no space has outbound IPs.</summary>
    public IEnumerable<ObjectKey> OnPod(PodFacts? before, PodFacts? after) =>
        DynoAddresses.HeldBy(before) != DynoAddresses.HeldBy(after) && spaces().Any(HasOutboundIPs) ? All : [];

    private static bool HasOutboundIPs(Space space) =>
        space.Spec.OutboundIPs is { Count: > 0 } || space.Status?.OutboundIPs is { Count: > 0 };
}
