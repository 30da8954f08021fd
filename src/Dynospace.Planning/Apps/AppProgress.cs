using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Dynos;

namespace Dynospace.Planning.Apps;

/// <summary>
/// Whether an app that is not up still makes progress: each dyno may still come up, but people should not have to wait
/// indefinitely.
/// </summary>
internal static class AppProgress
{
    /// <summary>
    /// Why the app does not come up, once no dyno has come up for as long as the deadline; null before that.
    /// </summary>
    public static Problem? Stuck(
        ObservedApp observed, AppPlan plan, DynoCensus census, TimeSpan deadline, DateTimeOffset now)
    {
        if (plan.Problem is not null
            || census.Up == census.Desired
            || census.Down is not { } dyno
            || IsWaitingForSpace(dyno))
        {
            return null;
        }

        return now - LastProgress(observed, plan, census, now) >= deadline ? Describe(dyno, deadline) : null;
    }

    /// <summary>
    /// The latest of three times: the release was stored, the app stopped being up, the last dyno that is up came up.
    /// </summary>
    private static DateTimeOffset LastProgress(
        ObservedApp observed, AppPlan plan, DynoCensus census, DateTimeOffset now)
    {
        var released = observed.Releases.FirstOrDefault(release => release.Number == plan.WantedRelease)?.CreatedAt
            ?? now;
        var down =
            Conditions.Find(
                observed.App.Status?.Conditions,
                ConditionTypes.Available) is { Status: ConditionStatus.False } available
                ? ApiTime.Read(available.LastTransitionTime)
                : now;
        return new[] { released, down, census.LastUp ?? DateTimeOffset.MinValue }.Max();
    }

    private static bool IsWaitingForSpace(Dyno dyno) =>
        Conditions.Find(dyno.Status?.Conditions, ConditionTypes.Up) is { } up
        && Reason.FromName(up.Reason) == Reasons.SpaceNotReady;

    private static Problem Describe(Dyno dyno, TimeSpan deadline)
    {
        var status = dyno.Status;
        var cause = Conditions.Find(status?.Conditions, ConditionTypes.Up)?.Message.TrimEnd('.');
        var what = status?.ExitCode is { } code
            ? string.Create(CultureInfo.InvariantCulture, $"last ended with exit code {code}")
            : $"is not up: {cause ?? "it has no status yet"}";
        return new(
            Reasons.ProgressDeadlineExceeded,
            string.Create(
                CultureInfo.InvariantCulture,
                $"No dyno came up for {deadline.TotalMinutes:0.#} minutes. Dyno {dyno.Metadata.Name} {what}. Its log: "
                + $"{LogCommand.ForDyno(dyno.Metadata.NamespaceProperty, dyno.Metadata.Name)}"));
    }
}
