namespace DevCluster.Simulator.Collection;

/// <summary>What an owner reference leads to.</summary>
internal enum OwnerState
{
    /// <summary>The owner is there and keeps its dependents.</summary>
    Present,

    /// <summary>The owner is gone, or is not what the reference says.</summary>
    Absent,

    /// <summary>The owner is being deleted in the foreground and waits for its dependents to go first.</summary>
    Waiting,
}
