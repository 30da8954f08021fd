// Routers: the router that all Common spaces share, and what routers learn of callers.

using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Components;
using Dynospace.Controllers.Reconciling;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Events;

namespace Dynospace.Controllers.Routers;

/// <summary>
/// Keeps the router that all Common spaces share, while there is one. It belongs to the system namespace.
/// </summary>
public sealed class SharedRouterReconciler(
    ClusterCaches caches,
    ClusterObserver cluster,
    RouterObserver observer,
    ComponentApplier components,
    IEventRecorder events,
    PlatformOptions options,
    TimeProvider clock) : IReconciler
{
    private readonly NameRechecks _names = new(clock);

    /// <summary>For events alone: Common spaces judge by the router's own objects.</summary>
    private Problem? _reported;

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var plan = RouterPlanner.PlanShared(observer.HasCommonSpaces, cluster.Observe(), options);
        if (caches.Namespaces.Store.Get(ObjectKey.ClusterScoped(options.Cluster.SystemNamespace)) is not { } ns)
        {
            // The router's parts are deleted with the namespace; the first that needs it creates it.
            return plan.Routers.Count == 0 ? ReconcileResult.Done : await EnsureNamespaceAsync(cancellationToken);
        }

        var owner = OwnerIdentity.FromObject(Kinds.Namespace, ns);
        var report =
            await components.ApplyAsync(
                owner, plan.Pruning(components.PartsOf(owner.Uid), owner.Uid).Children, cancellationToken);
        Report(owner, ApplyOutcomes.FromReport(report).Problem);
        return ReconcileEnd.FromReport(
            key,
            report,
            ReconcileEnd.Earliest(
                report.IsComplete ? null : options.Cluster.RecheckInterval, _names.After(key, null, report)));
    }

    private async Task<ReconcileResult> EnsureNamespaceAsync(CancellationToken cancellationToken)
    {
        await components.EnsureNamespaceAsync(cancellationToken);
        return ReconcileResult.After(options.Cluster.RecheckInterval);
    }

    private void Report(OwnerIdentity owner, Problem? problem)
    {
        if (problem is not null && problem != _reported)
        {
            events.Record(owner, EventType.Warning, problem.Reason, problem.Message);
        }

        _reported = problem;
    }
}
