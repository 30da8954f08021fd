// Status: conditions, problems, events on transitions and times, for every status.

using Dynospace.Api;
using k8s.Models;

namespace Dynospace.Planning.Status;

/// <summary>Values of a condition's status.</summary>
public static class ConditionStatus
{
    /// <summary>The condition holds.</summary>
    public const string True = "True";

    /// <summary>The condition does not hold.</summary>
    public const string False = "False";

    /// <summary>Not known.</summary>
    public const string Unknown = "Unknown";

    /// <summary>The value for a known state.</summary>
    public static string FromBool(bool value) => value ? True : False;
}

/// <summary>Operations on lists of conditions, which return new lists.</summary>
public static class Conditions
{
    /// <summary>The maximum length of a message, for readability. The API server's limit is 32,768.</summary>
    internal const int MaxMessageLength = 1024;

    /// <summary>
    /// The list with one condition set, sorted by type. The transition time moves only when the status flips,
    /// and in whole seconds, since that is all that the API stores.
    /// </summary>
    public static IList<V1Condition> With(
        IEnumerable<V1Condition>? conditions,
        string type,
        string status,
        string reason,
        string message,
        long? generation,
        DateTimeOffset now)
    {
        var others = conditions?.Where(condition => condition.Type != type) ?? [];
        var next = Next(Find(conditions, type), type, status, reason, message, generation, now);
        return [.. others.Append(next).OrderBy(condition => condition.Type, StringComparer.Ordinal)];
    }

    /// <summary>The list without one condition.</summary>
    public static IList<V1Condition> Without(IEnumerable<V1Condition>? conditions, string type) =>
        [.. conditions?.Where(condition => condition.Type != type) ?? []];

    /// <summary>The condition of a type; null if there is none.</summary>
    public static V1Condition? Find(IEnumerable<V1Condition>? conditions, string type) =>
        conditions?.FirstOrDefault(condition => condition.Type == type);

    /// <summary>Whether a condition exists and is True.</summary>
    public static bool IsTrue(IEnumerable<V1Condition>? conditions, string type) =>
        Find(conditions, type)?.Status == ConditionStatus.True;

    internal static V1Condition Next(
        V1Condition? previous,
        string type,
        string status,
        string reason,
        string message,
        long? generation,
        DateTimeOffset now) =>
        new()
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = Capped(PrintableText.Clean(message)),
            ObservedGeneration = generation,
            LastTransitionTime = previous is not null && previous.Status == status
                ? previous.LastTransitionTime
                : ApiTime.WholeSeconds(now),
        };

    private static string Capped(string message) =>
        message.Length <= MaxMessageLength ? message : string.Concat(message.AsSpan(0, MaxMessageLength - 1), "…");
}

/// <summary>
/// Collects the conditions of one status. Conditions that are not set are dropped; transition times carry over from the
/// previous status.
/// </summary>
/// <param name="grace">How long a problem that may resolve itself counts as Reconciling.</param>
public sealed class ConditionTable(
    IEnumerable<V1Condition>? previous, long? generation, DateTimeOffset now, TimeSpan grace)
{
    private readonly List<V1Condition> _conditions = [];

    /// <summary>
    /// Sets a condition. It keeps the transition time of the previous one while its status is the same.
    /// </summary>
    public void Set(string type, string status, Reason reason, string message) =>
        _conditions.Add(
            Conditions.Next(Conditions.Find(previous, type), type, status, reason, message, generation, now));

    /// <summary>A condition that holds.</summary>
    public void SetTrue(string type, Reason reason, string message) => Set(type, ConditionStatus.True, reason, message);

    /// <summary>A condition that does not hold, with its cause.</summary>
    public void SetFalse(string type, Problem problem) =>
        Set(type, ConditionStatus.False, problem.Reason, problem.Message);

    /// <summary>Sets Ready and, if one applies, kstatus's Reconciling or Stalled.</summary>
    public void SetReady(ReadyState verdict)
    {
        Set(ConditionTypes.Ready, ConditionStatus.FromBool(
            verdict.Progress == Progress.Done), verdict.Reason, verdict.Message);
        switch (verdict.Progress)
        {
            case Progress.Moving:
                SetTrue(ConditionTypes.Reconciling, verdict.Reason, verdict.Message);
                break;
            case Progress.Waiting when Grace.IsOver(previous, generation, grace, now):
            case Progress.Stalled:
                SetTrue(ConditionTypes.Stalled, verdict.Reason, verdict.Message);
                break;
            case Progress.Waiting:
                // The grace period starts with the first fault, and again with each generation.
                var clock = Grace.IsRunning(previous, generation)
                    ? Conditions.Find(previous, ConditionTypes.Reconciling)
                    : null;
                _conditions.Add(Conditions.Next(
                    clock,
                    ConditionTypes.Reconciling,
                    ConditionStatus.True,
                    verdict.Reason,
                    verdict.Message,
                    generation,
                    now));
                break;
            default:
                break;
        }
    }

    /// <summary>All conditions, sorted by type.</summary>
    public IList<V1Condition> ToList()
    {
        _conditions.Sort((left, right) => string.CompareOrdinal(left.Type, right.Type));
        return _conditions;
    }
}
