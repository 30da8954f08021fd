using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Routers;
using Dynospace.Planning.Options;
using Dynospace.Planning.Spaces;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Control;

namespace Dynospace.Controllers.Spaces;

/// <summary>Moves one Space towards its spec: namespace, then policies, then a trial of them; and takes it apart in the opposite order.</summary>
internal sealed class SpaceReconciler(
    SpaceObserver observer,
    SpaceChildren children,
    SpaceDeletion deletion,
    IsolationTrials trials,
    RouterChildren routers,
    SharedRouterReconciler sharedRouter,
    IApplier applier,
    StatusWriter statusWriter,
    PlatformOptions options,
    TimeProvider clock) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (observer.Observe(key) is not { } observed)
        {
            return ReconcileResult.Done;
        }

        var plan = SpacePlanner.Plan(observed, options);
        if (plan.Deletion is { } step)
        {
            return await DeleteAsync(key, observed, plan, step, cancellationToken);
        }

        // Before the first child: otherwise a Space deleted at this moment would leave its children behind.
        var space = LiveObject.Of(Kinds.Space, observed.Space);
        if (await applier.SetFinalizerAsync(space, Finalizers.Space, present: true, cancellationToken) is { } failure)
        {
            return ReconcileEnd.Of(key, [failure], plan.RecheckAfter);
        }

        var report = await children.ApplyAsync(observed, plan, cancellationToken);
        var outcome = ApplyOutcomes.Of(report);
        var routed = plan.Problem is null && report.IsComplete
            ? await routers.ApplyAsync(OwnerIdentity.Of(Kinds.Space, observed.Space), plan.Routers, cancellationToken)
            : new ApplyReport();
        var (trial, failures) = await trials.StepAsync(observed, IsSettled(plan, report), cancellationToken);
        var tried = observed with { Trial = trial.Record, Enforcement = trial.Facts };
        var status = SpaceStatusBuilder.Build(tried, plan, outcome, options, clock.GetUtcNow(), RouterOutcome(observed.Space, routed));
        await WriteStatusAsync(observed.Space, status, cancellationToken);
        return ReconcileEnd.Of(key, [.. report.Failures, .. routed.Failures, .. failures], Earliest(plan.RecheckAfter, trial.RecheckAfter));
    }

    /// <summary>Whether the policies that were observed are those that shall be, so that a trial is of them.</summary>
    private static bool IsSettled(SpacePlan plan, ApplyReport report) =>
        plan is { Problem: null, PoliciesToDelete.Count: 0 }
        && plan.Warnings.All(warning => warning.Reason != Reasons.NameTaken)
        && report is { IsComplete: true, Applied.Count: 0 };

    private static TimeSpan? Earliest(TimeSpan? left, TimeSpan? right) => left < right || right is null ? left : right;

    /// <summary>A Common space has a part in the shared router, and a right to know what ails it.</summary>
    private ApplyOutcome RouterOutcome(Space space, ApplyReport routed) =>
        routed.Failures.Count > 0 || routed.Foreign.Count > 0 || space.Spec.Runtime != SpaceRuntime.Common ? ApplyOutcomes.Of(routed) : sharedRouter.Outcome;

    private async Task<ReconcileResult> DeleteAsync(
        ObjectKey key, ObservedSpace observed, SpacePlan plan, SpaceDeletionStep step, CancellationToken cancellationToken)
    {
        // As long as a dyno runs, what fences it is put back like at any other time.
        var report = plan.Policies.Count > 0 ? await children.ApplyAsync(observed, plan, cancellationToken) : new ApplyReport();
        var (trial, _) = await trials.StepAsync(observed, isSettled: false, cancellationToken);
        if (step != SpaceDeletionStep.Done)
        {
            var status = SpaceStatusBuilder.Build(observed with { Trial = trial.Record }, plan, ApplyOutcomes.Of(report), options, clock.GetUtcNow());
            await WriteStatusAsync(observed.Space, status, cancellationToken);
        }

        // The routers go with the dynos, and the finalizer stays until they are gone.
        var routed = await routers.ApplyAsync(OwnerIdentity.Of(Kinds.Space, observed.Space), plan.Routers, cancellationToken);
        if (routed.Failures.Count > 0)
        {
            return ReconcileEnd.Of(key, routed, plan.RecheckAfter);
        }

        var failures = await deletion.StepAsync(observed.Space, plan, step, cancellationToken);
        return ReconcileEnd.Of(key, [.. report.Failures, .. failures], plan.RecheckAfter);
    }

    private Task WriteStatusAsync(Space space, SpaceStatus status, CancellationToken cancellationToken) =>
        statusWriter.WriteAsync(Kinds.Space, space, space.Status, status, (space.Status?.Conditions, status.Conditions), cancellationToken);
}
