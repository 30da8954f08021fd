using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Planning;
using Dynospace.Planning.Spaces;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Control;

namespace Dynospace.Controllers.Spaces;

/// <summary>Moves one Space towards its spec: namespace, then policies; and takes it apart in the opposite order.</summary>
internal sealed class SpaceReconciler(
    SpaceObserver observer,
    SpaceChildren children,
    SpaceDeletion deletion,
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
        var status = SpaceStatusBuilder.Build(observed, plan, ApplyOutcomes.Of(report), options, clock.GetUtcNow());
        await WriteStatusAsync(observed.Space, status, cancellationToken);
        return ReconcileEnd.Of(key, report, plan.RecheckAfter);
    }

    private async Task<ReconcileResult> DeleteAsync(
        ObjectKey key, ObservedSpace observed, SpacePlan plan, SpaceDeletionStep step, CancellationToken cancellationToken)
    {
        // As long as a dyno runs, what fences it is put back like at any other time.
        var report = plan.Policies.Count > 0 ? await children.ApplyAsync(observed, plan, cancellationToken) : new ApplyReport();
        if (step != SpaceDeletionStep.Done)
        {
            var status = SpaceStatusBuilder.Build(observed, plan, ApplyOutcomes.Of(report), options, clock.GetUtcNow());
            await WriteStatusAsync(observed.Space, status, cancellationToken);
        }

        var failures = await deletion.StepAsync(observed.Space, plan, step, cancellationToken);
        return ReconcileEnd.Of(key, [.. report.Failures, .. failures], plan.RecheckAfter);
    }

    private Task WriteStatusAsync(Space space, SpaceStatus status, CancellationToken cancellationToken) =>
        status.IsEquivalentTo(space.Status)
            ? Task.CompletedTask
            : statusWriter.WriteAsync(Kinds.Space, space, space.Status, status, (space.Status?.Conditions, status.Conditions), cancellationToken);
}
