using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Dynospace.NodeAgent.Egress;

/// <summary>A node that takes part: it has dynos, is a gateway, or both.</summary>
/// <param name="Name">The name of the Node.</param>
/// <param name="Number">Unique in the cluster, 1 to 250; it names the node within the tunnel.</param>
/// <param name="Addresses">Its addresses, the one that the tunnel uses first.</param>
internal sealed record TunnelNode(string Name, int Number, ImmutableArray<IPAddress> Addresses)
{
    /// <summary>Where the other nodes send the tunnel's packets.</summary>
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
    /// <summary>Whether new connections get other ports.</summary>
    public bool IsRetiring { get; init; }

    public bool Has(int port) => port >= First && port <= Last;
}

/// <summary>A fixed IP of a space.</summary>
/// <param name="Address">The address that the outside sees.</param>
/// <param name="Number">Unique in the cluster, 1 to 16383; it names the address within the tunnel.</param>
internal sealed record FixedIP(IPAddress Address, int Number)
{
    /// <summary>Whether something else routes it to the gateways, so that nobody announces it.</summary>
    public bool IsPresent { get; init; }

    /// <summary>
    /// Whether it is its gateway's own address, which other connections of that node leave from, too. So the gateway
    /// keeps state, by which it tells the connections of dynos from its own.
    /// </summary>
    public bool IsShared { get; init; }

    /// <summary>The numbers of the nodes that may have it: the first of them that lives does.</summary>
    public ImmutableArray<int> Gateways { get; init; } = [];

    /// <summary>Which node uses which of its ports.</summary>
    public ImmutableArray<PortBlock> Ports { get; init; } = [];

    public bool Is4 => Address.AddressFamily == AddressFamily.InterNetwork;

    public bool Equals(FixedIP? other) => ReferenceEquals(this, other)
        || (other is not null && Number == other.Number && IsPresent == other.IsPresent && IsShared == other.IsShared
            && Address.Equals(other.Address) && Gateways.IsSameAs(other.Gateways) && Ports.IsSameAs(other.Ports));

    public override int GetHashCode() => Number;
}

