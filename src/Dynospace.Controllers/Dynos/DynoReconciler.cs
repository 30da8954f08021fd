// Dynos: observes a Dyno, applies its plan and writes its status.

using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Children;
using Dynospace.Controllers.Reconciling;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Options;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Transport;

namespace Dynospace.Controllers.Dynos;

/// <summary>Moves one Dyno towards its spec: one pod that runs its release.</summary>
public sealed class DynoReconciler(
    DynoObserver observer,
    ChildApplier children,
    LabelRestorer labels,
    IApiTransport transport,
    StatusWriter statusWriter,
    PlatformOptions options,
    TimeProvider clock) : IReconciler
{
    /// <summary>
    /// How long a missing App or release is assumed to be on its way: it and the Dyno that references it arrive by
    /// different watches.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly NameRechecks _names = new(clock);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (observer.Observe(key) is not { } observed)
        {
            return ReconcileResult.After(_names.After(key, isTaken: false));
        }

        observed = observed with
        {
            Now = OneOff.Is(observed.Dyno) || options.Dynos.CycleAfter is not null ? clock.GetUtcNow() : null,
        };
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

        var owner = OwnerIdentity.FromObject(Kinds.Dyno, observed.Dyno);
        var report = await children.ApplyAsync(owner, plan.Children, cancellationToken);
        if (report.Failures.Any(IsOfQuota))
        {
            var ended = await children.ApplyAsync(owner, plan.InPlace, cancellationToken);
            report = report with { Failures = [.. report.Failures, .. ended.Failures], Pruned = ended.Pruned };
        }

        if (observed.Dyno.Metadata.DeletionTimestamp is not null && !IsHeld(observed.Dyno))
        {
            return ReconcileResult.Done;
        }

        foreach (var pod in plan.Relabelled)
        {
            if (await labels.RestoreAsync(observed.Dyno, pod, cancellationToken) is { } failure)
            {
                report = report with { Failures = [.. report.Failures, failure] };
            }
        }

        if (report.Applied.Count > 0 && report.Failures.Count == 0)
        {
            return ReconcileResult.After(plan.RecheckAfter); // the new pod itself wakes us, with more to report
        }

        // The same instant for the status and for its next change, so that nothing that comes due while the status is
        // written is missed.
        var now = clock.GetUtcNow();
        var status = DynoStatusBuilder.Build(observed, plan, ApplyOutcomes.FromReport(report), options, now);
        var before = observed.Dyno.Status;
        await statusWriter.WriteAsync(
            Kinds.Dyno, observed.Dyno, before, status, (before?.Conditions, status.Conditions), cancellationToken);

        var recheck = ReconcileEnd.Earliest(
            DynoStatusBuilder.RecheckAfter(observed, plan, options, now),
            Grace.RecheckAfter(status.Conditions, options.Cluster.StallAfter, now),
            _names.After(key, status.Conditions, report));
        return ReconcileEnd.FromReport(key, report, recheck);
    }

    /// <summary>
    /// The Dyno as the API server has it; null when it is gone. Caches are not in step: the deletion of a one-off's pod
    /// can arrive before the status that says that it has run, and a one-off must not run twice.
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

    /// <summary>
    /// Whether a finalizer of another owner keeps a Dyno that is being deleted; those of garbage collection are removed
    /// soon.
    /// </summary>
    private static bool IsHeld(Dyno dyno) =>
        dyno.Metadata.Finalizers?.Any(finalizer => finalizer is not ("foregroundDeletion" or "orphan")) == true;

    /// <summary>The API server marks it only by the text of its message.</summary>
    private static bool IsOfQuota(ApplyFailure failure) =>
        failure.Reference.Kind == Kinds.Pod && failure.Message.Contains("exceeded quota", StringComparison.Ordinal);

    private bool IsOnItsWay(ObservedDyno observed, DynoPlan plan) =>
        plan.Problem is { } problem
        && (problem.Reason == Reasons.ReleaseNotFound || problem.Reason == Reasons.AppNotFound)
        && observed.Dyno.Metadata.CreationTimestamp is { } created
        && clock.GetUtcNow() - created < Patience;
}
