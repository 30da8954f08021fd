using Dynospace.Api;
using k8s.Models;

namespace Dynospace.Planning.Status;

/// <summary>
/// What may pass by itself (a Secret, a Space, an image, a quota that is not there yet) is Reconciling for a grace, so
/// that clients that give up at the first Stalled (Helm, Flux) wait for it; then it is Stalled until it heals. The
/// clock stands in the status itself, so that a restart of the operator does not begin it again: it is the transition
/// time of Reconciling while that names a reason which may pass.
/// </summary>
public static class Grace
{
    /// <summary>
    /// When the grace of a status ends, so that the object must be looked at again; null where none is running.
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

    /// <summary>Whether this generation of the object already waits for what may pass.</summary>
    internal static bool IsRunning(IEnumerable<V1Condition>? previous, long? generation) =>
        Conditions.Find(previous, ConditionTypes.Reconciling) is { } reconciling
        && reconciling.ObservedGeneration == generation && MayPass(reconciling);

    /// <summary>
    /// Whether this generation has waited for longer than the grace. What is stalled stays so until it heals.
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
