using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Dynospace.Planning.Addresses;

/// <summary>
/// A CIDR block as a number. The evaluator in Dynospace.Reachability has arithmetic of its own on purpose: it checks what is planned
/// here and must not share its mistakes.
/// </summary>
internal readonly record struct AddressBlock(bool IsV6, UInt128 First, int Prefix) : IComparable<AddressBlock>
{
    private const int V4Width = 32;
    private const int V6Width = 128;
    private static readonly UInt128 Nat64Prefix = (UInt128)0x0064_ff9b << 96;

    private int Width => IsV6 ? V6Width : V4Width;

    private UInt128 Last => First | HostMask(Width - Prefix);

    /// <summary>Reads a CIDR block or a single address; bits behind the prefix are dropped.</summary>
    public static bool TryParse(string text, out AddressBlock block)
    {
        block = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var host = slash < 0 ? text : text[..slash];
        if (!IPAddress.TryParse(host, out var address) || address.ScopeIdOrZero() != 0)
        {
            return false;
        }

        // The parser also takes 10.1 for 10.0.0.1 and 010.0.0.1 for 8.0.0.1; nobody who writes that means it.
        var isV6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        if (!isV6 && address.ToString() != host)
        {
            return false;
        }

        var width = isV6 ? V6Width : V4Width;
        var prefix = width;
        if (slash >= 0
            && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > width))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        var bits = isV6 ? BinaryPrimitives.ReadUInt128BigEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
        block = new(isV6, bits & ~HostMask(width - prefix), prefix);
        return true;
    }

    /// <summary>Reads a CIDR block or a single address that the platform team or the cluster gave.</summary>
    public static AddressBlock Parse(string text) =>
        TryParse(text, out var block)
            ? block
            : throw new FormatException($"\"{text}\" is no address range: write an address, or a CIDR range such as 198.51.100.0/24 or 2001:db8::/32");

    public bool Contains(AddressBlock other) => IsV6 == other.IsV6 && Prefix <= other.Prefix && First <= other.First && other.Last <= Last;

    /// <summary>Blocks nest or are apart; they never overlap in part.</summary>
    public bool Overlaps(AddressBlock other) => Contains(other) || other.Contains(this);

    /// <summary>The block of twice the size, when this and the other are its two halves.</summary>
    public bool TryJoin(AddressBlock other, out AddressBlock whole)
    {
        whole = default;
        if (Prefix == 0 || IsV6 != other.IsV6 || Prefix != other.Prefix || First == other.First)
        {
            return false;
        }

        whole = new(IsV6, First & ~HostMask(Width - Prefix + 1), Prefix - 1);
        return whole.Contains(other);
    }

    /// <summary>The IPv6 block by which a NAT64 gateway reaches this IPv4 block (RFC 6052's well-known prefix).</summary>
    public AddressBlock ThroughNat64() => new(true, Nat64Prefix | First, Prefix + V6Width - V4Width);

    public int CompareTo(AddressBlock other) => (IsV6, First, Prefix).CompareTo((other.IsV6, other.First, other.Prefix));

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, First);
        return string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(IsV6 ? bytes : bytes[12..])}/{Prefix}");
    }

    private static UInt128 HostMask(int hostBits) => hostBits == V6Width ? UInt128.MaxValue : (UInt128.One << hostBits) - 1;
}
