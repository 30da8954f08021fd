using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Controllers.Caching;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Options;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Transport;

namespace Dynospace.Controllers.Dynos;

/// <summary>Moves one Dyno towards its spec: one pod that runs its release.</summary>
internal sealed class DynoReconciler(
    DynoObserver observer,
    DynoPods pods,
    IApiTransport transport,
    StatusWriter statusWriter,
    PlatformOptions options,
    TimeProvider clock) : IReconciler
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
        if (plan.Pod is not null && OneOff.Is(observed.Dyno))
        {
            if (await LatestAsync(observed.Dyno, key, cancellationToken) is not { } latest)
            {
                return ReconcileResult.Done;
            }

            observed = observed with { Dyno = latest };
            plan = DynoPlanner.Plan(observed, options);
        }

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
        var before = observed.Dyno.Status;
        await statusWriter.WriteAsync(
            Kinds.Dyno, observed.Dyno, before, status, (before?.Conditions, status.Conditions), cancellationToken);

        return ReconcileEnd.Of(key, report, plan.RecheckAfter);
    }

    /// <summary>
    /// The Dyno as the API server has it; null when it is gone. Its status may say that it has run already, and be seen here only after the
    /// deletion of its pod: caches do not keep step, and what runs once must not run twice for that.
    /// </summary>
    private async Task<Dyno?> LatestAsync(Dyno seen, ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            var latest = JsonObjects.To<Dyno>(await transport.GetAsync(Kinds.Dyno, key, cancellationToken));
            return latest.Metadata.Uid == seen.Metadata.Uid ? latest : null;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    private bool IsOnItsWay(ObservedDyno observed, DynoPlan plan) =>
        plan.Problem is { } problem && (problem.Reason == Reasons.ReleaseNotFound || problem.Reason == Reasons.AppNotFound)
        && observed.Dyno.Metadata.CreationTimestamp is { } created
        && clock.GetUtcNow() - created < Patience;
}
