using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Dynospace.NodeAgent.Egress;

/// <summary>A participating node: it has dynos, is a gateway, or both.</summary>
/// <param name="Name">The name of the Node.</param>
/// <param name="Number">Unique in the cluster, 1 to 250; identifies the node within the tunnel.</param>
/// <param name="Addresses">The addresses, the tunnel's first.</param>
internal sealed record TunnelNode(string Name, int Number, ImmutableArray<IPAddress> Addresses)
{
    /// <summary>The destination of tunnel packets to this node.</summary>
    public IPAddress Address => Addresses[0];

    public bool Equals(TunnelNode? other) => ReferenceEquals(this, other)
        || (other is not null && Name == other.Name && Number == other.Number && Addresses.IsSameAs(other.Addresses));

    public override int GetHashCode() => HashCode.Combine(Name, Number);
}

/// <summary>Source ports of a fixed IP that one node uses.</summary>
/// <param name="Node">The number of the node.</param>
/// <param name="First">The lowest port.</param>
/// <param name="Last">The highest port.</param>
internal sealed record PortBlock(int Node, int First, int Last)
{
    /// <summary>Whether new connections use other ports.</summary>
    public bool IsRetiring { get; init; }

    public bool Has(int port) => port >= First && port <= Last;
}

/// <summary>A fixed IP of a space.</summary>
/// <param name="Address">The address visible outside.</param>
/// <param name="Number">Unique in the cluster, 1 to 16383; identifies the address within the tunnel.</param>
internal sealed record FixedIP(IPAddress Address, int Number)
{
    /// <summary>Whether it is routed to the gateways by other means, so that it is not announced.</summary>
    public bool IsPresent { get; init; }

    /// <summary>
    /// Whether it is its gateway's own address, which that node's other connections also use. The gateway therefore
    /// keeps state to distinguish the connections of dynos from its own.
    /// </summary>
    public bool IsShared { get; init; }

    /// <summary>The numbers of its gateway nodes: the first live one has it.</summary>
    public ImmutableArray<int> Gateways { get; init; } = [];

    /// <summary>The assignment of its ports to nodes.</summary>
    public ImmutableArray<PortBlock> Ports { get; init; } = [];

    public bool Is4 => Address.AddressFamily == AddressFamily.InterNetwork;

    public bool Equals(FixedIP? other) => ReferenceEquals(this, other)
        || (other is not null && Number == other.Number && IsPresent == other.IsPresent && IsShared == other.IsShared
            && Address.Equals(other.Address) && Gateways.IsSameAs(other.Gateways) && Ports.IsSameAs(other.Ports));

    public override int GetHashCode() => Number;
}

/// <summary>The fixed IPs of a space, and the destinations that its dynos reach without them.</summary>
/// <param name="Namespace">The namespace of its dynos.</param>
/// <param name="Addresses">Empty for dynos of unknown spaces.</param>
/// <param name="Exempt">Destinations that use the cluster's own routing: pods, Services, nodes, peer networks.</param>
internal sealed record FixedIPSpace(
    string Namespace, ImmutableArray<FixedIP> Addresses, ImmutableArray<IPNetwork> Exempt)
{
    /// <summary>The unique key of the space in the kernel, stable while the space keeps its first fixed IP.</summary>
    public int Key => Addresses.Select(address => address.Number).DefaultIfEmpty().Min();

    /// <summary>
    /// Whether existing connections of its dynos remain correct. Gateways and ports, which change with every node, do
    /// not matter.
    /// </summary>
    public bool HasSameSources(FixedIPSpace other) =>
        Key == other.Key
        && Exempt.SequenceEqual(other.Exempt)
        && Addresses.Select(Source).SequenceEqual(other.Addresses.Select(Source));

    public bool IsExempt(IPAddress address) => Exempt.Any(range =>
        range.BaseAddress.AddressFamily == address.AddressFamily && range.Contains(address));

    public bool Equals(FixedIPSpace? other) => ReferenceEquals(this, other)
        || (other is not null && Namespace == other.Namespace && Addresses.IsSameAs(other.Addresses)
            && Exempt.IsSameAs(other.Exempt));

    public override int GetHashCode() => Namespace.GetHashCode(StringComparison.Ordinal);

    private static (IPAddress, int, bool, bool) Source(FixedIP address) =>
        (address.Address, address.Number, address.IsPresent, address.IsShared);
}

