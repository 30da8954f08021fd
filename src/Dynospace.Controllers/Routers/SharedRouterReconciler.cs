using Dynospace.Controllers.Caching;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;

namespace Dynospace.Controllers.Routers;

/// <summary>Keeps the router that all Common spaces share, while there is one. It belongs to the system namespace.</summary>
internal sealed class SharedRouterReconciler(
    ClusterCaches caches, ClusterObserver cluster, RouterObserver observer, RouterChildren children, PlatformOptions options) : IReconciler
{
    private volatile ApplyOutcome _outcome = ApplyOutcome.Success;

    /// <summary>How applying it went last, for the conditions of the spaces that it serves.</summary>
    public ApplyOutcome Outcome => _outcome;

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var plan = RouterPlanner.PlanShared(observer.HasCommonSpaces, cluster.Observe(), options);
        if (caches.Namespaces.Store.Get(ObjectKey.ClusterScoped(options.Cluster.SystemNamespace)) is not { } owner)
        {
            // Its parts come and go with it; whoever needs it first makes it.
            return plan.Workloads.Count == 0 ? ReconcileResult.Done : await EnsureOwnerAsync(cancellationToken);
        }

        var report = await children.ApplyAsync(OwnerIdentity.Of(Kinds.Namespace, owner), plan, cancellationToken);
        _outcome = ApplyOutcomes.Of(report);
        return ReconcileEnd.Of(key, report, _outcome.Problem is null ? null : options.Cluster.RecheckInterval);
    }

    private async Task<ReconcileResult> EnsureOwnerAsync(CancellationToken cancellationToken)
    {
        await children.EnsureNamespaceAsync(cancellationToken);
        return ReconcileResult.After(options.Cluster.RecheckInterval);
    }
}
