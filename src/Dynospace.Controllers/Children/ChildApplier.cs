// Children: applies the planned objects of any owner, stage by stage, and deletes what the plan deletes.

using Dynospace.Controllers.Caching;
using Dynospace.Planning.Children;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;

namespace Dynospace.Controllers.Children;

/// <summary>
/// Carries out a plan for the children of any owner: stage by stage, then the deletions. Live objects come from the
/// caches. Failures are in the report, not thrown.
/// </summary>
public sealed class ChildApplier(ClusterCaches caches, IApplier applier)
{
    public async Task<ApplyReport> ApplyAsync(OwnerIdentity owner, ChildPlan plan, CancellationToken cancellationToken)
    {
        var first = await DeleteAsync(plan, DeletionTiming.First, cancellationToken);
        var report = plan.Objects.Count > 0
            ? await applier.ApplyAsync(SetOf(owner, plan), cancellationToken)
            : new ApplyReport();

        // Before the deletions: an object that was refused must not cost the one that it was to replace.
        var (hasFailed, isWithheld, isComplete) =
            (report.Failures.Count > 0, report.Withheld.Count > 0, report.IsComplete);
        report = Merge(report, first);
        if (!isWithheld)
        {
            report = Merge(report, await DeleteAsync(plan, DeletionTiming.UnlessWithheld, cancellationToken));
        }

        if (!hasFailed)
        {
            report = Merge(report, await DeleteAsync(plan, DeletionTiming.UnlessFailed, cancellationToken));
        }

        return isComplete
            ? Merge(report, await DeleteAsync(plan, DeletionTiming.WhenComplete, cancellationToken))
            : report;
    }

    private static ApplyReport Merge(ApplyReport report, ApplyReport other) =>
        other.Failures.Count + other.Pruned.Count == 0
            ? report
            : report with
            {
                Failures = [.. report.Failures, .. other.Failures],
                Pruned = [.. report.Pruned, .. other.Pruned],
            };

    private ApplySet SetOf(OwnerIdentity owner, ChildPlan plan)
    {
        // The caches may not show yet what has just been deleted.
        var gone = plan.Deletions.Where(deletion => deletion.Timing == DeletionTiming.First)
            .Select(deletion => deletion.Child.Uid)
            .ToHashSet();
        var desired = new List<DesiredObject>(plan.Objects.Count);
        var observed = new List<LiveObject>(plan.Objects.Count);
        foreach (var planned in plan.Objects)
        {
            var kind = Kinds.For(planned.Content);
            var content = JsonObjects.From(planned.Content);
            var live = planned.Guard == ChildGuard.CreateOnly ? null : caches.Find(kind, JsonObjects.KeyOf(content));
            live = live is not null && gone.Contains(live.Uid) ? null : live;
            desired.Add(new DesiredObject(kind, content)
            {
                Stage = planned.Stage,
                Guard = GuardOf(planned.Guard),
                // The planner decided about the object that it saw, not about one that has taken its place since. An
                // object of an owner that is gone is replaced by taking it over.
                MayAdopt = live is not null
                    && ((planned.Adopts is { } uid && live.Uid == uid) || caches.IsOrphaned(live)),
                SetOwnerReference = planned.HasOwnerReference,
                Replacement = planned.Replacement is { } replacement ? JsonObjects.From(replacement) : null,
                MustHold = kind == Kinds.NetworkPolicy || kind == Kinds.Role || kind == Kinds.ClusterRole,
            });
            if (live is not null)
            {
                observed.Add(live);
            }
        }

        return new ApplySet(owner, desired, observed);
    }

    private static CreationGuard GuardOf(ChildGuard guard) => guard switch
    {
        ChildGuard.TrustCache => CreationGuard.TrustCache,
        ChildGuard.CreateOnly => CreationGuard.CreateOnly,
        _ => CreationGuard.ReadFirst,
    };

    private async Task<ApplyReport> DeleteAsync(
        ChildPlan plan, DeletionTiming timing, CancellationToken cancellationToken)
    {
        var (pruned, failures) = (new List<ObjectReference>(), new List<ApplyFailure>());
        foreach (var deletion in plan.Deletions.Where(deletion => deletion.Timing == timing))
        {
            var child = deletion.Child;
            var reference = new ObjectReference(Kinds.For(child), new ObjectKey(child.Namespace, child.Name));
            TimeSpan? grace = deletion.GraceSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
            if (await applier.DeleteAsync(reference, child.Uid, grace, cancellationToken) is { } failure)
            {
                failures.Add(failure);
            }
            else
            {
                pruned.Add(reference);
            }
        }

        return new ApplyReport { Pruned = pruned, Failures = failures };
    }
}
