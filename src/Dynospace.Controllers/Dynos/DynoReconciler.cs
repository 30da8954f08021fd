using Dynospace.Api;
using Dynospace.Controllers.Caching;
using Dynospace.Planning;
using Dynospace.Planning.Dynos;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;

namespace Dynospace.Controllers.Dynos;

/// <summary>Moves one Dyno towards its spec: one pod that runs its release.</summary>
internal sealed class DynoReconciler(
    DynoObserver observer, DynoPods pods, StatusWriter statusWriter, PlatformOptions options, TimeProvider clock) : IReconciler
{
    /// <summary>
    /// A new Dyno and the release it names arrive by two watches; for so long the missing one is on its way rather than
    /// worth a status.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (observer.Observe(key) is not { } observed)
        {
            return ReconcileResult.Done;
        }

        var plan = DynoPlanner.Plan(observed, options);
        if (IsOnItsWay(observed, plan))
        {
            return ReconcileResult.After(Patience);
        }

        var report = await pods.ApplyAsync(observed, plan, cancellationToken);
        if (observed.Dyno.Metadata.DeletionTimestamp is not null)
        {
            return ReconcileResult.Done;
        }

        if (report.Applied.Count > 0 && report.Failures.Count == 0)
        {
            return ReconcileResult.After(plan.RecheckAfter); // the pod's own arrival brings us back, with more to say
        }

        var status = DynoStatusBuilder.Build(observed, plan, ApplyOutcomes.Of(report), options, clock.GetUtcNow());
        if (!status.IsEquivalentTo(observed.Dyno.Status))
        {
            var before = observed.Dyno.Status;
            await statusWriter.WriteAsync(Kinds.Dyno, observed.Dyno, before, status, (before?.Conditions, status.Conditions), cancellationToken);
        }

        return ReconcileEnd.Of(key, report, plan.RecheckAfter);
    }

    private bool IsOnItsWay(ObservedDyno observed, DynoPlan plan) =>
        plan.Problem?.Reason is Reasons.ReleaseNotFound or Reasons.AppNotFound
        && observed.Dyno.Metadata.CreationTimestamp is { } created
        && clock.GetUtcNow() - created < Patience;
}
