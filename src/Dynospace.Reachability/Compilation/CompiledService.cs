using System.Collections.Immutable;
using System.Net;

namespace Dynospace.Reachability.Compilation;

/// <summary>A service: what it listens on and who is behind it.</summary>
internal sealed record CompiledService
{
    public required ServiceEndpoint Endpoint { get; init; }

    /// <summary>Without an address of its own: its name resolves to its pods, whose own ports are connected to.</summary>
    public required bool IsHeadless { get; init; }

    /// <summary>For a service that is only an alias for a DNS name.</summary>
    public required string? ExternalName { get; init; }

    /// <summary>Cluster, external and load balancer addresses.</summary>
    public required ImmutableArray<IPAddress> Addresses { get; init; }

    public required ImmutableArray<ServicePort> Ports { get; init; }

    public required CompiledSelector? Selector { get; init; }

    /// <summary>When there are any they count, since they are what the proxy programs; without them the selector does.</summary>
    public required ImmutableArray<CompiledSlice> Slices { get; init; }
}
