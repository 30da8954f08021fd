using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Apps;

/// <summary>Says how an app is.</summary>
public static class AppStatusBuilder
{
    /// <summary>The status after a plan was applied with this outcome, and its routes with theirs.</summary>
    public static AppStatus Build(
        ObservedApp observed, AppPlan plan, ApplyOutcome outcome, PlatformOptions options, DateTimeOffset now, ApplyOutcome? routes = null)
    {
        var app = observed.App;
        plan = routes?.Problem is { } unrouted && plan.Problem is null ? Unrouted(plan, routes, unrouted, options) : plan;
        var census = new DynoCensus(observed, plan);
        var conditions = new ConditionTable(app.Status?.Conditions, app.Metadata.Generation, now);
        if (app.Metadata.DeletionTimestamp is not null)
        {
            conditions.SetReady(Verdict.Moving(new(Reasons.Deleting, "The app is being deleted.")));
        }
        else
        {
            AppConditions.Set(conditions, app, plan, outcome, census);
        }

        var hasWeb = census.Formation.Any(process => process.Type == ProcessTypes.Web);
        return new()
        {
            ObservedGeneration = app.Metadata.Generation,
            Release = outcome.Problem is null ? plan.CurrentRelease ?? app.Status?.Release : app.Status?.Release,
            Formation = Formation.Format(census.Formation),
            Dynos = string.Create(CultureInfo.InvariantCulture, $"{census.Up}/{census.Wished}"),
            Replicas = hasWeb ? census.Web : null,
            Selector = hasWeb ? $"{Labels.App}={app.Metadata.Name},{Labels.ProcessType}={ProcessTypes.Web}" : null,
            Hosts = plan.Hosts.Count > 0 ? [.. plan.Hosts] : null,
            Conditions = conditions.ToList(),
        };
    }

    /// <summary>What is being tried again is on its way. Our own routers need nothing of what failed.</summary>
    private static AppPlan Unrouted(AppPlan plan, ApplyOutcome routes, Problem problem, PlatformOptions options) => plan with
    {
        Hosts = options.Router.IsForeign ? [] : plan.Hosts,
        RouteProblem = plan.Routing.Withheld ?? (routes.IsRetrying ? new(Reasons.Progressing, problem.Message) : problem),
    };
}
