namespace Dynospace.Runtime.Applying;

/// <summary>One owner's children: what it wants and what is there.</summary>
/// <param name="Owner">Whose children they are.</param>
/// <param name="Desired">What shall exist.</param>
/// <param name="Observed">
/// What the caches hold: everything the owner has already, and whatever bears a desired object's kind and name.
/// </param>
public sealed record ApplySet(OwnerIdentity Owner, IReadOnlyList<DesiredObject> Desired, IReadOnlyList<LiveObject> Observed)
{
    /// <summary>Whether the spec could be planned. An invalid one never prunes: a typo deletes nothing.</summary>
    public bool IsPlanValid { get; init; } = true;

    /// <summary>Whether what the owner no longer wants is deleted.</summary>
    public bool Prune { get; init; } = true;
}
