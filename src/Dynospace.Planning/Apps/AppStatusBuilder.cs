using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Apps;

/// <summary>Builds the status of an app.</summary>
public static class AppStatusBuilder
{
    /// <summary>The status after a plan and its routes were applied with these outcomes.</summary>
    public static AppStatus Build(
        ObservedApp observed,
        AppPlan plan,
        ApplyOutcome outcome,
        PlatformOptions options,
        DateTimeOffset now,
        ApplyOutcome? routes = null)
    {
        var app = observed.App;
        plan = WithRouteOutcome(plan, routes ?? ApplyOutcome.Success, options);
        var census = new DynoCensus(observed, plan);
        var conditions = new ConditionTable(
            app.Status?.Conditions, app.Metadata.Generation, now, options.Cluster.StallAfter);
        if (app.Metadata.DeletionTimestamp is not null)
        {
            var deleting = Deleting(app, census);
            conditions.SetFalse(ConditionTypes.Available, deleting);
            conditions.SetFalse(ConditionTypes.Routed, deleting);
            conditions.SetReady(ReadyState.Moving(deleting));
        }
        else
        {
            var stuck = AppProgress.Stuck(observed, plan, census, options.Releases.ProgressDeadline, now);
            new AppConditions(observed, plan, outcome, census, stuck).Set(conditions);
        }

        var hasWeb = Formation.HasWeb(census.Formation);
        return new()
        {
            ObservedGeneration = app.Metadata.Generation,
            Release = outcome.Problem is null ? plan.CurrentRelease ?? app.Status?.Release : app.Status?.Release,
            Formation = Formation.Format(census.Formation),
            Dynos = string.Create(CultureInfo.InvariantCulture, $"{census.Up}/{census.Desired}"),
            Replicas = hasWeb ? census.Web : null,
            Selector = hasWeb ? $"{Labels.App}={app.Metadata.Name},{Labels.ProcessType}={ProcessTypes.Web}" : null,
            Hosts = plan.Hosts.Count > 0 ? [.. plan.Hosts] : null,
            Conditions = conditions.ToList(),
        };
    }

    /// <summary>What the deletion of an App still waits for.</summary>
    private static Problem Deleting(App app, DynoCensus census)
    {
        var dynos = census.Existing switch
        {
            0 => "",
            1 => " One dyno is still there.",
            var more => string.Create(CultureInfo.InvariantCulture, $" {more} dynos are still there."),
        };
        var finalizers = app.Metadata.Finalizers is { Count: > 0 } held
            ? $" It is kept by metadata.finalizers {string.Join(", ", held)}: each goes when its owner has done its "
                + "work, or remove it."
            : "";
        return new(Reasons.Deleting, $"The app is being deleted.{dynos}{finalizers}");
    }

    /// <summary>When to reconcile again because the passage of time changes the status; null for never.</summary>
    public static TimeSpan? RecheckAfter(AppPlan plan, AppStatus status, PlatformOptions options)
    {
        var isComing = Conditions.IsTrue(status.Conditions, ConditionTypes.Reconciling)
            && !Conditions.IsTrue(status.Conditions, ConditionTypes.Available);
        return plan.RecheckAfter ?? (isComing ? options.Releases.ProgressDeadline : null);
    }

    /// <summary>Failed routes of the cluster's gateway take the hosts away; our own routers do not need them.</summary>
    private static AppPlan WithRouteOutcome(AppPlan plan, ApplyOutcome routes, PlatformOptions options) =>
        routes.Problem is not { } problem || plan.Problem is not null
            ? plan
            : plan with
            {
                Hosts = options.Router.IsForeign ? [] : plan.Hosts,
                RouteProblem = plan.Routing.Withheld
                    ?? (routes.IsRetrying ? new(Reasons.Progressing, problem.Message) : problem),
            };
}

