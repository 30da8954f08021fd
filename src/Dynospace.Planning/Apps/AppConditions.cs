using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Apps;

namespace Dynospace.Planning.Apps;

/// <summary>The conditions of an app.</summary>
internal static class AppConditions
{
    /// <summary>A list of all hundred would hide which are named.</summary>
    private const int NamedDynos = 5;

    public static void Set(ConditionTable conditions, App app, AppPlan plan, ApplyOutcome outcome, DynoCensus census)
    {
        if (Refused(plan, outcome) is { } refused)
        {
            conditions.SetFalse(ConditionTypes.Accepted, refused);
        }
        else
        {
            conditions.SetTrue(ConditionTypes.Accepted, Reasons.Accepted, "The spec makes sense in this space.");
        }

        var release = ReleaseProblem(plan, outcome, census);
        if (release is null)
        {
            conditions.SetTrue(ConditionTypes.Released, Reasons.Released, Invariant($"Release {plan.WantedRelease} is out."));
        }
        else
        {
            conditions.SetFalse(ConditionTypes.Released, release);
        }

        SetAvailable(conditions, census);
        var route = SetRouted(conditions, app, plan, census);
        conditions.SetReady(Judge(plan, outcome, release, route, census));
    }

    private static Problem? Refused(AppPlan plan, ApplyOutcome outcome) => plan.Problem ?? Permanent(outcome) ?? plan.FirstWarning;

    /// <summary>A failure that is expected to pass says nothing about the spec.</summary>
    private static Problem? Permanent(ApplyOutcome outcome) => outcome.IsRetrying ? null : outcome.Problem;

    private static Problem? ReleaseProblem(AppPlan plan, ApplyOutcome outcome, DynoCensus census) =>
        plan.Problem ?? Permanent(outcome) ?? plan.ReleaseProblem
        ?? (census.Moved < census.Wished
            ? new(Reasons.RollingOut, Invariant($"{census.Moved} of {census.Wished} dynos run release {plan.WantedRelease}."))
            : null);

    private static void SetAvailable(ConditionTable conditions, DynoCensus census)
    {
        if (census.Wished == 0)
        {
            conditions.SetTrue(ConditionTypes.Available, Reasons.ScaledToZero, "The formation asks for no dynos.");
        }
        else if (census.Up == census.Wished)
        {
            conditions.SetTrue(ConditionTypes.Available, Reasons.FormationUp, Invariant($"All {census.Wished} dynos are up."));
        }
        else
        {
            conditions.SetFalse(ConditionTypes.Available, NotUp(census));
        }
    }

    /// <returns>Why a web process that shall run receives no requests; null when that is as wished.</returns>
    private static Problem? SetRouted(ConditionTable conditions, App app, AppPlan plan, DynoCensus census)
    {
        var service = AppNames.WebService(app.Metadata.Name);
        var hasService = plan.Services.Any(planned => planned.Metadata.Name == service);
        Problem? problem = (plan, census) switch
        {
            ({ Problem: { } refusal }, _) => refusal,
            _ when census.Formation.All(process => process.Type != ProcessTypes.Web) =>
                new(Reasons.NoWebProcess, "The app has no process of type web."),
            _ when !hasService && plan.FirstWarning is { } withheld => withheld,
            ({ RouteProblem: { } lacking }, _) => lacking,
            (_, { WebUp: 0 }) => new(Reasons.NoWebDynos, "No web dyno is up."),
            _ => null,
        };
        if (problem is null)
        {
            conditions.SetTrue(ConditionTypes.Routed, Reasons.Routed, $"Requests for {string.Join(", ", plan.Hosts)} reach the web dynos of Service {service}.{(plan.Routing.Note is { } note ? $" {note}" : "")}");
        }
        else
        {
            conditions.SetFalse(ConditionTypes.Routed, problem);
        }

        // Maintenance is what the spec asks for: the app is well.
        return census.WebWished > 0 && problem?.Reason != Reasons.InMaintenance ? problem : null;
    }

    private static Verdict Judge(AppPlan plan, ApplyOutcome outcome, Problem? release, Problem? route, DynoCensus census)
    {
        if (plan.Problem is { } refusal)
        {
            return Verdict.OfRefusal(refusal);
        }

        if (outcome.Problem is { } failure)
        {
            return Verdict.Of(outcome, failure);
        }

        if ((plan.FirstWarning ?? (release is { Reason.Nature: ReasonNature.Stalling } ? release : null)) is { } stalling)
        {
            return Verdict.Stalled(stalling);
        }

        var moving = release ?? (census.Up < census.Wished ? NotUp(census) : null);
        if (moving is null && route is not null && route == plan.RouteProblem && !route.Reason.IsPassing)
        {
            return Verdict.Stalled(route);
        }

        moving ??= route;
        return moving is null ? new(Progress.Done, Reasons.Ready, "The app is as its spec asks.") : Verdict.Moving(moving);
    }

    private static Problem NotUp(DynoCensus census)
    {
        var named = string.Join(", ", census.NotUp.Take(NamedDynos));
        var more = census.NotUp.Count > NamedDynos ? Invariant($" and {census.NotUp.Count - NamedDynos} more") : "";
        return new(
            census.IsTroubled ? Reasons.DynosNotUp : Reasons.Progressing,
            Invariant($"{census.Up} of {census.Wished} dynos are up. Not up: {named}{more}."));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
