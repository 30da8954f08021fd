namespace Dynospace.Planning.Dynos;

/// <summary>The phases of a pod.</summary>
public enum PodPhase
{
    /// <summary>The kubelet lost contact, or an unknown word.</summary>
    Unknown,

    /// <summary>Not all containers run yet.</summary>
    Pending,

    /// <summary>At least one container runs or restarts.</summary>
    Running,

    /// <summary>All containers ended with exit code 0.</summary>
    Succeeded,

    /// <summary>All containers ended, at least one with an error; or the pod was evicted.</summary>
    Failed,
}
