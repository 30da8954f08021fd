using System.Collections.Immutable;
using Dynospace.Reachability.Addresses;
using Dynospace.Reachability.Compilation;
using k8s;

namespace Dynospace.Reachability;

/// <summary>
/// What a cluster's network policies are decided on, at one moment or as it would be once manifests are applied.
/// Immutable, safe to share between threads, and no longer tied to the objects that it was made of.
/// </summary>
public sealed class ClusterSnapshot
{
    private ClusterSnapshot(SnapshotContent content) => Content = content;

    /// <summary>All pods, those that have ended included, by namespace and name.</summary>
    public ImmutableArray<PodEndpoint> Pods => [.. Content.Pods.Keys.OrderBy(pod => pod.ToString(), StringComparer.Ordinal)];

    /// <summary>All nodes, by name.</summary>
    public ImmutableArray<NodeEndpoint> Nodes =>
        [.. Content.Nodes.Keys.Order(StringComparer.Ordinal).Select(name => new NodeEndpoint(name))];

    /// <summary>All services, by namespace and name.</summary>
    public ImmutableArray<ServiceEndpoint> Services =>
        [.. Content.Services.Keys.OrderBy(service => service.ToString(), StringComparer.Ordinal)];

    /// <summary>All policies, by namespace and name.</summary>
    public ImmutableArray<PolicyName> Policies => [.. Content.Policies.Select(policy => policy.Name)];

    /// <summary>Where pods that have no address yet will get theirs.</summary>
    public CidrSet PodRanges => Content.PodRanges;

    /// <summary>
    /// The ports at which a verdict can change. From each of them up to the next of its protocol all verdicts on pods, nodes
    /// and addresses are the same, so asking for these is asking for all 65535, three times over.
    /// </summary>
    public ImmutableArray<TransportPort> DecisivePorts => PortBoundaries.Of(Content);

    internal SnapshotContent Content { get; }

    /// <summary>
    /// Takes namespaces, nodes, pods, network policies, services and endpoint slices, and lists of them; ignores other kinds.
    /// Of two objects with one name the later counts. A namespace that only its objects mention has no labels but its name's.
    /// </summary>
    /// <param name="objects">The objects, in any order.</param>
    /// <param name="podRanges">
    /// The ranges that pods get addresses from; by default those of the nodes. They matter for pods without an address only:
    /// an ipBlock that holds a part of them may admit such a pod. Unknown ranges are every address.
    /// </param>
    /// <exception cref="InvalidObjectException">An object is one that the API server would refuse.</exception>
    public static ClusterSnapshot From(IEnumerable<IKubernetesObject> objects, CidrSet? podRanges = null)
    {
        var inventory = new ObjectInventory();
        foreach (var item in objects)
        {
            inventory.Add(item);
        }

        return new(SnapshotCompiler.Compile(inventory, podRanges));
    }
}
