namespace Dynospace.Reachability;

/// <summary>What holds for one backend of a service.</summary>
/// <param name="Backend">The pod or address behind the service.</param>
/// <param name="Port">The port that the service's port is mapped to on it.</param>
/// <param name="Verdict">The verdict on the connection after the mapping.</param>
public sealed record BackendVerdict(string Backend, TransportPort Port, Verdict Verdict);
