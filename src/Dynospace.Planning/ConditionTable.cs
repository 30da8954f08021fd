using Dynospace.Api;
using k8s.Models;

namespace Dynospace.Planning;

/// <summary>Collects the conditions of one status. What is not set this time is gone; transition times carry over from last time.</summary>
internal sealed class ConditionTable(IEnumerable<V1Condition>? previous, long? generation, DateTimeOffset now)
{
    private readonly List<V1Condition> _conditions = [];

    public void Set(string type, string status, Reason reason, string message) =>
        _conditions.Add(Conditions.Next(Conditions.Find(previous, type), type, status, reason, message, generation, now));

    public void SetTrue(string type, Reason reason, string message) => Set(type, ConditionStatus.True, reason, message);

    public void SetFalse(string type, Problem problem) => Set(type, ConditionStatus.False, problem.Reason, problem.Message);

    /// <summary>Sums up: Ready, and of kstatus's two abnormal conditions the one that applies.</summary>
    public void SetReady(Verdict verdict)
    {
        Set(ConditionTypes.Ready, ConditionStatus.Of(verdict.Progress == Progress.Done), verdict.Reason, verdict.Message);
        if (verdict.Progress == Progress.Moving)
        {
            SetTrue(ConditionTypes.Reconciling, verdict.Reason, verdict.Message);
        }
        else if (verdict.Progress == Progress.Stalled)
        {
            SetTrue(ConditionTypes.Stalled, verdict.Reason, verdict.Message);
        }
    }

    public IList<V1Condition> ToList()
    {
        _conditions.Sort((left, right) => string.CompareOrdinal(left.Type, right.Type));
        return _conditions;
    }
}
