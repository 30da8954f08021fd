using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Controllers.Caching;
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
    AppChildren children,
    AppRoutes routes,
    IApiTransport transport,
    StatusWriter statusWriter,
    IEventRecorder events,
    PlatformOptions options,
    TimeProvider clock) : IReconciler
{
    /// <summary>A release that exists and was not seen wakes us when it is; this is for the case that it goes before.</summary>
    private static readonly TimeSpan UnseenRecheck = TimeSpan.FromSeconds(5);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (observer.Observe(key) is not { } observed)
        {
            var left = await routes.RemoveAsync(key, cancellationToken);
            return ReconcileEnd.Of(key, left, left.Count > 0 ? options.Cluster.RecheckInterval : null);
        }

        var plan = AppPlanner.Plan(observed, options);
        if (plan.UnseenRelease is { } unseen && await ExistsAsync(new ObjectKey(key.Namespace, unseen), cancellationToken))
        {
            var kept = await routes.ApplyAsync(observed.App, plan.Routing, cancellationToken);
            return ReconcileEnd.Of(key, kept, UnseenRecheck);
        }

        var report = plan.Problem is null ? await children.ApplyAsync(observed, plan, cancellationToken) : new ApplyReport();
        RecordFormation(observed.App, report);

        // Whom the space trusts holds for an app that is refused, too.
        var routed = await routes.ApplyAsync(observed.App, plan.Routing, cancellationToken);
        var status = AppStatusBuilder.Build(observed, plan, ApplyOutcomes.Of(report), options, clock.GetUtcNow(), ApplyOutcomes.Of(routed));
        var before = observed.App.Status;
        await statusWriter.WriteAsync(
            Kinds.App, observed.App, before, status, (before?.Conditions, status.Conditions), cancellationToken);

        return ReconcileEnd.Of(key, [.. report.Failures, .. routed.Failures], plan.RecheckAfter);
    }

    private async Task<bool> ExistsAsync(ObjectKey release, CancellationToken cancellationToken)
    {
        try
        {
            await transport.GetAsync(Kinds.ControllerRevision, release, cancellationToken);
            return true;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    /// <summary>One event for all dynos of a pass: a formation of a hundred is not a hundred pieces of news.</summary>
    private void RecordFormation(App app, ApplyReport report)
    {
        var owner = OwnerIdentity.Of(Kinds.App, app);
        Record(Reasons.DynoCreated, "Created", [.. report.Applied.Where(a => a.WasCreated && IsDyno(a.Reference)).Select(a => a.Reference.Key.Name)]);
        Record(Reasons.DynoDeleted, "Deleted", [.. report.Pruned.Where(IsDyno).Select(p => p.Key.Name)]);

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