/// <summary>The fixed IPs of a space, and what its dynos reach without them.</summary>
/// <param name="Namespace">The namespace of its dynos.</param>
/// <param name="Addresses">None for dynos of whose spaces nothing is known.</param>
/// <param name="Exempt">Ranges that keep the cluster's own way: pods, Services, nodes, peer networks.</param>
internal sealed record FixedIPSpace(
    string Namespace, ImmutableArray<FixedIP> Addresses, ImmutableArray<IPNetwork> Exempt)
{
    /// <summary>Names the space in the kernel: unique, and the same as long as its first fixed IP is its own.</summary>
    public int Key => Addresses.Select(address => address.Number).DefaultIfEmpty().Min();

    /// <summary>
    /// Whether the same connections of its dynos are right. Gateways and ports, which change with every node, do not
    /// matter.
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
/// An address of a dyno of this node. The interface is new for each pod, so a reused address is another.
/// </summary>
/// <param name="Link">The index of the interface that leads to the pod.</param>
/// <param name="LinkName">Its name.</param>
/// <param name="Address">The address.</param>
/// <param name="Space">The key of its space.</param>
/// <param name="Number">The number of the fixed IP that it leaves from; null for none: it is let out nowhere.</param>
internal sealed record EgressDyno(int Link, string LinkName, IPAddress Address, int Space, int? Number);

/// <summary>Everything that the rules of a node are made of.</summary>
internal sealed record EgressFacts
{
    /// <summary>The number of this node.</summary>
    public required int Own { get; init; }

    /// <summary>All nodes that take part, this one too.</summary>
    public required ImmutableArray<TunnelNode> Nodes { get; init; }

    /// <summary>All spaces that have fixed IPs.</summary>
    public ImmutableArray<FixedIPSpace> Spaces { get; init; } = [];

    /// <summary>The dynos of this node.</summary>
    public ImmutableArray<EgressDyno> Dynos { get; init; } = [];

    /// <summary>
    /// By number of the fixed IP, the number of the gateway that this node sends its packets to. A fixed IP that is
    /// not in it has no way.
    /// </summary>
    public ImmutableDictionary<int, int> Ways { get; init; } = ImmutableDictionary<int, int>.Empty;

    /// <summary>The numbers of the fixed IPs that this node forwards for.</summary>
    public ImmutableHashSet<int> Served { get; init; } = [];

    /// <summary>Those of them that this node answers for on its network.</summary>
    public ImmutableHashSet<int> Announced { get; init; } = [];

    /// <summary>This node's links towards the outside, by name.</summary>
    public ImmutableArray<string> Uplinks { get; init; } = [];

    /// <summary>By fixed IP, the index of the link on which it is announced.</summary>
    public ImmutableDictionary<IPAddress, int> AnnouncedOn { get; init; } =
        ImmutableDictionary<IPAddress, int>.Empty;

    /// <summary>Fixed IPs that are addresses of the node itself: its own packets have them.</summary>
    public ImmutableHashSet<IPAddress> OwnAddresses { get; init; } = [];

    /// <summary>The largest packet of the uplink.</summary>
    public int UplinkMtu { get; init; } = 1500;

    public TunnelNode Node => Nodes.First(node => node.Number == Own);

    public IEnumerable<FixedIP> Addresses => Spaces.SelectMany(space => space.Addresses);

    /// <summary>Whether this node may forward for others.</summary>
    public bool IsGateway => Addresses.Any(address => address.Gateways.Contains(Own));

    /// <summary>The fixed IPs that are nodes' own addresses.</summary>
    public IEnumerable<FixedIP> Shared => Addresses.Where(address => address.IsShared);

    /// <summary>
    /// What is added to the ports of a shared address's blocks on the way to its gateway. That one tells connections
    /// apart by node and port, so several addresses of one gateway must not have the same ports there.
    /// </summary>
    public int PortShift(FixedIP address) => SharedPorts.Count * (Shared.Count(other =>
        other.Number < address.Number && other.Is4 == address.Is4
        && other.Gateways.FirstOrDefault() == address.Gateways.FirstOrDefault()) % SharedPorts.Ranges);

    /// <summary>The numbers of the nodes that may forward for others.</summary>
    public HashSet<int> Gateways() => Addresses.SelectMany(address => address.Gateways).ToHashSet();

    /// <summary>
    /// The fixed IPs whose replies this node knows the ways of: those that it is or may become the gateway of.
    /// </summary>
    public IEnumerable<FixedIP> Returned => Addresses.Where(address =>
        !address.IsShared && (address.Gateways.Contains(Own) || Served.Contains(address.Number)));

    /// <summary>Whether all is the same but dynos, and who is the gateway of what.</summary>
    public bool IsSameCluster(EgressFacts other) =>
        Own == other.Own
        && Nodes.IsSameAs(other.Nodes)
        && Spaces.IsSameAs(other.Spaces)
        && Uplinks.IsSameAs(other.Uplinks)
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
    /// <summary>Equal by their elements; the same array is so without a look at them.</summary>
    public static bool IsSameAs<T>(this ImmutableArray<T> array, ImmutableArray<T> other) =>
        array == other || array.AsSpan().SequenceEqual(other.AsSpan(), EqualityComparer<T>.Default);
}

/// <summary>Numbers and names that both ends of the tunnel, and all runs of an agent, agree on.</summary>
internal static class TunnelNumbers
{
    /// <summary>The name of the VXLAN device.</summary>
    public const string Device = "dynoegress";

    /// <summary>
    /// The group of the device. Rules compare a number faster than a name, and an index would change with the device.
    /// </summary>
    public const uint Group = 7777;

    /// <summary>The VXLAN network.</summary>
    public const uint Network = 7777;

    /// <summary>The UDP port of the tunnel; not VXLAN's own, which networks use.</summary>
    public const ushort Port = 4790;

    /// <summary>The port of heartbeats, within the tunnel.</summary>
    public const int HeartbeatPort = 7878;

    /// <summary>Where gateways answer dynos that ask which source they have.</summary>
    public const int GatePort = 7877;

    /// <summary>The highest number of a node.</summary>
    public const int LastNode = 250;

    /// <summary>The highest number of a fixed IP.</summary>
    public const int LastAddress = 0x3fff;

    public static IPAddress GateAddress { get; } = IPAddress.Parse("169.254.77.77");

    /// <summary>Where gateways answer dynos that have an IPv6 address alone.</summary>
    public static IPAddress GateAddress6 { get; } = IPAddress.Parse("fdd7:5e0e:6772::77");

    /// <summary>Where the gates of nodes listen for IPv6.</summary>
    public static IPNetwork Range6 { get; } = IPNetwork.Parse("fdd7:5e0e:6772:1::/64");

    /// <summary>Where nodes are within the tunnel.</summary>
    public static IPNetwork Range { get; } = IPNetwork.Parse("169.254.78.0/24");

    public static IPAddress Address(int node) => new([169, 254, 78, (byte)node]);

    public static IPAddress Address6(int node) =>
        new([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x77, 0x77, 0, (byte)node]);

    /// <summary>Where the gate of a node listens for IPv6.</summary>
    public static IPAddress GateAddress6Of(int node) =>
        new([.. Range6.BaseAddress.GetAddressBytes().AsSpan(0, 15), (byte)node]);

    /// <summary>
    /// The source of a node's dynos that use a shared address, on their way to its gateway: the node's address in the
    /// tunnel, by which the gateway finds the way back.
    /// </summary>
    public static IPAddress Source(AddressFamily family, int node) =>
        family == AddressFamily.InterNetwork ? Address(node) : GateAddress6Of(node);

    /// <summary>Whether an address is the source of some node's dynos that use a shared address.</summary>
    public static bool IsSource(IPAddress address) =>
        (address.AddressFamily == AddressFamily.InterNetwork ? Range : Range6).Contains(address);

    /// <summary>Says which node a frame comes from.</summary>
    public static System.Net.NetworkInformation.PhysicalAddress Mac(int node) =>
        new([0x02, 0x77, 0x77, 0, 0, (byte)node]);
}

/// <summary>The ports of a node's own address that are for dynos; the operator gives no other to nodes.</summary>
internal static class SharedPorts
{
    // PortBlocks.OfNodeAddress of the operator.
    public const int First = 17_408;
    public const int Last = 29_695;
    public const int Count = Last - First + 1;

    /// <summary>How many ranges of this size there are from the first port on.</summary>
    public const int Ranges = (ushort.MaxValue + 1 - First) / Count;
}

/// <summary>
/// What bits of a packet's mark say. Within a node: bits 24 to 31 what is done with it, bits 16 to 23 a node, bits 0 to
/// 13 the number of a fixed IP. In the tunnel, where only the low 16 bits travel, the number or <see cref="Reply"/>.
/// </summary>
internal static class Marks
{
    public const uint KindMask = 0xff000000;
    public const uint NumberMask = 0x3fff;

    /// <summary>All kinds.</summary>
    public const uint AnyKindMask = 0xf8000000;

    /// <summary>Through the tunnel to the gateway of bits 16 to 23.</summary>
    public const uint Tunnel = 0x40000000;

    public const uint NodeMask = 0xffff0000;

    /// <summary>Came through the tunnel and leaves for the outside.</summary>
    public const uint Forwarded = 0x41000000;

    /// <summary>Of a dyno of this node whose gateway is this node, too.</summary>
    public const uint Here = 0x42000000;

    /// <summary>To a dyno of this node, or a reply of one: keeps the cluster's own way.</summary>
    public const uint OwnWay = 0x43000000;

    /// <summary>Back through the tunnel to the node of bits 16 to 23.</summary>
    public const uint Back = 0x44000000;

    /// <summary>Came through the tunnel and leaves for the outside from a shared address.</summary>
    public const uint Shared = 0x45000000;

    /// <summary>The bits in which both kinds that go through the tunnel, and no other, are equal.</summary>
    public const uint TunnelMask = 0xfb000000;

    /// <summary>
    /// A packet of the tunnel itself, on its way to a node. Its way is found before the backstops of dynos are asked.
    /// </summary>
    public const uint Outer = 0x46000000;

    /// <summary>In the tunnel: an answer on its way back.</summary>
    public const uint Reply = 0x4000;

    public static uint Towards(int gateway, int number = 0) => Tunnel | ((uint)gateway << 16) | (uint)number;

    public static uint BackTo(int node) => Back | ((uint)node << 16);
}
