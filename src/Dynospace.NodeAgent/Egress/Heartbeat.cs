using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net.NetworkInformation;

namespace Dynospace.NodeAgent.Egress;

/// <summary>The message that a node sends to others several times a second, through the tunnel.</summary>
/// <param name="Node">The number of the node.</param>
/// <param name="Hears">The nodes that it recently heard.</param>
/// <param name="Claims">The numbers, within this part, of the fixed IPs of which it is the gateway.</param>
internal sealed record Heartbeat(int Node, ImmutableHashSet<int> Hears, ImmutableHashSet<int> Claims)
{
    /// <summary>
    /// The number of fixed IP numbers in one packet, a bit for each, so that it fits into the tunnel with any claims.
    /// </summary>
    public const int NumbersPerPart = 8192;

    private const int MostMacs = 8;
    private const int MacLength = 6;

    // DSE and the version.
    private const uint Magic = 0x44534502;
    private const int NodeAt = 4;
    private const int FlagsAt = 5;
    private const int PartAt = 6;
    private const int MacCountAt = 7;
    private const int HearsAt = 8;
    private const int MacsAt = HearsAt + 32;
    private const byte TieFlag = 1;
    private const byte NativeFlag = 2;

    /// <summary>
    /// The numbers that this packet covers: a node with claims in several parts sends several packets.
    /// </summary>
    public int Part { get; init; }

    /// <summary>Whether the node holds the Lease that decides when exactly half of the nodes hear each other.</summary>
    public bool HasTieBreak { get; init; }

    /// <summary>Whether the node accepts packets of dynos, and replies to them, without the tunnel.</summary>
    public bool IsNative { get; init; }

    /// <summary>The hardware addresses from which the node announces fixed IPs or sends without the tunnel.</summary>
    public ImmutableArray<PhysicalAddress> Macs { get; init; } = [];

    /// <summary>The part that contains a number.</summary>
    public static int PartOf(int number) => number / NumbersPerPart;

    public byte[] Encode()
    {
        var macs = Macs.Where(mac => mac.GetAddressBytes().Length == MacLength).Take(MostMacs).ToList();
        var claimsAt = MacsAt + (MacLength * macs.Count);
        var bits = Claims.Where(number => PartOf(number) == Part).Select(number => number % NumbersPerPart).ToList();
        var bytes = new byte[claimsAt + (bits.Count == 0 ? 0 : (bits.Max() / 8) + 1)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Magic);
        bytes[NodeAt] = (byte)Node;
        bytes[FlagsAt] = (byte)((HasTieBreak ? TieFlag : 0) | (IsNative ? NativeFlag : 0));
        bytes[PartAt] = (byte)Part;
        bytes[MacCountAt] = (byte)macs.Count;
        foreach (var node in Hears)
        {
            Set(bytes.AsSpan(HearsAt), node);
        }

        for (var i = 0; i < macs.Count; i++)
        {
            macs[i].GetAddressBytes().CopyTo(bytes, MacsAt + (MacLength * i));
        }

        foreach (var bit in bits)
        {
            Set(bytes.AsSpan(claimsAt), bit);
        }

        return bytes;
    }

    /// <summary>Decodes a packet; null if it is not a heartbeat.</summary>
    public static Heartbeat? Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < MacsAt || BinaryPrimitives.ReadUInt32BigEndian(bytes) != Magic)
        {
            return null;
        }

        var (part, macCount) = (bytes[PartAt], bytes[MacCountAt]);
        var claimsAt = MacsAt + (MacLength * macCount);
        if (part > PartOf(TunnelNumbers.LastAddress) || macCount > MostMacs || bytes.Length < claimsAt
            || bytes.Length > claimsAt + (NumbersPerPart / 8))
        {
            return null;
        }

        var macs = ImmutableArray.CreateBuilder<PhysicalAddress>(macCount);
        for (var i = 0; i < macCount; i++)
        {
            macs.Add(new PhysicalAddress(bytes.Slice(MacsAt + (MacLength * i), MacLength).ToArray()));
        }

        return new Heartbeat(bytes[NodeAt], Bits(bytes.Slice(HearsAt, 32), 0), Bits(bytes[claimsAt..], part))
        {
            Part = part,
            HasTieBreak = (bytes[FlagsAt] & TieFlag) != 0,
            IsNative = (bytes[FlagsAt] & NativeFlag) != 0,
            Macs = macs.ToImmutable(),
        };
    }

    private static void Set(Span<byte> bits, int number) => bits[number / 8] |= (byte)(1 << (number % 8));

    private static ImmutableHashSet<int> Bits(ReadOnlySpan<byte> bytes, int part)
    {
        var found = ImmutableHashSet.CreateBuilder<int>();
        for (var i = 0; i < bytes.Length; i++)
        {
            for (var bit = 0; bytes[i] >> bit != 0; bit++)
            {
                if ((bytes[i] >> bit & 1) != 0)
                {
                    found.Add((part * NumbersPerPart) + (8 * i) + bit);
                }
            }
        }

        return found.ToImmutable();
    }
}
