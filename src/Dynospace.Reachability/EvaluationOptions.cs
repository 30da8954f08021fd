namespace Dynospace.Reachability;

/// <summary>
/// Where network plugins differ, which behaviour to assume. The defaults admit most, so that what they deny is denied
/// everywhere. For what a particular plugin lets through, set its behaviour.
/// </summary>
public sealed record EvaluationOptions
{
    /// <summary>The defaults.</summary>
    public static EvaluationOptions Default { get; } = new();

    /// <summary>Whether an ipBlock admits pods whose address it holds. Cilium's does not; most others' does.</summary>
    public bool IpBlockMatchesPods { get; init; } = true;

    /// <summary>
    /// Whether an ipBlock admits nodes, and pods on their network, whose address it holds. Cilium's does not.
    /// </summary>
    public bool IpBlockMatchesNodes { get; init; } = true;

    /// <summary>
    /// Whether a pod always reaches the node that it runs on. Kubernetes documents so; some plugins apply egress
    /// policies all the same. The reverse, from node to pod, is allowed with every plugin: kubelet probes need it.
    /// </summary>
    public bool PodsReachOwnNode { get; init; } = true;
}
