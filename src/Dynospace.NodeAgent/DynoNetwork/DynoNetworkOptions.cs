using Dynospace.Reachability.Addresses;

namespace Dynospace.NodeAgent.DynoNetwork;

/// <summary>How the dyno network is made.</summary>
public sealed record DynoNetworkOptions
{
    /// <summary>The name of this node.</summary>
    public required string Node { get; init; }

    /// <summary>Whether pods get the network; else what stands of it is taken away.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>What nodes cut their blocks out of.</summary>
    public AddressRange Range { get; init; } = AddressRange.Parse("172.16.0.0/12");

    /// <summary>The size of a block.</summary>
    public int BlockPrefix { get; init; } = 23;

    /// <summary>
    /// The network of dynos' IPv6 addresses, of up to 96 bits: the last 32 bits are an address of the block. Null for
    /// none, unless the cluster gives nodes pod ranges of both families.
    /// </summary>
    public AddressRange? Range6 { get; init; }

    /// <summary>Whether the kernel of the node has IPv6, and it is not switched off.</summary>
    public bool HasIPv6 { get; init; } = true;

    /// <summary>Whether the block is the pod range that the cluster gave the node, and no claim is made.</summary>
    public bool FromPodRange { get; init; }

    /// <summary>The largest packet of a dyno's link; null for the node's, less what the tunnel takes.</summary>
    public int? Mtu { get; init; }

    /// <summary>Whether nodes that share no link with this one are reached by a tunnel.</summary>
    public bool HasTunnel { get; init; } = true;

    /// <summary>The UDP port of the tunnel.</summary>
    public int TunnelPort { get; init; } = 4789;

    /// <summary>The folder of CNI configurations.</summary>
    public string ConfigurationFolder { get; init; } = "/etc/cni/net.d";

    /// <summary>The folder of CNI plugins.</summary>
    public string PluginFolder { get; init; } = "/opt/cni/bin";

    /// <summary>
    /// Where <c>host-local</c> notes which address is taken. It is empty after a reboot, as the node is.
    /// </summary>
    public string ReservationFolder { get; init; } = "/run/dynospace/cni";
}
