// Networks: recognises which network a cluster has, since each delivers packets in another way.

using k8s.Models;

namespace Dynospace.NodeAgent.Networks;

/// <summary>A network of a cluster that has an agent on each node.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Enforces">Whether it enforces NetworkPolicies.</param>
/// <param name="AttachesPods">Whether pods have their addresses from it.</param>
public sealed record KnownNetwork(string Name, bool Enforces = true, bool AttachesPods = true);

/// <summary>Networks that are known by the DaemonSet of their agent.</summary>
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

    /// <summary>The network whose agent is a DaemonSet of this name; null if none is known.</summary>
    public static KnownNetwork? ByDaemonSet(string name) => Agents.GetValueOrDefault(name);

    /// <summary>The networks whose agents are among the pods of a node, each with what it is known by.</summary>
    internal static IEnumerable<(KnownNetwork Network, string Sign)> On(IEnumerable<V1Pod> pods) =>
        from pod in pods
        where pod.Status?.Phase is not ("Succeeded" or "Failed")
        from owner in pod.Metadata.OwnerReferences ?? []
        where owner.Kind == V1DaemonSet.KubeKind
        let network = ByDaemonSet(owner.Name)
        where network is not null
        select (network, $"{network.Name} (pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name})");
}
