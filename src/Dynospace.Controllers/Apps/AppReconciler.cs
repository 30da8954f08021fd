// Apps: observes an App, applies its plan and writes its status.

using System.Text.Json;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Children;
using Dynospace.Controllers.Hosts;
using Dynospace.Controllers.Reconciling;
using Dynospace.Controllers.Routes;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Children;
using Dynospace.Planning.Options;
using Dynospace.Planning.Releases;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Events;
using Dynospace.Runtime.Transport;

namespace Dynospace.Controllers.Apps;

/// <summary>Moves one App towards its spec: release, Services, and one Dyno for each unit of its formation.</summary>
public sealed class AppReconciler(
    AppObserver observer,
    ChildApplier children,
    AppRoutes routes,
    HostClaims hosts,
    ScaleMirror scale,
    IApiTransport transport,
    StatusWriter statusWriter,
    IEventRecorder events,
    PlatformOptions options,
    TimeProvider clock) : IReconciler
{
    /// <summary>
    /// A release that the cache lacks wakes us when it arrives; this is for the case that it is deleted before that.
    /// </summary>
    private static readonly TimeSpan UnseenRecheck = TimeSpan.FromSeconds(5);

    /// <summary>A cache that is behind the API server usually catches up within a second, and then wakes us.</summary>
    private static readonly TimeSpan LateCacheRecheck = TimeSpan.FromSeconds(2);

    private readonly NameRechecks _names = new(clock);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var found = observer.Observe(key);
        if (found is not { App.Metadata.DeletionTimestamp: null } observed)
        {
            return await EndAsync(key, found, cancellationToken);
        }

        var claimed = await hosts.ClaimAsync(observed.App, cancellationToken);
        observed = observed with { Routes = observed.Routes with { Hosts = claimed.Granted } };

        var plan = AppPlanner.Plan(observed, options);
        if (await HasUnseenReleaseAsync(observed.App, plan, cancellationToken))
        {
            var kept = await routes.ApplyAsync(observed.App, plan.Routing, cancellationToken);
            return ReconcileEnd.FromReport(key, kept, UnseenRecheck);
        }

        if (await WithSecretsAsync(observed.App, plan, cancellationToken) is not { } planned)
        {
            return ReconcileResult.After(LateCacheRecheck);
        }

        var report =
            await children.ApplyAsync(OwnerIdentity.FromObject(Kinds.App, observed.App), planned, cancellationToken);
        plan = plan with
        {
            Unapplied = UnappliedDynos(report),
            BudgetProblem = plan.BudgetProblem ?? MissingBudget(report),
        };
        RecordFormation(observed.App, plan, report);
        var routed = await routes.ApplyAsync(observed.App, plan.Routing, cancellationToken);
        var (current, unscaled) = await scale.ApplyAsync(observed.App, plan.Scale, cancellationToken);
        observed = observed with { App = current };

        // The same instant for the status and for its next change, so that nothing that comes due while the status is
        // written is missed.
        var now = clock.GetUtcNow();
        var status = AppStatusBuilder.Build(
            observed, plan, ApplyOutcomes.FromReport(report, IsNeeded), options, now, ApplyOutcomes.FromReport(routed));
        var before = observed.App.Status;
        await statusWriter.WriteAsync(
            Kinds.App, observed.App, before, status, (before?.Conditions, status.Conditions), cancellationToken);

        // A foreign Secret that has just taken the name of a release's Secret causes no event here.
        var due = plan.Secrets.Count > 0 && report.Foreign.Count > 0
            ? LateCacheRecheck
            : ReconcileEnd.Earliest(
                AppStatusBuilder.RecheckAfter(plan, status, options),
                _names.After(key, status.Conditions, report, routed));
        var recheck = Grace.RecheckAfter(status.Conditions, options.Cluster.StallAfter, now);

        // Only now are the hosts that the app gave up no longer served.
        var released = await hosts.DeleteAsync(claimed.GivenUp, cancellationToken);
        return ReconcileEnd.FromReport(
            key,
            [
                .. report.Failures,
                .. routed.Failures,
                .. claimed.Failures,
                .. released,
                .. unscaled is null ? Array.Empty<ApplyFailure>() : [unscaled],
            ],
            ReconcileEnd.Earliest(
                due, claimed.RecheckAfter, recheck, report.RecheckAfter, routed.RecheckAfter));
    }

    /// <summary>
    /// The end of an App: nothing serves its hosts, and its dynos go, even if a finalizer of another owner keeps the
    /// object. Its status then says so.
    /// </summary>
    private async Task<ReconcileResult> EndAsync(
        ObjectKey key, ObservedApp? deleted, CancellationToken cancellationToken)
    {
        _names.After(key, isTaken: false);
        var left = await routes.RemoveAsync(key, cancellationToken);
        left = left.Count > 0 ? left : await hosts.ReleaseAsync(key, cancellationToken);
        if (deleted is not null)
        {
            var plan = AppPlanner.Plan(deleted, options);
            var report = await children.ApplyAsync(
                OwnerIdentity.FromObject(Kinds.App, deleted.App), plan.Children, cancellationToken);
            RecordFormation(deleted.App, plan, report);
            left = [.. left, .. report.Failures];
            var status = AppStatusBuilder.Build(
                deleted, plan, ApplyOutcomes.FromReport(report), options, clock.GetUtcNow());
            var before = deleted.App.Status;
            await statusWriter.WriteAsync(
                Kinds.App, deleted.App, before, status, (before?.Conditions, status.Conditions), cancellationToken);
        }

        return ReconcileEnd.FromReport(key, left, left.Count > 0 ? options.Cluster.RecheckInterval : null);
    }

    private static HashSet<string> UnappliedDynos(ApplyReport report) =>
    [
        .. report.Failures.Select(failure => failure.Reference)
            .Concat(report.Withheld)
            .Concat(report.Foreign.Select(foreign => foreign.Reference))
            .Where(IsDyno)
            .Select(dyno => dyno.Key.Name),
    ];

    /// <summary>
    /// The children with the Secrets of a new release, if it needs any; null when the values are not those that the
    /// release was planned with, since the cache is behind. Only here are values of Secrets read.
    /// </summary>
    private async Task<ChildPlan?> WithSecretsAsync(App app, AppPlan plan, CancellationToken cancellationToken)
    {
        var planned = new List<PlannedObject>(plan.Secrets.Count);
        foreach (var secret in plan.Secrets)
        {
            var values = new List<IReadOnlyDictionary<string, byte[]>>(secret.Sources.Count);
            foreach (var source in secret.Sources)
            {
                if (await ReadAsync(
                    new ObjectKey(app.Metadata.NamespaceProperty, source.Name), cancellationToken) is not { } found
                    || found.Digest.Hash != source.Hash)
                {
                    return null;
                }

                values.Add(found.Data);
            }

            planned.Add(
                new(secret.Build(app, values)) { Stage = AppPlanner.SecretStage, Guard = ChildGuard.CreateOnly });
        }

        return plan.Children with { Objects = [.. planned, .. plan.Children.Objects] };
    }

    private async Task<(SecretDigest Digest, IReadOnlyDictionary<string, byte[]> Data)?> ReadAsync(
        ObjectKey secret, CancellationToken cancellationToken)
    {
        try
        {
            return SecretState.Read(
                JsonSerializer.SerializeToElement(await transport.GetAsync(Kinds.Secret, secret, cancellationToken)));
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether the release that the plan would repeat exists, and only the cache does not hold it yet.
    /// </summary>
    private async Task<bool> HasUnseenReleaseAsync(App app, AppPlan plan, CancellationToken cancellationToken)
    {
        if (plan.UnseenRelease is not { } unseen)
        {
            return false;
        }

        try
        {
            await transport.GetAsync(
                Kinds.ControllerRevision, new ObjectKey(app.Metadata.NamespaceProperty, unseen), cancellationToken);
            return true;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    /// <summary>One event for all dynos of a reconcile, even for a formation of a hundred.</summary>
    private void RecordFormation(App app, AppPlan plan, ApplyReport report)
    {
        var owner = OwnerIdentity.FromObject(Kinds.App, app);
        Record(
            Reasons.DynoCreated,
            "Created",
            [
                .. report.Applied.Where(applied => applied.WasCreated && IsDyno(applied.Reference))
                    .Select(applied => applied.Reference.Key.Name),
            ]);
        Record(
            Reasons.Restored,
            "Restored the labels of",
            [
                .. report.Applied.Select(applied => applied.Reference)
                    .Where(IsDyno)
                    .Select(dyno => dyno.Key.Name)
                    .Intersect(plan.Restored),
            ]);
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

    /// <summary>An app works without its budgets, and not without any other planned object.</summary>
    private static bool IsNeeded(ObjectReference reference) => reference.Kind != Kinds.DisruptionBudget;

    private static Problem? MissingBudget(ApplyReport report) =>
        ApplyOutcomes.FromReport(report, child => !IsNeeded(child)) is { Problem: { } problem, IsRetrying: false }
            ? new(Reasons.DisruptionBudgetMissing, problem.Message)
            : null;
}
