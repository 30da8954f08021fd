namespace Dynospace.Planning.Dynos;

/// <summary>A pod to delete.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its UID, as a precondition.</param>
/// <param name="GraceSeconds">The time until SIGKILL; null for the pod's own, 0 for a pod whose node is lost.</param>
public sealed record PodDeletion(string Name, string Uid, long? GraceSeconds);
