namespace Dynospace.Planning.Children;

/// <summary>A cached child, with what is needed to decide whether to delete it.</summary>
/// <param name="Identity">The object, with its uid.</param>
public sealed record ObservedChild(ChildIdentity Identity)
{
    /// <summary>The value of its label with the owner's uid; null if it has no such label.</summary>
    public string? OwnerUid { get; init; }

    /// <summary>The uid of the owner that controls it by owner reference; null for none.</summary>
    public string? ControllerUid { get; init; }

    /// <summary>
    /// Whether the operator made it for an owner that no longer exists, for example after a restore from a backup, and
    /// its other labels assign it to this owner.
    /// </summary>
    public bool IsOrphaned { get; init; }

    /// <summary>Whether it is being deleted already.</summary>
    public bool IsTerminating { get; init; }
}

/// <summary>
/// Prunes by the label with the owner's uid, never by name. An object stays if another owner controls it, or if a user
/// removed the label to keep it.
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
