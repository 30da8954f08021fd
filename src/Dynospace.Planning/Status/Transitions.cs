using Dynospace.Api;
using k8s.Models;

namespace Dynospace.Planning.Status;

/// <summary>An event to record for an object.</summary>
public sealed record PlannedEvent(bool IsWarning, string Reason, string Message);

/// <summary>Turns changes of conditions into events, so that a steady state records none.</summary>
public static class Transitions
{
    /// <summary>
    /// Types that repeat other conditions and so have no events, except Stalled if its reason is on no other condition.
    /// </summary>
    private static readonly string[] Summaries =
    [
        ConditionTypes.Ready,
        ConditionTypes.Reconciling,
        ConditionTypes.Stalled,
    ];

    /// <summary>
    /// The events for the change from one list of conditions to the next: one for each condition whose status or reason
    /// changed. The same reason on several conditions is reported once.
    /// </summary>
    public static IReadOnlyList<PlannedEvent> Between(IEnumerable<V1Condition>? before, IEnumerable<V1Condition>? after)
    {
        List<PlannedEvent>? events = null;
        IReadOnlyCollection<V1Condition> conditions = [.. after ?? []];
        foreach (var condition in conditions)
        {
            if (IsRepetition(condition, conditions) || !IsNews(Conditions.Find(before, condition.Type), condition))
            {
                continue;
            }

            var isWarning = condition.Type == ConditionTypes.Stalled || IsWarning(condition);
            var planned = new PlannedEvent(isWarning, condition.Reason, condition.Message);
            events ??= [];
            if (!events.Contains(planned))
            {
                events.Add(planned);
            }
        }

        return events ?? [];
    }

    private static bool IsRepetition(V1Condition condition, IReadOnlyCollection<V1Condition> all) =>
        Summaries.Contains(condition.Type)
        && (condition.Type != ConditionTypes.Stalled
            || all.Any(other => !Summaries.Contains(other.Type) && other.Reason == condition.Reason));

    private static bool IsWarning(V1Condition condition)
    {
        var reason = Reason.FromName(condition.Reason);
        return condition.Status == ConditionStatus.True
            ? reason.IsFault || reason.Nature == ReasonNature.Warning
            : !reason.IsPassing;
    }

    private static bool IsNews(V1Condition? before, V1Condition after)
    {
        var isSame = before is not null && before.Status == after.Status && before.Reason == after.Reason;
        var isEarly = before is not { Status: ConditionStatus.True }
            && after.Status != ConditionStatus.True
            && Reason.FromName(after.Reason).IsEarly;
        return !isSame && !isEarly;
    }
}