/// <summary>
/// The conditions of an app: one function for each, which returns why the condition is false; null if it is true.
/// </summary>
/// <param name="stuck">
/// Why the app counts as stalled although each dyno may still come up; null while there is progress.
/// </param>
internal sealed class AppConditions(
    ObservedApp observed, AppPlan plan, ApplyOutcome outcome, DynoCensus census, Problem? stuck)
{
    /// <summary>The maximum number of dynos that a message names.</summary>
    private const int NamedDynos = 5;

    /// <summary>A failure that is expected to pass does not mean that the spec is wrong.</summary>
    private Problem? PermanentFailure => outcome.IsRetrying ? null : outcome.Problem;

    public void Set(ConditionTable conditions)
    {
        var note = plan.Scale?.Note(Formation.HasWeb(census.Formation));
        Set(
            conditions,
            ConditionTypes.Accepted,
            NotAccepted(),
            plan.BudgetProblem ?? new(Reasons.Accepted, $"The spec is valid in this space. {note}".TrimEnd()));
        Set(conditions, ConditionTypes.Released, NotReleased(), new(
            Reasons.Released, Invariant($"Release {plan.WantedRelease} is out. {plan.ReleaseNote}").TrimEnd()));
        Set(conditions, ConditionTypes.Available, NotAvailable(), Available());
        Set(conditions, ConditionTypes.Routed, NotRouted(), Routed());
        conditions.SetReady(Sum());
    }

    private static void Set(ConditionTable conditions, string type, Problem? problem, Problem otherwise)
    {
        if (problem is null)
        {
            conditions.SetTrue(type, otherwise.Reason, otherwise.Message);
        }
        else
        {
            conditions.SetFalse(type, problem);
        }
    }

    private Problem? NotAccepted() => plan.Problem ?? PermanentFailure ?? plan.FirstWarning;

    private Problem? NotReleased() => plan.Problem ?? PermanentFailure ?? plan.ReleaseProblem ?? NotMoved();

    private Problem? NotMoved() => census.Moved == census.Desired
        ? null
        : stuck
            ?? new(
                Reasons.RollingOut,
                Invariant($"{census.Moved} of {census.Desired} dynos run release {plan.WantedRelease}."));

    private Problem? NotAvailable()
    {
        if (census.Up == census.Desired)
        {
            return null;
        }

        if (stuck is not null)
        {
            return stuck;
        }

        var named = string.Join(", ", census.NotUp.Take(NamedDynos));
        var more = census.NotUp.Count > NamedDynos ? Invariant($" and {census.NotUp.Count - NamedDynos} more") : "";
        return new(
            census.IsTroubled ? Reasons.DynosNotUp : Reasons.Progressing,
            Invariant($"{census.Up} of {census.Desired} dynos are up. Not up: {named}{more}."));
    }

    private Problem Available() => census.Desired == 0
        ? new(Reasons.ScaledToZero, "The formation asks for no dynos.")
        : new(
            Reasons.FormationUp,
            census.Desired == 1 ? "The dyno is up." : Invariant($"All {census.Desired} dynos are up."));

    private Problem? NotRouted()
    {
        if (plan.Problem is { } refusal)
        {
            // Running dynos keep serving, and their routes stay.
            return plan.Hosts.Count > 0 && census.WebUp > 0
                ? plan.RouteProblem ?? Unreachable()
                : refusal;
        }

        if (!Formation.HasWeb(census.Formation))
        {
            const string withoutWeb = "The app has no process of type web.";
            return plan.RouteProblem is { } lost
                ? lost with { Message = $"{withoutWeb} {lost.Message}" }
                : new(Reasons.NoWebProcess, withoutWeb);
        }

        if (plan.Services.All(planned => planned.Metadata.Name != WebService) && plan.FirstWarning is { } withheld)
        {
            return withheld;
        }

        return plan.RouteProblem ?? Unreachable();
    }

    /// <summary>Why requests reach no web dyno although they are routed; null if they do.</summary>
    private Problem? Unreachable() => census.WebUp == 0
        ? new(Reasons.NoWebDynos, "No web dyno is up.")
        : observed.ReadyEndpoints == 0
            ? new(
                Reasons.NoEndpoints,
                $"Service {WebService} has no ready endpoint, though {census.WebUp} web dynos are up: the cluster's "
                + "endpoint slices are behind, or the labels of their pods were changed.")
            : null;

    private Problem Routed()
    {
        var note = plan.Routing.Note is { } text ? $" {text}" : "";
        return new(
            Reasons.Routed,
            $"Requests for {string.Join(", ", plan.Hosts)} reach the web dynos of Service {WebService}.{note}");
    }

    private string WebService => AppNames.WebService(observed.App.Metadata.Name);

    /// <summary>The first reason why the app is not ready, in the order in which reasons must be fixed.</summary>
    private ReadyState Sum()
    {
        if (plan.Problem is { } refusal)
        {
            return ReadyState.FromProblem(refusal);
        }

        if (outcome.Problem is { } failure)
        {
            return ReadyState.FromFailure(outcome, failure);
        }

        var release = NotReleased();
        if ((plan.FirstWarning
            ?? (release is { Reason.Nature: ReasonNature.Stalling } ? release : null)) is { } stalling)
        {
            return ReadyState.FromProblem(stalling);
        }

        if ((release ?? NotAvailable()) is { } moving)
        {
            return moving == stuck ? ReadyState.Stalled(moving) : ReadyState.FromProblem(moving);
        }

        return MissingRoute() switch
        {
            null => new(Progress.Done, Reasons.Ready, "The app is as its spec asks."),
            { } route => ReadyState.FromProblem(route),
        };
    }

    /// <summary>
    /// Why desired web dynos receive no requests. Maintenance is what the spec asks for, so it does not count.
    /// </summary>
    private Problem? MissingRoute() =>
        census.WebDesired > 0 && NotRouted() is { } problem && problem.Reason != Reasons.InMaintenance ? problem : null;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
