using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Dynospace.Reachability.Addresses;

/// <summary>
/// Reads addresses in the one form that every program reads alike. <see cref="IPAddress.Parse(string)"/> also takes
/// <c>10.1</c>, <c>0x0a.0.0.1</c> and, as octal, <c>010.0.0.1</c>, where others read decimal: here they are refused.
/// </summary>
public static class AddressText
{
    // No zone and no brackets, which .NET would take as well.
    private static readonly SearchValues<char> IPv6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>
    /// Reads <paramref name="text"/>, or says in <paramref name="problem"/> what is wrong and what to write.
    /// </summary>
    public static bool TryParse(
        [NotNullWhen(true)] string? text,
        [NotNullWhen(true)] out IPAddress? address,
        [NotNullWhen(false)] out string? problem)
    {
        address = null;
        problem = Problem(text);
        if (problem is not null)
        {
            return false;
        }

        address = IPAddress.Parse(text!);
        if (address.IsIPv4MappedToIPv6)
        {
            problem = $"is an IPv4-mapped IPv6 address; write {address.MapToIPv4()}";
            address = null;
            return false;
        }

        return true;
    }

    private static string? Problem(string? text)
    {
        const string Form = "is not an IP address; write one such as 192.0.2.1 or 2001:db8::1";
        if (string.IsNullOrEmpty(text))
        {
            return Form;
        }

        if (text.Contains(':', StringComparison.Ordinal))
        {
            return text.AsSpan().ContainsAnyExcept(IPv6Characters)
                || !IPAddress.TryParse(text, out var v6) || v6.AddressFamily != AddressFamily.InterNetworkV6
                    ? Form
                    : null;
        }

        var parts = text.Split('.');
        if (parts.Length != 4 || !Array.TrueForAll(parts, IsOctet))
        {
            return Form;
        }

        return Array.Exists(parts, part => part.Length > 1 && part[0] == '0')
            ? "has a leading zero, which some programs read as octal; write the numbers without it"
            : null;
    }

    private static bool IsOctet(string part) =>
        part.Length is >= 1 and <= 3
        && part.All(char.IsAsciiDigit)
        && int.Parse(part, CultureInfo.InvariantCulture) <= 255;
}

/// <summary>
/// An address as a number, so that ranges are arithmetic. An IPv4-mapped IPv6 address is its IPv4 address.
/// </summary>
public readonly record struct NumericAddress(AddressFamily Family, UInt128 Bits)
{
    /// <summary>Reads an address; one that is mapped into IPv6 as the IPv4 address that it stands for.</summary>
    public static NumericAddress From(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        Span<byte> bytes = stackalloc byte[16];
        plain.TryWriteBytes(bytes, out var written);
        return written == 4
            ? new(AddressFamily.InterNetwork, BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : new(AddressFamily.InterNetworkV6, BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }

    /// <summary>The same address in the type of the base class library.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Bits);
        return new IPAddress(Family == AddressFamily.InterNetwork ? bytes[12..] : bytes);
    }

    /// <summary>Bits of an address: 32 or 128.</summary>
    public static int Width(AddressFamily family) => family == AddressFamily.InterNetwork ? 32 : 128;

    /// <summary>The bits that a prefix of this length leaves free.</summary>
    public static UInt128 HostMask(AddressFamily family, int prefixLength)
    {
        var hostBits = Width(family) - prefixLength;
        return hostBits == 128 ? UInt128.MaxValue : (UInt128.One << hostBits) - 1;
    }
}
