using System.Net;
using System.Net.Sockets;
using Dynospace.Reachability.Addresses;

namespace Dynospace.NodeAgent.DynoNetwork;

/// <summary>The addresses of one node's dynos: a range divided into a /30 for each dyno.</summary>
internal sealed record NodeBlock
{
    /// <summary>Network, gateway, dyno, broadcast.</summary>
    public const int SlotPrefix = 30;

    private const uint SlotSize = 4;

    public NodeBlock(AddressRange range)
    {
        Range = range.Family == AddressFamily.InterNetwork && range.PrefixLength <= SlotPrefix
            ? range
            : throw new ArgumentException($"{range} has no room for an IPv4 subnet of length {SlotPrefix}");
    }

    public AddressRange Range { get; }

    /// <summary>The maximum number of dynos.</summary>
    public int SlotCount => 1 << (SlotPrefix - Range.PrefixLength);

    /// <summary>The first address, which is not assigned to a dyno: it is the node's end of the tunnel.</summary>
    public IPAddress TunnelAddress => Range.First;

    public IEnumerable<AddressRange> Slots => Enumerable.Range(0, SlotCount)
        .Select(index => Cut(SlotPrefix, Range.FirstBits + ((uint)index * SlotSize)));

    /// <summary>The subnet of an address of the block.</summary>
    public static AddressRange SlotOf(IPAddress address) =>
        Cut(SlotPrefix, AddressRange.FromAddress(address).FirstBits & ~(UInt128)(SlotSize - 1));

    /// <summary>The block with the given index in a range.</summary>
    public static NodeBlock At(AddressRange range, int prefixLength, int index) =>
        new(Cut(prefixLength, range.FirstBits + ((UInt128)(uint)index << (32 - prefixLength))));

    public override string ToString() => Range.ToString();

    private static AddressRange Cut(int prefixLength, UInt128 first)
    {
        var bits = (uint)first;
        return AddressRange.FromNetwork(new IPNetwork(
            new IPAddress([(byte)(bits >> 24), (byte)(bits >> 16), (byte)(bits >> 8), (byte)bits]), prefixLength));
    }
}

/// <summary>
/// The IPv6 addresses of one node's dynos: as many /126 as its block has /30. It needs no claim, because it follows
/// from the claimed block or the pod range.
/// </summary>
internal sealed record AddressBlock6
{
    /// <summary>Network, gateway, dyno, and an unused address.</summary>
    public const int SlotPrefix = 126;

    private const int Embedding = 96;
    private const uint SlotSize = 4;

    private AddressBlock6(UInt128 first, int prefixLength) => Range = Cut(first, prefixLength);

    public AddressRange Range { get; }

    /// <summary>The subnets, each with the address that its dyno gets.</summary>
    public IEnumerable<(AddressRange Subnet, IPAddress Dyno)> Slots =>
        Enumerable.Range(0, 1 << (SlotPrefix - Range.PrefixLength)).Select(index =>
        {
            var first = Range.FirstBits + ((uint)index * SlotSize);
            return (Cut(first, SlotPrefix), Cut(first + 2, 128).First);
        });

    /// <summary>The addresses of a network whose last 32 bits are an address of the block.</summary>
    public static AddressBlock6 Embed(AddressRange network, AddressRange block) =>
        new(network.FirstBits | block.FirstBits, block.PrefixLength + Embedding);

    /// <summary>The first addresses of a range; null if it is too small for all dynos of the block.</summary>
    public static AddressBlock6? FirstOf(AddressRange range, AddressRange block) =>
        range.PrefixLength <= block.PrefixLength + Embedding
            ? new(range.FirstBits, block.PrefixLength + Embedding)
            : null;

    /// <summary>The node's end of the tunnel, derived from the IPv4 one.</summary>
    public static IPAddress TunnelAddress(IPAddress address) =>
        new([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0x79, 0x79, .. address.GetAddressBytes()]);

    public override string ToString() => Range.ToString();

    private static AddressRange Cut(UInt128 first, int prefixLength)
    {
        var bytes = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, first);
        return AddressRange.FromNetwork(new IPNetwork(new IPAddress(bytes), prefixLength));
    }
}

/// <summary>The claim of a node.</summary>
/// <param name="Node">The name of the node.</param>
/// <param name="Block">The claimed block.</param>
/// <param name="Created">The creation time of its object.</param>
/// <param name="Uid">The uid of its object, the tiebreaker for equal times.</param>
internal sealed record BlockClaim(string Node, AddressRange Block, DateTimeOffset Created, string Uid);

/// <summary>Pure: decides which block a node claims.</summary>
internal static class BlockClaims
{
    /// <summary>
    /// The first free block, searched from a start that differs between nodes, so that two nodes that search at the
    /// same time rarely choose the same one. Null if none is free.
    /// </summary>
    /// <param name="range">The range that is divided into blocks.</param>
    /// <param name="prefixLength">The prefix length of a block.</param>
    /// <param name="claims">The claims of other nodes.</param>
    /// <param name="start">Any number.</param>
    public static NodeBlock? Choose(
        AddressRange range, int prefixLength, IEnumerable<BlockClaim> claims, uint start)
    {
        var taken = CidrSet.FromRanges(claims.Select(claim => claim.Block));
        var count = 1 << (prefixLength - range.PrefixLength);
        return Enumerable.Range(0, count)
            .Select(step => NodeBlock.At(range, prefixLength, (int)((start + (uint)step) % (uint)count)))
            .FirstOrDefault(block => !taken.Overlaps(block.Range));
    }

    /// <summary>
    /// Claims of other nodes that overlap a block. A node that has just claimed the block gives it up if there is one,
    /// even a younger one: it has not used the block yet, and at least the later of two nodes sees the other's claim.
    /// The result does not depend on clocks.
    /// </summary>
    public static IEnumerable<BlockClaim> Conflicts(AddressRange block, string node, IEnumerable<BlockClaim> claims) =>
        claims.Where(claim => claim.Node != node && claim.Block.Overlaps(block));

    /// <summary>
    /// The effective claims: the oldest of those that overlap. A newer claim never takes a node's addresses away.
    /// </summary>
    public static IReadOnlyList<BlockClaim> Holding(IEnumerable<BlockClaim> claims)
    {
        var holding = new List<BlockClaim>();
        var taken = CidrSet.Empty;
        foreach (var claim in claims
            .OrderBy(claim => claim.Created)
            .ThenBy(claim => claim.Uid, StringComparer.Ordinal))
        {
            if (!taken.Overlaps(claim.Block))
            {
                holding.Add(claim);
                taken = taken.Union(CidrSet.FromRanges(claim.Block));
            }
        }

        return holding;
    }
}
