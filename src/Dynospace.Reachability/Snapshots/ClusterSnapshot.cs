// Snapshots: compiles the objects of a cluster into what the evaluator looks up: pods, policies, services, addresses.

using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using Dynospace.Reachability.Addresses;
using k8s;

namespace Dynospace.Reachability.Snapshots;

/// <summary>
/// What a cluster's network policies are decided on, at one moment or as it would be once manifests are applied.
/// Immutable, safe to share between threads, and no longer tied to the objects that it was made of.
/// </summary>
public sealed class ClusterSnapshot
{
    private ClusterSnapshot(SnapshotContent content) => Content = content;

    /// <summary>All pods, those that have ended included, by namespace and name.</summary>
    public ImmutableArray<PodEndpoint> Pods =>
        [.. Content.Pods.Keys.OrderBy(pod => pod.ToString(), StringComparer.Ordinal)];

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

    /// <summary>Addresses of the cluster's own: pod ranges, nodes, Services.</summary>
    public CidrSet OwnAddresses => PodRanges
        .Union(
            CidrSet.FromRanges(
                Content.EndsByAddress.Keys.Concat(Content.ServicesByAddress.Keys).Select(AddressRange.FromAddress)));

    /// <summary>
    /// The ports at which a verdict can change. From each of them up to the next of its protocol all verdicts on pods,
    /// nodes and addresses are the same, so asking for these is asking for all 65535, three times over.
    /// </summary>
    public ImmutableArray<TransportPort> DecisivePorts => PortBoundaries.Find(Content);

    internal SnapshotContent Content { get; }

    /// <summary>
    /// Takes namespaces, nodes, pods, network policies, services and endpoint slices, and lists of them; ignores other
    /// kinds. Of two objects with one name the later counts. A namespace that only its objects mention has no labels
    /// but its name's.
    /// </summary>
    /// <param name="objects">The objects, in any order.</param>
    /// <param name="podRanges">
    /// The ranges that pods get addresses from; by default those of the nodes. They matter for pods without an address
    /// only: an ipBlock that holds a part of them may admit such a pod. Unknown ranges are every address.
    /// </param>
    /// <param name="skipped">
    /// Called for each object that cannot be understood, which is then left out; null to refuse such an object. A live
    /// cluster may hold one that a later API server took.
    /// </param>
    /// <exception cref="InvalidObjectException">An object is one that the API server would refuse.</exception>
    public static ClusterSnapshot From(
        IEnumerable<IKubernetesObject> objects,
        CidrSet? podRanges = null,
        Action<InvalidObjectException>? skipped = null)
    {
        var inventory = new ObjectInventory();
        foreach (var item in objects)
        {
            inventory.Add(item);
        }

        if (skipped is not null)
        {
            SnapshotCompiler.RemoveUnsound(inventory, skipped);
        }

        return new(SnapshotCompiler.Compile(inventory, podRanges));
    }
}

/// <summary>The compiled cluster, indexed for look-ups.</summary>
public sealed record SnapshotContent
{
    /// <summary>The policies of all namespaces.</summary>
    public required ImmutableArray<CompiledPolicy> Policies { get; init; }

    /// <summary>Pods by namespace and name, those that have ended included.</summary>
    public required FrozenDictionary<PodEndpoint, SnapshotPod> Pods { get; init; }

    /// <summary>The pods of a namespace, by name.</summary>
    public required FrozenDictionary<string, ImmutableArray<SnapshotPod>> PodsByNamespace { get; init; }

    /// <summary>Nodes by name.</summary>
    public required FrozenDictionary<string, NetworkEnd> Nodes { get; init; }

    /// <summary>Services by namespace and name.</summary>
    public required FrozenDictionary<ServiceEndpoint, CompiledService> Services { get; init; }

    /// <summary>Pods that run and nodes, by address; a node before the pods on its network.</summary>
    public required FrozenDictionary<IPAddress, NetworkEnd> EndsByAddress { get; init; }

    /// <summary>Services by every address that leads to one, those that own it first.</summary>
    public required FrozenDictionary<IPAddress, ImmutableArray<CompiledService>> ServicesByAddress { get; init; }

    /// <summary>Services by a port of every node that stands for them.</summary>
    public required FrozenDictionary<TransportPort, CompiledService> ServicesByNodePort { get; init; }

    /// <summary>Pods by a port of their node that stands for them.</summary>
    public required FrozenDictionary<(string Node, TransportPort Port), HostPort> HostPorts { get; init; }

    /// <summary>What pods without an address may get; empty if it is not known.</summary>
    public required CidrSet PodRanges { get; init; }
}

/// <summary>Finds where the port ranges of a cluster's rules begin and end.</summary>
internal static class PortBoundaries
{
    public static ImmutableArray<TransportPort> Find(SnapshotContent content)
    {
        var numbered = from policy in content.Policies
                       from rule in (policy.Ingress ?? []).Concat(policy.Egress ?? [])
                       from port in rule.Ports
                       where port.Name is null
                       select (port.Protocol, port.First, port.Last);
        var named = from pod in content.Pods.Values
                    from port in pod.Pod.NamedPorts
                    select (port.Port.Protocol, First: port.Port.Number, Last: port.Port.Number);
        var doors = content.ServicesByNodePort.Keys.Concat(content.HostPorts.Keys.Select(key => key.Port))
            .Select(port => (port.Protocol, First: port.Number, Last: port.Number));
        var ranges = numbered.Concat(named).Concat(doors).ToArray();
        var boundaries = Enum.GetValues<TransportProtocol>()
            .Select(protocol => (Protocol: protocol, Number: TransportPort.Lowest))
                .Concat(ranges.Select(range => (range.Protocol, Number: range.First)))
                .Concat(ranges.Select(range => (range.Protocol, Number: range.Last + 1)));
        return
        [
            .. boundaries.Where(boundary => boundary.Number <= TransportPort.Highest).Distinct().Order()
                .Select(boundary => new TransportPort(boundary.Protocol, boundary.Number)),
        ];
    }
}
