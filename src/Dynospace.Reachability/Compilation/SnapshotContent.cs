using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using Dynospace.Reachability.Addresses;

namespace Dynospace.Reachability.Compilation;

/// <summary>The compiled cluster, indexed for look-ups.</summary>
internal sealed record SnapshotContent
{
    public required ImmutableArray<CompiledPolicy> Policies { get; init; }

    public required FrozenDictionary<PodEndpoint, SnapshotPod> Pods { get; init; }

    /// <summary>The pods of a namespace, by name.</summary>
    public required FrozenDictionary<string, ImmutableArray<SnapshotPod>> PodsByNamespace { get; init; }

    public required FrozenDictionary<string, NetworkEnd> Nodes { get; init; }

    public required FrozenDictionary<ServiceEndpoint, CompiledService> Services { get; init; }

    /// <summary>Pods that run and nodes, by address; a node before the pods on its network.</summary>
    public required FrozenDictionary<IPAddress, NetworkEnd> EndsByAddress { get; init; }

    public required FrozenDictionary<IPAddress, CompiledService> ServicesByAddress { get; init; }

    public required CidrSet PodRanges { get; init; }
}
