using System.Net;
using DevCluster.Network.Programs;
using DevCluster.Network.Wiring;

namespace DevCluster.Network;

/// <summary>What a cluster with a real network consists of, besides what the API server knows.</summary>
public sealed record NetworkOptions
{
    /// <summary>Where the API server answers inside, on the network of the nodes.</summary>
    public string ApiServerAddress { get; init; } = "192.168.240.2";

    /// <summary>
    /// A network of the outside in which nodes have an address each, near its end, so that they can answer for others
    /// of it; null for none. Its prefix is of 24 to 27 bits.
    /// </summary>
    public IPNetwork? PublicNetwork { get; init; }

    /// <summary>The world outside. A place whose name is one word is in each pod's <c>/etc/hosts</c>.</summary>
    public IReadOnlyList<OutsidePlace> Places { get; init; } = [];

    /// <summary>TCP ports on which nodes themselves answer; 10250 is the kubelet's.</summary>
    public IReadOnlyList<int> NodePorts { get; init; } = [10250];

    /// <summary>Whether CNI plugins link pods to nodes where this machine has them; else netlink does.</summary>
    public bool UsesPlugins { get; init; } = true;

    /// <summary>Chooses what a container runs.</summary>
    public required IProgramCatalog Programs { get; init; }

    /// <summary>
    /// Called for each node; its pods wait for the end, so that a program of the node, such as an agent, is there
    /// first.
    /// </summary>
    public Func<NodePlace, Task>? NodeAdded { get; init; }

    /// <summary>Called when the API server serves; pods may be about to start.</summary>
    public Action<NetworkCluster>? Started { get; init; }
}
