using Dynospace.Api;
using Dynospace.Controllers.Caching;
using Dynospace.Planning;
using Dynospace.Planning.Spaces;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Events;
using k8s.Models;

namespace Dynospace.Controllers.Spaces;

/// <summary>Applies the namespace and the policies of a space.</summary>
internal sealed class SpaceChildren(ClusterCaches caches, IApplier applier, IEventRecorder events)
{
    private const int NamespaceStage = 0;

    private const int DefaultDenyStage = 1;

    private const int PolicyStage = 2;

    public async Task<ApplyReport> ApplyAsync(ObservedSpace observed, SpacePlan plan, CancellationToken cancellationToken)
    {
        var owner = OwnerIdentity.Of(Kinds.Space, observed.Space);
        var report = await applier.ApplyAsync(
            new ApplySet(owner, [.. Desired(observed, plan)], [.. Live(observed.Space.Metadata.Name)]) { IsPlanValid = plan.Problem is null, Prune = false },
            cancellationToken);
        RecordRestored(observed, owner, report);
        if (plan.Problem is not null || !report.IsComplete)
        {
            return report;
        }

        var failures = new List<ApplyFailure>();
        foreach (var unwanted in plan.PoliciesToDelete)
        {
            var failure = await DeletePolicyAsync(observed.Space.Metadata.Name, unwanted, cancellationToken);
            failures.AddRange(failure is null ? [] : [failure]);
        }

        return report with { Failures = [.. report.Failures, .. failures] };
    }

    /// <summary>Deletes one policy by name and uid; null when it is gone.</summary>
    public async Task<ApplyFailure?> DeletePolicyAsync(string ns, ChildReference unwanted, CancellationToken cancellationToken) =>
        caches.Policies.Store.Get(new ObjectKey(ns, unwanted.Name)) is { } policy && policy.Metadata.Uid == unwanted.Uid
            ? await applier.DeleteAsync(LiveObject.Of(Kinds.NetworkPolicy, policy), cancellationToken)
            : null;

    /// <summary>
    /// The children carry no owner reference: a foreground deletion of the Space would collect the policies while dynos still
    /// run. Their owner is told by label and the finalizer takes them away in order.
    /// </summary>
    private IEnumerable<DesiredObject> Desired(ObservedSpace observed, SpacePlan plan)
    {
        if (plan.Namespace is { } ns)
        {
            // The planner has checked the adoption annotation; a namespace of somebody else never gets here.
            yield return DesiredObject.Of(ns) with { Stage = NamespaceStage, MayAdopt = true, SetOwnerReference = false, Guard = CreationGuard.TrustCache };
        }

        for (var i = 0; i < plan.Policies.Count; i++)
        {
            yield return DesiredObject.Of(plan.Policies[i]) with
            {
                Stage = i == 0 ? DefaultDenyStage : PolicyStage,
                // The planner has told whose the policy is that it saw; the marks may be what somebody took off.
                MayAdopt = IsAsObserved(observed, plan.Policies[i].Metadata.Name),
                SetOwnerReference = false,
                Guard = CreationGuard.TrustCache,
            };
        }
    }

    private bool IsAsObserved(ObservedSpace observed, string policy) =>
        caches.Policies.Store.Get(new ObjectKey(observed.Space.Metadata.Name, policy))?.Metadata.Uid is { } uid
        && observed.Policies.Any(seen => seen.Name == policy && seen.Uid == uid);

    private IEnumerable<LiveObject> Live(string name)
    {
        if (caches.Namespaces.Store.Get(ObjectKey.ClusterScoped(name)) is { } ns)
        {
            yield return LiveObject.Of(Kinds.Namespace, ns);
        }

        foreach (var policy in caches.Policies.Store.ByIndex(Indexes.Namespace, name))
        {
            yield return LiveObject.Of(Kinds.NetworkPolicy, policy);
        }
    }

    /// <summary>A policy written although the spec has not changed since all was in place was edited or deleted by somebody.</summary>
    private void RecordRestored(ObservedSpace observed, OwnerIdentity owner, ApplyReport report)
    {
        var isolated = Conditions.Find(observed.Space.Status?.Conditions, ConditionTypes.NetworkIsolated);
        if (isolated?.Status != ConditionStatus.True || isolated.ObservedGeneration != observed.Space.Metadata.Generation)
        {
            return;
        }

        foreach (var applied in report.Applied.Where(a => a.Reference.Kind.Kind == V1NetworkPolicy.KubeKind))
        {
            var what = applied.WasCreated ? "was missing" : "had been changed";
            events.Record(owner, EventType.Warning, Reasons.Restored, $"NetworkPolicy {applied.Reference.Key.Name} {what} and was put back.");
        }
    }
}