/// <summary>
/// An address of a dyno of this node. Every pod has a new interface, so a reused address is distinguishable.
/// </summary>
/// <param name="Link">The index of the interface of the pod.</param>
/// <param name="LinkName">The name of the interface.</param>
/// <param name="Address">The address.</param>
/// <param name="Space">The key of its space.</param>
/// <param name="Number">The number of its fixed IP; null for none: it cannot leave the cluster.</param>
internal sealed record EgressDyno(int Link, string LinkName, IPAddress Address, int Space, int? Number);

/// <summary>All inputs of a node's rules.</summary>
internal sealed record EgressFacts
{
    /// <summary>The number of this node.</summary>
    public required int Own { get; init; }

    /// <summary>All participating nodes, including this one.</summary>
    public required ImmutableArray<TunnelNode> Nodes { get; init; }

    /// <summary>All spaces that have fixed IPs.</summary>
    public ImmutableArray<FixedIPSpace> Spaces { get; init; } = [];

    /// <summary>The dynos of this node.</summary>
    public ImmutableArray<EgressDyno> Dynos { get; init; } = [];

    /// <summary>
    /// By number of the fixed IP, the number of the gateway to which this node sends its packets. A fixed IP without an
    /// entry has no route.
    /// </summary>
    public ImmutableDictionary<int, int> Ways { get; init; } = ImmutableDictionary<int, int>.Empty;

    /// <summary>The numbers of the fixed IPs that this node forwards for.</summary>
    public ImmutableHashSet<int> Served { get; init; } = [];

    /// <summary>Those of them that this node answers for on its network.</summary>
    public ImmutableHashSet<int> Announced { get; init; } = [];

    /// <summary>The uplinks of this node, by name.</summary>
    public ImmutableArray<string> Uplinks { get; init; } = [];

    /// <summary>By fixed IP, the index of the link on which it is announced.</summary>
    public ImmutableDictionary<IPAddress, int> AnnouncedOn { get; init; } =
        ImmutableDictionary<IPAddress, int>.Empty;

    /// <summary>Fixed IPs that are addresses of the node itself, which its own packets also use.</summary>
    public ImmutableHashSet<IPAddress> OwnAddresses { get; init; } = [];

    /// <summary>
    /// The exits by which this node forwards for others on the fast path, at most one of each family.
    /// </summary>
    public ImmutableArray<EgressExit> Exits { get; init; } = [];

    /// <summary>Whether nodes on shared links send to each other without the tunnel.</summary>
    public bool IsNative { get; init; }

    /// <summary>The peers that are sent TCP and UDP without the tunnel.</summary>
    public ImmutableArray<DirectPeer> Direct { get; init; } = [];

    /// <summary>The hardware addresses from which packets without the tunnel are accepted.</summary>
    public ImmutableArray<PhysicalAddress> PeerMacs { get; init; } = [];

    /// <summary>The MTU of the uplink.</summary>
    public int UplinkMtu { get; init; } = 1500;

    public TunnelNode Node => Nodes.First(node => node.Number == Own);

    public IEnumerable<FixedIP> Addresses => Spaces.SelectMany(space => space.Addresses);

    /// <summary>Whether this node may forward for others.</summary>
    public bool IsGateway => Addresses.Any(address => address.Gateways.Contains(Own));

    /// <summary>Whether this node forwards for others, or may; also for a while with an address that it had.</summary>
    public bool Forwards => IsGateway || !Served.IsEmpty;

    /// <summary>The fixed IPs that are nodes' own addresses.</summary>
    public IEnumerable<FixedIP> Shared => Addresses.Where(address => address.IsShared);

