namespace Dynospace.Reachability.Compilation;

/// <summary>A port of a slice, tied to the service's port of the same name. No number is every port.</summary>
internal sealed record SlicePort(string Name, TransportProtocol Protocol, int? Number);
