using System.Collections.Immutable;

namespace Dynospace.Reachability.Compilation;

/// <summary>A policy; a direction without rules isolates, a null one does not concern the policy.</summary>
internal sealed record CompiledPolicy(
    PolicyName Name,
    CompiledNamespace Namespace,
    CompiledSelector Pods,
    ImmutableArray<CompiledRule>? Ingress,
    ImmutableArray<CompiledRule>? Egress)
{
    public ImmutableArray<CompiledRule>? Rules(PolicyDirection direction) => direction == PolicyDirection.Ingress ? Ingress : Egress;
}
