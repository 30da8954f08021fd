using System.Net;
using DevCluster.Network.Programs;
using DevCluster.Network.Wiring;

namespace DevCluster.Network;

/// <summary>Settings of a cluster with a real network, in addition to those of the API server.</summary>
public sealed record NetworkOptions
{
    /// <summary>The address of the API server inside the cluster, on the node network.</summary>
    public string ApiServerAddress { get; init; } = "192.168.240.2";

    /// <summary>
    /// An outside network in which each node has an address, counted from the end, so that nodes can answer ARP for
    /// other addresses of it; null for none. The prefix length must be 24 to 27.
    /// </summary>
    public IPNetwork? PublicNetwork { get; init; }

    /// <summary>The outside places. Those with a single-label name are added to each pod's <c>/etc/hosts</c>.</summary>
    public IReadOnlyList<OutsidePlace> Places { get; init; } = [];

    /// <summary>TCP ports on which nodes themselves answer; 10250 is that of the kubelet.</summary>
    public IReadOnlyList<int> NodePorts { get; init; } = [10250];

    /// <summary>Whether to connect pods with CNI plugins if this machine has them; otherwise netlink is used.</summary>
    public bool UsesPlugins { get; init; } = true;

    /// <summary>Chooses the program that each container runs.</summary>
    public required IProgramCatalog Programs { get; init; }

    /// <summary>
    /// Called for each node. Pods of the node start after it completes, so that a node program, such as an agent,
    /// starts first.
    /// </summary>
    public Func<NodePlace, Task>? NodeAdded { get; init; }

    /// <summary>Called when the API server is ready, before the first pods start.</summary>
    public Action<NetworkCluster>? Started { get; init; }
}
