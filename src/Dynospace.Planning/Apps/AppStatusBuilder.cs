using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Apps;

namespace Dynospace.Planning.Apps;

/// <summary>Says how an app is.</summary>
public static class AppStatusBuilder
{
    /// <summary>The status after a plan was applied with this outcome.</summary>
    public static AppStatus Build(ObservedApp observed, AppPlan plan, ApplyOutcome outcome, PlatformOptions options, DateTimeOffset now)
    {
        var app = observed.App;
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
}
