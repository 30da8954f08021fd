namespace Dynospace.Reachability.Compilation;

/// <summary>A port that a container gives a name.</summary>
internal sealed record NamedPort(string Name, TransportPort Port);
