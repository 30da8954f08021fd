using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Dynospace.Reachability.Addresses;

/// <summary>An address as a number, so that ranges are arithmetic. An IPv4-mapped IPv6 address is its IPv4 address.</summary>
internal readonly record struct NumericAddress(AddressFamily Family, UInt128 Bits)
{
    public static NumericAddress From(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        Span<byte> bytes = stackalloc byte[16];
        plain.TryWriteBytes(bytes, out var written);
        return written == 4
            ? new(AddressFamily.InterNetwork, BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : new(AddressFamily.InterNetworkV6, BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Bits);
        return new IPAddress(Family == AddressFamily.InterNetwork ? bytes[12..] : bytes);
    }

    public static int Width(AddressFamily family) => family == AddressFamily.InterNetwork ? 32 : 128;

    /// <summary>The bits that a prefix of this length leaves free.</summary>
    public static UInt128 HostMask(AddressFamily family, int prefixLength)
    {
        var hostBits = Width(family) - prefixLength;
        return hostBits == 128 ? UInt128.MaxValue : (UInt128.One << hostBits) - 1;
    }
}
