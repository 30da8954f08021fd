using Dynospace.Reachability.Addresses;

namespace Dynospace.Reachability.Compilation;

/// <summary>Whom a rule names: a block of addresses, or pods by the labels of pod and namespace.</summary>
/// <param name="Block">The block less its exceptions; the selectors are null then.</param>
/// <param name="Namespaces">Null is the policy's own namespace.</param>
/// <param name="Pods">Null is all pods.</param>
internal sealed record CompiledPeer(CidrSet? Block, CompiledSelector? Namespaces, CompiledSelector? Pods)
{
    public bool Matches(NetworkEnd end, AddressCandidate address, CompiledNamespace policyNamespace, EvaluationOptions options) =>
        Block is not null
            ? BlocksApplyTo(end, options) && Block.Overlaps(address.Possible)
            : end.Pod is { } pod
                && (Namespaces?.Matches(pod.Namespace.Labels) ?? ReferenceEquals(pod.Namespace, policyNamespace))
                && (Pods is null || Pods.Matches(pod.Labels));

    private static bool BlocksApplyTo(NetworkEnd end, EvaluationOptions options) => end switch
    {
        { Pod: not null } => options.IpBlockMatchesPods,
        { IsNode: true } => options.IpBlockMatchesNodes,
        _ => true,
    };
}
