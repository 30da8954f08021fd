// Addresses: arithmetic of address ranges, and the ranges that are not the internet.

using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Dynospace.Planning.Addresses;

/// <summary>
/// A CIDR block as a number. The evaluator in Dynospace.Reachability has arithmetic of its own on purpose: it checks
/// what is planned here and must not share its mistakes.
/// </summary>
public readonly record struct AddressBlock(bool IsV6, UInt128 First, int Prefix)
{
    private const int V4Width = 32;
    private const int V6Width = 128;

    /// <summary>The length of the well-known prefix of NAT64.</summary>
    public const int Nat64PrefixLength = V6Width - V4Width;

    /// <summary>IPv4 before IPv6, then by first address, larger blocks first.</summary>
    public static readonly IComparer<AddressBlock> Ascending = Comparer<AddressBlock>.Create(
        (one, other) => (one.IsV6, one.First, one.Prefix).CompareTo((other.IsV6, other.First, other.Prefix)));

    private static readonly UInt128 Nat64Prefix = (UInt128)0x0064_ff9b << 96;

    /// <summary>Bits of an address: 32 or 128.</summary>
    public int Width => IsV6 ? V6Width : V4Width;

    /// <summary>The highest address.</summary>
    public UInt128 Last => First | HostMask(Width - Prefix);

    /// <summary>Whether the text of an address or a block is one of IPv6.</summary>
    public static bool IsV6Text(string text) => text.Contains(':', StringComparison.Ordinal);

    /// <summary>Parses a CIDR block or a single address; bits after the prefix are dropped.</summary>
    public static bool TryParse(string text, out AddressBlock block)
    {
        block = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var host = slash < 0 ? text : text[..slash];
        if (!IPAddress.TryParse(host, out var address) || HasZone(address))
        {
            return false;
        }

        // The framework's parser also reads 10.1 as 10.0.0.1 and 010.0.0.1 as 8.0.0.1, which is never intended. An
        // IPv4-mapped IPv6 address is never in a packet, and the API server refuses it in a policy.
        var isV6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        if ((!isV6 && address.ToString() != host) || address.IsIPv4MappedToIPv6)
        {
            return false;
        }

        var width = isV6 ? V6Width : V4Width;
        var prefix = width;
        if (slash >= 0
            && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix)
                || prefix > width))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        var bits = isV6 ? BinaryPrimitives.ReadUInt128BigEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
        block = new(isV6, bits & ~HostMask(width - prefix), prefix);
        return true;
    }

    /// <summary>One address; an IPv4 address in an IPv6 socket is the IPv4 address. Its zone is left out.</summary>
    public static AddressBlock FromAddress(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var isV6 = plain.AddressFamily == AddressFamily.InterNetworkV6;
        Span<byte> bytes = stackalloc byte[16];
        plain.TryWriteBytes(bytes, out _);
        return isV6
            ? new(true, BinaryPrimitives.ReadUInt128BigEndian(bytes), V6Width)
            : new(false, BinaryPrimitives.ReadUInt32BigEndian(bytes), V4Width);
    }

    /// <summary>
    /// Parses an address or a range in an object of the cluster. An IPv4-mapped IPv6 address is the IPv4 address that
    /// it stands for.
    /// </summary>
    public static bool TryParseObserved(string? text, out AddressBlock block)
    {
        if (text is not null && TryParse(text, out block))
        {
            return true;
        }

        block = default;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        var host = slash < 0 ? text : text![..slash];
        if (!IPAddress.TryParse(host, out var address) || !address.IsIPv4MappedToIPv6 || HasZone(address))
        {
            return false;
        }

        var prefix = V6Width;
        if (slash >= 0
            && !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix))
        {
            return false;
        }

        return prefix is >= V6Width - V4Width and <= V6Width
            && TryParse(
                $"{address.MapToIPv4()}/{(prefix - V6Width + V4Width).ToString(CultureInfo.InvariantCulture)}",
                out block);
    }

    /// <summary>Parses a CIDR block or a single address given by the platform team or the cluster.</summary>
    public static AddressBlock Parse(string text) =>
        TryParse(text, out var block)
            ? block
            : throw new FormatException(
                $"\"{text}\" is not an address range: write an address, or a CIDR range such as 198.51.100.0/24 or "
                + "2001:db8::/32");

    /// <summary>Whether this block contains all of the other. It never contains a block of the other family.</summary>
    public bool Contains(AddressBlock other) =>
        IsV6 == other.IsV6 && Prefix <= other.Prefix && First <= other.First && other.Last <= Last;

    /// <summary>
    /// Whether the blocks share an address. Blocks are nested or disjoint; they never overlap partially.
    /// </summary>
    public bool Overlaps(AddressBlock other) => Contains(other) || other.Contains(this);

    /// <summary>The block without others, as the smallest number of blocks.</summary>
    public IEnumerable<AddressBlock> Without(IReadOnlyCollection<AddressBlock> others)
    {
        var whole = this;
        var inside = others.Where(whole.Overlaps).ToList();
        if (inside.Count == 0)
        {
            return [this];
        }

        if (inside.Any(other => other.Contains(whole)))
        {
            return [];
        }

        var low = new AddressBlock(IsV6, First, Prefix + 1);
        var high = new AddressBlock(IsV6, low.Last + 1, Prefix + 1);
        return low.Without(inside).Concat(high.Without(inside));
    }

    /// <summary>The block of twice the size, if this and the other are its two halves.</summary>
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

    /// <summary>Whether the block stands for an IPv4 block behind a NAT64 gateway.</summary>
    public bool IsNat64 => IsV6 && Prefix >= Nat64PrefixLength && (First >> V4Width) == (Nat64Prefix >> V4Width);

    /// <summary>
    /// The block with this prefix length that contains this one; this one if its prefix is not longer.
    /// </summary>
    public AddressBlock Within(int prefix) =>
        Prefix <= prefix ? this : new(IsV6, First & ~HostMask(Width - prefix), prefix);

    /// <summary>
    /// The IPv6 block by which a NAT64 gateway reaches this IPv4 block (RFC 6052's well-known prefix).
    /// </summary>
    public AddressBlock ThroughNat64() => new(true, Nat64Prefix | First, Prefix + V6Width - V4Width);

    /// <summary>In canonical CIDR notation.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, First);
        return string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(IsV6 ? bytes : bytes[12..])}/{Prefix}");
    }

    /// <summary>
    /// The zone of a link-local address is valid on one node only; reading it from an IPv4 address throws.
    /// </summary>
    private static bool HasZone(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0;

    private static UInt128 HostMask(int hostBits) =>
        hostBits == V6Width ? UInt128.MaxValue : (UInt128.One << hostBits) - 1;
}
