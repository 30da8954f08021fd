using System.Collections.Immutable;
using System.Net;

namespace Dynospace.Reachability.Compilation;

/// <summary>A pod with the policies that select it, which isolate it unless it is on the host network.</summary>
internal sealed record CompiledPod
{
    public required CompiledNamespace Namespace { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public required string? NodeName { get; init; }

    public required bool OnHostNetwork { get; init; }

    /// <summary>In phase Succeeded or Failed: its address may be another pod's by now.</summary>
    public required bool HasEnded { get; init; }

    public required ImmutableArray<IPAddress> Addresses { get; init; }

    public required ImmutableArray<NamedPort> NamedPorts { get; init; }

    public required ImmutableArray<CompiledPolicy> IngressPolicies { get; init; }

    public required ImmutableArray<CompiledPolicy> EgressPolicies { get; init; }

    public PodEndpoint Endpoint => new(Namespace.Name, Name);

    public ImmutableArray<CompiledPolicy> Policies(PolicyDirection direction) =>
        direction == PolicyDirection.Ingress ? IngressPolicies : EgressPolicies;
}