    /// <summary>
    /// The offset of the ports of a shared address's blocks on the way to its gateway. The gateway distinguishes
    /// connections by node and port, so its addresses must not share ports there.
    /// </summary>
    public int PortShift(FixedIP address) => SharedPorts.Count * (Shared.Count(other =>
        other.Number < address.Number && other.Is4 == address.Is4
        && other.Gateways.FirstOrDefault() == address.Gateways.FirstOrDefault()) % SharedPorts.Ranges);

    /// <summary>The numbers of the nodes that may forward for others.</summary>
    public HashSet<int> Gateways() => Addresses.SelectMany(address => address.Gateways).ToHashSet();

    /// <summary>
    /// The fixed IPs whose replies this node can route: those of which it is or may become the gateway.
    /// </summary>
    public IEnumerable<FixedIP> Returned => Addresses.Where(address =>
        !address.IsShared && (address.Gateways.Contains(Own) || Served.Contains(address.Number)));

    /// <summary>Whether everything is equal except dynos and the gateways in use.</summary>
    public bool IsSameCluster(EgressFacts other) =>
        Own == other.Own
        && Nodes.IsSameAs(other.Nodes)
        && Spaces.IsSameAs(other.Spaces)
        && Uplinks.IsSameAs(other.Uplinks)
        && Exits.IsSameAs(other.Exits)
        && IsNative == other.IsNative
        && Direct.IsSameAs(other.Direct)
        && PeerMacs.IsSameAs(other.PeerMacs)
        && UplinkMtu == other.UplinkMtu
        && OwnAddresses.SetEquals(other.OwnAddresses);

    public bool HasSameWays(EgressFacts other) => ReferenceEquals(Ways, other.Ways)
        || (Ways.Count == other.Ways.Count
            && Ways.All(way => other.Ways.TryGetValue(way.Key, out var gateway) && gateway == way.Value));

    public bool HasSameServed(EgressFacts other) =>
        (ReferenceEquals(Served, other.Served) || Served.SetEquals(other.Served))
        && (ReferenceEquals(Announced, other.Announced) || Announced.SetEquals(other.Announced))
        && (ReferenceEquals(AnnouncedOn, other.AnnouncedOn)
            || (AnnouncedOn.Count == other.AnnouncedOn.Count && AnnouncedOn.All(item =>
                other.AnnouncedOn.TryGetValue(item.Key, out var link) && link == item.Value)));
}

internal static class ImmutableArrays
{
    /// <summary>Compares elements; identical arrays are equal without a comparison.</summary>
    public static bool IsSameAs<T>(this ImmutableArray<T> array, ImmutableArray<T> other) =>
        array == other || array.AsSpan().SequenceEqual(other.AsSpan(), EqualityComparer<T>.Default);
}

/// <summary>Numbers and names that both ends of the tunnel and all runs of an agent share.</summary>
internal static class TunnelNumbers
{
    /// <summary>The name of the VXLAN device.</summary>
    public const string Device = "dynoegress";

    /// <summary>
    /// The group of the device. Rules match a number faster than a name, and an index would change with the device.
    /// </summary>
    public const uint Group = 7777;

    /// <summary>The VXLAN network.</summary>
    public const uint Network = 7777;

    /// <summary>The UDP port of the tunnel; networks use the standard port of VXLAN.</summary>
    public const ushort Port = 4790;

    /// <summary>The port for heartbeats within the tunnel.</summary>
    public const int HeartbeatPort = 7878;

    /// <summary>The port on which gateways tell dynos their source address.</summary>
    public const int GatePort = 7877;

    /// <summary>The highest number of a node.</summary>
    public const int LastNode = 250;

    /// <summary>The highest number of a fixed IP.</summary>
    public const int LastAddress = 0x3fff;

    public static IPAddress GateAddress { get; } = IPAddress.Parse("169.254.77.77");

    /// <summary>The address of the gateway service for dynos with only an IPv6 address.</summary>
    public static IPAddress GateAddress6 { get; } = IPAddress.Parse("fdd7:5e0e:6772::77");

