using Dynospace.Api;
using k8s.Models;

namespace Dynospace.Planning.Status;

/// <summary>
/// A problem that may resolve itself (a missing Secret, Space, image or quota) is Reconciling for a grace period, so
/// that clients that give up at the first Stalled (Helm, Flux) wait for it. Then it is Stalled until it is resolved.
/// The start is stored in the status, so that a restart of the operator does not start the period again: it is the
/// transition time of Reconciling while that has a reason that may resolve itself.
/// </summary>
public static class Grace
{
    /// <summary>
    /// The time until the grace period of a status ends and the object must be reconciled; null if none is running.
    /// </summary>
    public static TimeSpan? RecheckAfter(IEnumerable<V1Condition>? conditions, TimeSpan grace, DateTimeOffset now)
    {
        if (Conditions.Find(conditions, ConditionTypes.Reconciling) is not { } reconciling || !MayPass(reconciling))
        {
            return null;
        }

        var left = ApiTime.Read(reconciling.LastTransitionTime) + grace - now;
        return left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1);
    }

    /// <summary>Whether the grace period of this generation of the object is running.</summary>
    internal static bool IsRunning(IEnumerable<V1Condition>? previous, long? generation) =>
        Conditions.Find(previous, ConditionTypes.Reconciling) is { } reconciling
        && reconciling.ObservedGeneration == generation && MayPass(reconciling);

    /// <summary>
    /// Whether the grace period of this generation is over. A stalled object stays so until the problem is resolved.
    /// </summary>
    internal static bool IsOver(
        IEnumerable<V1Condition>? previous, long? generation, TimeSpan grace, DateTimeOffset now) =>
        (Conditions.Find(previous, ConditionTypes.Stalled) is { } stalled
            && stalled.ObservedGeneration == generation && MayPass(stalled))
        || (IsRunning(previous, generation)
            && now - ApiTime.Read(Conditions.Find(previous, ConditionTypes.Reconciling)!.LastTransitionTime) >= grace);

    private static bool MayPass(V1Condition condition) =>
        condition.Status == ConditionStatus.True && Reason.FromName(condition.Reason).Nature == ReasonNature.MayPass;
}
