namespace Dynospace.Runtime.Applying;

/// <summary>Pure: which objects an owner no longer wants.</summary>
internal static class PruneDecision
{
    /// <summary>In the order in which they were observed. None when the plan is invalid: a typo deletes nothing.</summary>
    public static IReadOnlyList<LiveObject> Victims(ApplySet set, ApplierOptions options)
    {
        if (!set.IsPlanValid || !set.Prune)
        {
            return [];
        }

        var desired = set.Desired.Select(d => new ObjectReference(d.Kind, d.Key)).ToHashSet();
        return [.. set.Observed.Where(live =>
            !live.IsTerminating && !desired.Contains(live.Reference) && Ownership.MayPrune(live, set.Owner, options))];
    }
}