    /// <summary>The IPv6 addresses on which the gates of nodes listen.</summary>
    public static IPNetwork Range6 { get; } = IPNetwork.Parse("fdd7:5e0e:6772:1::/64");

    /// <summary>The addresses of nodes within the tunnel.</summary>
    public static IPNetwork Range { get; } = IPNetwork.Parse("169.254.78.0/24");

    public static IPAddress Address(int node) => new([169, 254, 78, (byte)node]);

    public static IPAddress Address6(int node) =>
        new([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x77, 0x77, 0, (byte)node]);

    /// <summary>The IPv6 address on which the gate of a node listens.</summary>
    public static IPAddress GateAddress6Of(int node) =>
        new([.. Range6.BaseAddress.GetAddressBytes().AsSpan(0, 15), (byte)node]);

    /// <summary>
    /// The source of packets of a node's dynos with a shared address, on their way to its gateway: the node's address
    /// in the tunnel, to which the gateway routes replies.
    /// </summary>
    public static IPAddress Source(AddressFamily family, int node) =>
        family == AddressFamily.InterNetwork ? Address(node) : GateAddress6Of(node);

    /// <summary>Whether an address is such a source of any node.</summary>
    public static bool IsSource(IPAddress address) =>
        (address.AddressFamily == AddressFamily.InterNetwork ? Range : Range6).Contains(address);

    /// <summary>The hardware address that identifies the sending node of a frame.</summary>
    public static PhysicalAddress Mac(int node) =>
        new([0x02, 0x77, 0x77, 0, 0, (byte)node]);
}

/// <summary>The ports of a node's own address for dynos; the operator assigns only these to nodes.</summary>
internal static class SharedPorts
{
    // Must equal PortBlocks.OfNodeAddress in the operator.
    public const int First = 17_408;
    public const int Last = 29_695;
    public const int Count = Last - First + 1;

    /// <summary>The number of ranges of this size above the first port.</summary>
    public const int Ranges = (ushort.MaxValue + 1 - First) / Count;
}

/// <summary>
/// The bits of a packet's mark. Within a node: bits 24 to 31 are the action, bits 16 to 23 a node, and bits 0 to 13 the
/// number of a fixed IP. The tunnel carries only the low 16 bits: the number or <see cref="Reply"/>.
/// </summary>
internal static class Marks
{
    public const uint KindMask = 0xff000000;
    public const uint NumberMask = 0x3fff;

    /// <summary>The bits that are equal in all kinds.</summary>
    public const uint AnyKindMask = 0xf8000000;

    /// <summary>Through the tunnel to the gateway in bits 16 to 23.</summary>
    public const uint Tunnel = 0x40000000;

    public const uint NodeMask = 0xffff0000;

    /// <summary>Arrived through the tunnel and leaves to the outside.</summary>
    public const uint Forwarded = 0x41000000;

    /// <summary>From a dyno of this node, which is also its gateway.</summary>
    public const uint Here = 0x42000000;

    /// <summary>To a dyno of this node, or a reply from one: uses the cluster's own routing.</summary>
    public const uint OwnWay = 0x43000000;

    /// <summary>Back through the tunnel to the node in bits 16 to 23.</summary>
    public const uint Back = 0x44000000;

    /// <summary>Arrived through the tunnel and leaves to the outside from a shared address.</summary>
    public const uint Shared = 0x45000000;

    /// <summary>
    /// A packet of the tunnel itself, on its way to a node. It is routed before the backstops of dynos apply.
    /// </summary>
    public const uint Outer = 0x46000000;

    /// <summary>To the gateway in bits 16 to 23, over a link that this node shares with it.</summary>
    public const uint Direct = 0x47000000;

    /// <summary>In the tunnel: a reply on its way back.</summary>
    public const uint Reply = 0x4000;

    public static uint Towards(int gateway, int number = 0) => Tunnel | ((uint)gateway << 16) | (uint)number;

    public static uint DirectTo(int gateway, int number = 0) => Direct | ((uint)gateway << 16) | (uint)number;

    public static uint BackTo(int node) => Back | ((uint)node << 16);
}
