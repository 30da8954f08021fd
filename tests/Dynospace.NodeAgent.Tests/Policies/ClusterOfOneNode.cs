using System.Net;
using Dynospace.NodeAgent.Policies;
using Dynospace.Reachability;
using Dynospace.Reachability.Addresses;
using Dynospace.Reachability.Evaluation;
using Dynospace.Reachability.Snapshots;
using Dynospace.Reachability.Tests.Laws;
using Dynospace.Runtime;
using k8s;
using k8s.Models;

namespace Dynospace.NodeAgent.Tests.Policies;

/// <summary>Feeds objects to an index and asks the evaluator the same questions.</summary>
internal static class ClusterOfOneNode
{
    /// <summary>The cluster with all of its pods on nodes, since none that is not starts.</summary>
    public static RandomCluster Scheduled(RandomCluster cluster, Func<int, string> nodeOf) => cluster with
    {
        Pods =
        [
            .. cluster.Pods.Select((pod, index) => pod.Spec.NodeName is not null && pod.Spec.HostNetwork == true
                ? pod
                : pod with { Spec = pod.Spec with { NodeName = nodeOf(index) } }),
        ],
    };

    public static PolicyIndex Index(string node, IEnumerable<IKubernetesObject> objects, CidrSet? closed = null)
    {
        var index = new PolicyIndex(node, closed ?? CidrSet.Empty);
        foreach (var item in objects)
        {
            Set(index, item);
        }

        return index;
    }

    public static void Set(PolicyIndex index, IKubernetesObject item, bool isGone = false)
    {
        switch (item)
        {
            case V1Namespace value:
                index.SetNamespace(value.Metadata.Name, isGone ? null : value);
                break;
            case V1Pod value:
                index.SetPod(KeyOf(value.Metadata), isGone ? null : value);
                break;
            case V1NetworkPolicy value:
                index.SetPolicy(KeyOf(value.Metadata), isGone ? null : value);
                break;
        }
    }

    public static ObjectKey KeyOf(V1ObjectMeta metadata) => new(metadata.NamespaceProperty, metadata.Name);

    public static ReachabilityEvaluator Evaluator(IEnumerable<IKubernetesObject> objects) =>
        new(ClusterSnapshot.From(objects));

    /// <summary>Every address that the cluster, its nodes and places outside have, with the node it is on.</summary>
    public static IReadOnlyList<(IPAddress Address, string? Node, bool IsNode)> Addresses(RandomCluster cluster) =>
    [
        .. cluster.Pods
            .Where(pod => pod.Spec.HostNetwork != true && pod.Status.Phase == "Running")
            .SelectMany(
                pod => pod.Status.PodIPs.Select(ip => (IPAddress.Parse(ip.Ip), (string?)pod.Spec.NodeName, false))),
        .. cluster.Nodes.SelectMany(node => node.Status.Addresses.Where(item => item.Type == "InternalIP")
            .Select(item => (IPAddress.Parse(item.Address), (string?)node.Metadata.Name, true))),
        .. new[] { "10.0.0.4", "10.0.0.20", "fd00::14", "fd00::4" }
            .Select(text => (IPAddress.Parse(text), (string?)null, false)),
    ];

    public static byte NumberOf(TransportProtocol protocol) => protocol switch
    {
        TransportProtocol.Tcp => 6,
        TransportProtocol.Udp => 17,
        _ => 132,
    };

    public static Flow FlowOf(IPAddress source, IPAddress target, TransportPort port) =>
        new(source, target, NumberOf(port.Protocol), (ushort)port.Number);
}
