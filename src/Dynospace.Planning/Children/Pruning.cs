namespace Dynospace.Planning.Children;

/// <summary>A child as the caches hold it: enough to decide whether it must go.</summary>
/// <param name="Identity">Which object it is, with its uid.</param>
public sealed record ObservedChild(ChildIdentity Identity)
{
    /// <summary>The uid in its label of the owner; null where it has no such label.</summary>
    public string? OwnerUid { get; init; }

    /// <summary>The uid of the owner that controls it by owner reference; null for none.</summary>
    public string? ControllerUid { get; init; }

    /// <summary>
    /// Whether the operator made it for an owner that is gone, as after a restore from a backup, and it is this owner's
    /// by its other labels.
    /// </summary>
    public bool IsOrphaned { get; init; }

    /// <summary>Whether it is being deleted already.</summary>
    public bool IsTerminating { get; init; }
}

/// <summary>
/// The one way in which a <see cref="ChildPlan"/> prunes: by the label of the owner's uid, never by name. An object
/// that another owner controls, or from which the label was taken to keep it, stays.
/// </summary>
public static class Pruning
{
    /// <summary>The deletion of each observed child of the owner that the plan does not contain.</summary>
    public static IEnumerable<PlannedDeletion> Unplanned(
        IEnumerable<ObservedChild> observed, IReadOnlyCollection<PlannedObject> planned, string ownerUid)
    {
        var wanted = planned.Select(child => child.Identity).ToHashSet();
        return observed
            .Where(child => !child.IsTerminating
                && IsChildOf(child, ownerUid)
                && !wanted.Contains(child.Identity with { Uid = null }))
            .Select(child => new PlannedDeletion(child.Identity));
    }

    private static bool IsChildOf(ObservedChild child, string ownerUid) =>
        child.IsOrphaned
        || (child.OwnerUid == ownerUid && (child.ControllerUid is null || child.ControllerUid == ownerUid));
}
