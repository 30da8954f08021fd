using Dynospace.Reachability.Addresses;

namespace Dynospace.NodeAgent.DynoNetwork;

/// <summary>The options of the dyno network.</summary>
public sealed record DynoNetworkOptions
{
    /// <summary>The name of this node.</summary>
    public required string Node { get; init; }

    /// <summary>Whether pods get the network; otherwise an existing one is removed.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>The range that is divided into blocks of nodes.</summary>
    public AddressRange Range { get; init; } = AddressRange.Parse("172.16.0.0/12");

    /// <summary>The prefix length of a block.</summary>
    public int BlockPrefix { get; init; } = 23;

    /// <summary>
    /// The network of dynos' IPv6 addresses, with a prefix of at most 96 bits: the last 32 bits are an address of the
    /// block. Null for none, unless the cluster assigns nodes pod ranges of both families.
    /// </summary>
    public AddressRange? Range6 { get; init; }

    /// <summary>Whether IPv6 is available and enabled in the node's kernel.</summary>
    public bool HasIPv6 { get; init; } = true;

    /// <summary>Whether the block is the node's pod range, so that no claim is made.</summary>
    public bool FromPodRange { get; init; }

    /// <summary>The MTU of a dyno's link; null for the node's MTU minus the tunnel overhead.</summary>
    public int? Mtu { get; init; }

    /// <summary>Whether nodes without a shared link are reached through a tunnel.</summary>
    public bool HasTunnel { get; init; } = true;

    /// <summary>The UDP port of the tunnel.</summary>
    public int TunnelPort { get; init; } = 4789;

    /// <summary>The CNI configuration folder.</summary>
    public string ConfigurationFolder { get; init; } = "/etc/cni/net.d";

    /// <summary>The CNI plugin folder.</summary>
    public string PluginFolder { get; init; } = "/opt/cni/bin";

    /// <summary>
    /// The folder in which <c>host-local</c> records used addresses. Like the node, it is empty after a reboot.
    /// </summary>
    public string ReservationFolder { get; init; } = "/run/dynospace/cni";
}
