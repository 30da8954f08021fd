using System.Net.Sockets;

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

    /// <summary>
    /// Asked about each connection to a pod that policies admit: a proxy judges its clients itself. Null, also as the
    /// answer, where policies alone decide.
    /// </summary>
    public Func<AdmittedConnection, Judgement?>? Judge { get; init; }
}

/// <summary>A connection that the policies of both ends admit.</summary>
/// <param name="Source">The pod that opens it; null for a node and for what is outside the cluster.</param>
/// <param name="Target">The pod that accepts it.</param>
/// <param name="Family">The family of its addresses.</param>
public sealed record AdmittedConnection(ConnectedPod? Source, ConnectedPod Target, AddressFamily Family)
{
    /// <summary>Whether it comes from a node, or from a pod in its node's network.</summary>
    public bool IsFromNode { get; init; }

    /// <summary>Whether its source has an address of the cluster.</summary>
    public bool IsFromCluster { get; init; }
}

/// <summary>A pod at one end of a connection.</summary>
/// <param name="Endpoint">Which pod.</param>
/// <param name="Labels">Its labels.</param>
public sealed record ConnectedPod(PodEndpoint Endpoint, IReadOnlyDictionary<string, string> Labels);

/// <summary>What a proxy says to a connection.</summary>
/// <param name="IsAdmitted">Whether it serves it.</param>
/// <param name="Circumstance">Why, in words.</param>
public sealed record Judgement(bool IsAdmitted, string Circumstance);
