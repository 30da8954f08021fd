using System.Collections.Immutable;

namespace Dynospace.Reachability.Compilation;

/// <summary>An end of a connection as policies see it.</summary>
/// <param name="Display">How verdicts name it.</param>
/// <param name="Pod">The pod, where policies apply to it: null for one on the host network, which is its node to the network.</param>
/// <param name="NodeName">The node that the pod runs on, or that the end is.</param>
/// <param name="IsNode">Whether it is a node or looks like one.</param>
/// <param name="Addresses">The addresses it uses, at least one.</param>
/// <param name="HasEnded">Whether it is a pod that has ended.</param>
internal sealed record NetworkEnd(
    string Display,
    CompiledPod? Pod,
    string? NodeName,
    bool IsNode,
    ImmutableArray<AddressCandidate> Addresses,
    bool HasEnded = false)
{
    public bool IsNodeOf(CompiledPod pod) => IsNode && NodeName is not null && NodeName == pod.NodeName;
}
