// Networks: detects the network of a cluster, because networks deliver packets differently.

using k8s.Models;

namespace Dynospace.NodeAgent.Networks;

/// <summary>A cluster network with an agent on each node.</summary>
/// <param name="Name">The common name.</param>
/// <param name="Enforces">Whether it enforces NetworkPolicies.</param>
/// <param name="AttachesPods">Whether it assigns pod addresses.</param>
public sealed record KnownNetwork(string Name, bool Enforces = true, bool AttachesPods = true);

/// <summary>Networks, identified by the DaemonSet of their agent.</summary>
public static class KnownNetworks
{
    private static readonly Dictionary<string, KnownNetwork> Agents = new(StringComparer.Ordinal)
    {
        ["cilium"] = new("Cilium"),
        ["anetd"] = new("GKE Dataplane V2"),
        ["calico-node"] = new("Calico"),
        ["canal"] = new("Calico"),
        ["rke2-canal"] = new("Calico"),
        ["antrea-agent"] = new("Antrea"),
        ["ovnkube-node"] = new("OVN-Kubernetes"),
        ["kube-ovn-cni"] = new("Kube-OVN"),
        ["kube-router"] = new("kube-router"),
        ["weave-net"] = new("Weave Net"),
        ["azure-npm"] = new("Azure NPM", AttachesPods: false),
        ["aws-node"] = new("Amazon VPC CNI"),
        ["kindnet"] = new("kindnet"),
        ["kube-network-policies"] = new("kube-network-policies", AttachesPods: false),
        ["kube-flannel"] = new("flannel", Enforces: false),
        ["kube-flannel-ds"] = new("flannel", Enforces: false),
    };

    /// <summary>The network whose agent is the DaemonSet of this name; null if unknown.</summary>
    public static KnownNetwork? ByDaemonSet(string name) => Agents.GetValueOrDefault(name);

    /// <summary>The networks with an agent among the pods of a node, each with the evidence.</summary>
    internal static IEnumerable<(KnownNetwork Network, string Sign)> On(IEnumerable<V1Pod> pods) =>
        from pod in pods
        where pod.Status?.Phase is not ("Succeeded" or "Failed")
        from owner in pod.Metadata.OwnerReferences ?? []
        where owner.Kind == V1DaemonSet.KubeKind
        let network = ByDaemonSet(owner.Name)
        where network is not null
        select (network, $"{network.Name} (pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name})");
}
