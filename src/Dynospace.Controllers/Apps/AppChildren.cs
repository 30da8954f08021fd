using Dynospace.Controllers.Caching;
using Dynospace.Planning;
using Dynospace.Planning.Apps;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;

namespace Dynospace.Controllers.Apps;

/// <summary>Applies and deletes what an App is made of.</summary>
internal sealed class AppChildren(ClusterCaches caches, AppObserver observer, IApplier applier)
{
    /// <summary>The release that dynos name must be there before them.</summary>
    private const int ReleaseStage = 0;

    /// <summary>Services and dynos do not wait for one another: a Service that is refused must not hold up a dyno.</summary>
    private const int FormationStage = 1;

    public async Task<ApplyReport> ApplyAsync(ObservedApp observed, AppPlan plan, CancellationToken cancellationToken)
    {
        var owner = OwnerIdentity.Of(Kinds.App, observed.App);
        var live = observer.ServicesOf(observed.App).Select(service => service.Live)
            .Concat(observed.Dynos.Select(dyno => LiveObject.Of(Kinds.Dyno, dyno)));
        var report = await applier.ApplyAsync(new ApplySet(owner, [.. Desired(plan)], [.. live]) { Prune = false }, cancellationToken);

        // Deletions come last and only with a complete plan in place: a refused object must not cost a running dyno.
        return report.Failures.Count > 0 ? report : await DeleteAsync(observed, plan, report, cancellationToken);
    }

    private static IEnumerable<DesiredObject> Desired(AppPlan plan)
    {
        if (plan.Release is { } release)
        {
            yield return DesiredObject.Of(release) with { Stage = ReleaseStage, Guard = CreationGuard.CreateOnly };
        }

        foreach (var service in plan.Services)
        {
            yield return DesiredObject.Of(service) with { Stage = FormationStage, Guard = CreationGuard.TrustCache };
        }

        foreach (var dyno in plan.Dynos)
        {
            yield return DesiredObject.Of(dyno) with { Stage = FormationStage, Guard = CreationGuard.TrustCache };
        }
    }

    private async Task<ApplyReport> DeleteAsync(ObservedApp observed, AppPlan plan, ApplyReport report, CancellationToken cancellationToken)
    {
        var ns = observed.App.Metadata.NamespaceProperty;
        var unwanted = plan.DynosToDelete.Select(child => Find(child, caches.Dynos.Store.Get(Key(child)), dyno => LiveObject.Of(Kinds.Dyno, dyno)))
            .Concat(plan.ServicesToDelete.Select(child => Find(child, caches.Services.Store.Get(Key(child)), service => service.Live)))
            .Concat(plan.ReleasesToDelete.Select(child => Find(child, caches.Releases.Store.Get(Key(child)), release => release.Live)))
            .OfType<LiveObject>();

        var (pruned, failures) = (report.Pruned.ToList(), report.Failures.ToList());
        foreach (var live in unwanted)
        {
            if (await applier.DeleteAsync(live, cancellationToken) is { } failure)
            {
                failures.Add(failure);
            }
            else
            {
                pruned.Add(live.Reference);
            }
        }

        return report with { Pruned = pruned, Failures = failures };

        ObjectKey Key(ChildReference child) => new(ns, child.Name);
    }

    /// <summary>A namesake that has taken the place of what the plan saw is left alone.</summary>
    private static LiveObject? Find<T>(ChildReference child, T? found, Func<T, LiveObject> view)
        where T : class =>
        found is not null && view(found) is { IsTerminating: false } live && live.Uid == child.Uid ? live : null;
}
