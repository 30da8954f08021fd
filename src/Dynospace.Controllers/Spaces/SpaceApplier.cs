using Dynospace.Api;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Children;
using Dynospace.Controllers.Components;
using Dynospace.Controllers.Reconciling;
using Dynospace.Planning.Spaces;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Events;

namespace Dynospace.Controllers.Spaces;

/// <summary>The result of applying a space's plan.</summary>
/// <param name="Outcome">The result in the plan's terms, for the status.</param>
/// <param name="Failures">The failures. Those that may resolve themselves are retried.</param>
/// <param name="RecheckAfter">When to reconcile again without a change; null for never.</param>
internal sealed record SpaceReport(
    SpaceOutcome Outcome, IReadOnlyList<ApplyFailure> Failures, TimeSpan? RecheckAfter);

/// <summary>
/// Applies a space's plan in this order: namespace and policies, routers and DNS, isolation trial. While a Space is
/// being deleted, policies are restored as at any other time, and routers, dynos, policies and the namespace are
/// deleted according to the plan.
/// </summary>
public sealed class SpaceApplier(
    ChildApplier children,
    ComponentApplier components,
    NamespaceRelease release,
    IApplier applier,
    IEventRecorder events)
{
    internal async Task<SpaceReport> ApplyAsync(
        ObservedSpace observed, SpacePlan plan, CancellationToken cancellationToken)
    {
        var owner = OwnerIdentity.FromObject(Kinds.Space, observed.Space);
        var isDeleting = plan.Deletion is not null;
        var space = await children.ApplyAsync(owner, plan.Children, cancellationToken);
        RecordRestored(observed, owner, space);

        // A router must not run before the policies of the dynos that it serves.
        var routers = isDeleting || (plan.Problem is null && space.IsComplete)
            ? await components.ApplyAsync(owner, plan.Routers.Children, cancellationToken)
            : new ApplyReport();
        var dns = !isDeleting && plan.Problem is null && space.IsComplete
            ? await components.ApplyAsync(owner, plan.Dns, cancellationToken)
            : new ApplyReport();
        var wroteNothing = space is { IsComplete: true, Applied.Count: 0 };
        var trial = isDeleting || plan.IsSettledAfter(wroteNothing)
            ? await children.ApplyAsync(owner, plan.Trial.Children, cancellationToken)
            : new ApplyReport();
        List<ApplyFailure> failures =
        [
            .. space.Failures,
            .. routers.Failures,
            .. dns.Failures,
            .. trial.Failures.Where(failure => failure.Class == FailureClass.Transient),
        ];
        if (failures.Count == 0 && await FinishAsync(observed, plan, cancellationToken) is { } failure)
        {
            failures.Add(failure);
        }

        var outcome = new SpaceOutcome
        {
            Namespace = ApplyOutcomes.FromReport(space, child => child.Kind == Kinds.Namespace),
            Policies = ApplyOutcomes.FromReport(space, child => child.Kind == Kinds.NetworkPolicy),
            Contents = ApplyOutcomes.FromReport(
                space, child => child.Kind == Kinds.App || child.Kind == Kinds.Dyno || child.Kind == Kinds.Pod),
            Routers = ApplyOutcomes.FromReport(routers),
            Dns = ApplyOutcomes.FromReport(dns),
            Trial = ApplyOutcomes.FromReport(trial),
            WroteNothing = wroteNothing,
        };
        return new SpaceReport(
            outcome,
            failures,
            ReconcileEnd.Earliest(
                space.RecheckAfter, routers.RecheckAfter, dns.RecheckAfter, trial.RecheckAfter));
    }

    /// <summary>The last steps of a deletion, which write to objects other than the Space's children.</summary>
    private async Task<ApplyFailure?> FinishAsync(
        ObservedSpace observed, SpacePlan plan, CancellationToken cancellationToken) => plan.Deletion switch
        {
            SpaceDeletionStep.ReleaseNamespace =>
                await release.ReleaseAsync(observed.Space.Metadata.Name, plan, cancellationToken),
            SpaceDeletionStep.Done => await applier.SetFinalizerAsync(
                LiveObject.FromObject(Kinds.Space, observed.Space),
                Finalizers.Space,
                present: false,
                cancellationToken),
            _ => null,
        };

    /// <summary>
    /// Records an event for each restored policy. A policy that had to be written although neither spec nor cluster
    /// changed since all were in place was edited or deleted manually.
    /// </summary>
    private void RecordRestored(ObservedSpace observed, OwnerIdentity owner, ApplyReport report)
    {
        var isolated = Conditions.Find(observed.Space.Status?.Conditions, ConditionTypes.NetworkIsolated);
        if (isolated?.Status != ConditionStatus.True
            || isolated.ObservedGeneration != observed.Space.Metadata.Generation)
        {
            return;
        }

        foreach (var applied in report.Applied.Where(applied => applied.Reference.Kind == Kinds.NetworkPolicy
            && !applied.IsNewPlan))
        {
            var what = applied.WasCreated ? "was missing" : "had been changed";
            events.Record(
                owner,
                EventType.Warning,
                Reasons.Restored,
                $"NetworkPolicy {applied.Reference.Key.Name} {what} and was put back.");
        }
    }
}
