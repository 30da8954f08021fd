using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Children;
using Dynospace.Controllers.Reconciling;
using Dynospace.Controllers.Routes;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Options;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Events;
using Dynospace.Runtime.Transport;

namespace Dynospace.Controllers.Apps;

/// <summary>Moves one App towards its spec: release, Services, and one Dyno for each unit of its formation.</summary>
internal sealed class AppReconciler(
    AppObserver observer,
    ChildApplier children,
    AppRoutes routes,
    IApiTransport transport,
    StatusWriter statusWriter,
    IEventRecorder events,
    PlatformOptions options,
    TimeProvider clock) : IReconciler
{
    /// <summary>An unseen release wakes us when it arrives; this is for the case that it is deleted before.</summary>
    private static readonly TimeSpan UnseenRecheck = TimeSpan.FromSeconds(5);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (observer.Observe(key) is not { } observed)
        {
            var left = await routes.RemoveAsync(key, cancellationToken);
            return ReconcileEnd.Of(key, left, left.Count > 0 ? options.Cluster.RecheckInterval : null);
        }

        var plan = AppPlanner.Plan(observed, options);
        if (await HasUnseenReleaseAsync(observed.App, plan, cancellationToken))
        {
            var kept = await routes.ApplyAsync(observed.App, plan.Routing, cancellationToken);
            return ReconcileEnd.Of(key, kept, UnseenRecheck);
        }

        var report = await children.ApplyAsync(OwnerIdentity.Of(Kinds.App, observed.App), plan.Children, cancellationToken);
        RecordFormation(observed.App, report);
        var routed = await routes.ApplyAsync(observed.App, plan.Routing, cancellationToken);
        var status = AppStatusBuilder.Build(observed, plan, ApplyOutcomes.Of(report), options, clock.GetUtcNow(), ApplyOutcomes.Of(routed));
        var before = observed.App.Status;
        await statusWriter.WriteAsync(
            Kinds.App, observed.App, before, status, (before?.Conditions, status.Conditions), cancellationToken);

        var recheck = Grace.RecheckAfter(status.Conditions, options.Cluster.StallAfter, clock.GetUtcNow());
        return ReconcileEnd.Of(
            key, [.. report.Failures, .. routed.Failures], ReconcileEnd.Earliest(AppStatusBuilder.RecheckAfter(plan, status, options), recheck));
    }

    /// <summary>Whether the release that the plan would repeat exists, and only the cache does not hold it yet.</summary>
    private async Task<bool> HasUnseenReleaseAsync(App app, AppPlan plan, CancellationToken cancellationToken)
    {
        if (plan.UnseenRelease is not { } unseen)
        {
            return false;
        }

        try
        {
            await transport.GetAsync(Kinds.ControllerRevision, new ObjectKey(app.Metadata.NamespaceProperty, unseen), cancellationToken);
            return true;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    /// <summary>One event for all dynos of a reconcile: a formation of a hundred is one piece of news.</summary>
    private void RecordFormation(App app, ApplyReport report)
    {
        var owner = OwnerIdentity.Of(Kinds.App, app);
        Record(
            Reasons.DynoCreated,
            "Created",
            [.. report.Applied.Where(applied => applied.WasCreated && IsDyno(applied.Reference)).Select(applied => applied.Reference.Key.Name)]);
        Record(Reasons.DynoDeleted, "Deleted", [.. report.Pruned.Where(IsDyno).Select(pruned => pruned.Key.Name)]);

        void Record(string reason, string verb, string[] names)
        {
            if (names.Length > 0)
            {
                events.Record(owner, EventType.Normal, reason, $"{verb} {string.Join(", ", names)}.");
            }
        }
    }

    private static bool IsDyno(ObjectReference reference) => reference.Kind == Kinds.Dyno;
}
