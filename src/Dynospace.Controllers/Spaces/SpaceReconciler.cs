// Spaces: observes a Space, applies its plan (namespace and policies first), and writes its status.

using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Reconciling;
using Dynospace.Planning.Options;
using Dynospace.Planning.Spaces;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Control;

namespace Dynospace.Controllers.Spaces;

/// <summary>
/// Moves one Space towards its spec: observe, plan, apply, status. The same steps delete the children of a Space that
/// is being deleted.
/// </summary>
public sealed class SpaceReconciler(
    SpaceObserver observer,
    SpaceApplier children,
    IApplier applier,
    StatusWriter statusWriter,
    PlatformOptions options,
    TimeProvider clock)
    : IReconciler
{
    private readonly NameRechecks _names = new(clock);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (observer.Observe(key) is not { } observed)
        {
            return ReconcileResult.After(_names.After(key, isTaken: false));
        }

        var plan = SpacePlanner.Plan(observed, options);
        if (plan.Deletion is null && await SetFinalizerAsync(observed.Space, cancellationToken) is { } failure)
        {
            return ReconcileEnd.FromReport(key, [failure], plan.RecheckAfter);
        }

        var report = await children.ApplyAsync(observed, plan, cancellationToken);

        // One time for the status and for its next change, so that no change that becomes due meanwhile is missed.
        var now = clock.GetUtcNow();
        plan = plan.After(report.Outcome, now);
        var recheck = ReconcileEnd.Earliest(plan.RecheckAfter, report.RecheckAfter);
        if (plan.Deletion != SpaceDeletionStep.Done)
        {
            var status = SpaceStatusBuilder.Build(observed, plan, report.Outcome, options, now);
            await WriteStatusAsync(observed.Space, status, cancellationToken);
            recheck = ReconcileEnd.Earliest(
                recheck,
                _names.After(key, status.Conditions),
                Grace.RecheckAfter(status.Conditions, options.Cluster.StallAfter, now));
        }

        return ReconcileEnd.FromReport(key, report.Failures, recheck);
    }

    /// <summary>
    /// Sets the finalizer before the first child is created, or a Space that is deleted in between would leave its
    /// children behind.
    /// </summary>
    private Task<ApplyFailure?> SetFinalizerAsync(Space space, CancellationToken cancellationToken) =>
        applier.SetFinalizerAsync(
            LiveObject.FromObject(Kinds.Space, space), Finalizers.Space, present: true, cancellationToken);

    private Task WriteStatusAsync(Space space, SpaceStatus status, CancellationToken cancellationToken) =>
        statusWriter.WriteAsync(
            Kinds.Space, space, space.Status, status, (space.Status?.Conditions, status.Conditions), cancellationToken);
}
