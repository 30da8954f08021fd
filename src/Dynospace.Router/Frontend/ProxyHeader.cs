using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Text;

namespace Dynospace.Router.Frontend;

/// <summary>The content of a PROXY header.</summary>
/// <param name="Client">
/// The client whose connection the proxy passes on; null for a connection of the proxy itself, or of an unknown client.
/// </param>
/// <param name="Length">The bytes of the header; the client's follow.</param>
internal readonly record struct ProxyHeader(IPEndPoint? Client, int Length);

/// <summary>Whether the bytes received so far are a PROXY header.</summary>
internal enum ProxyHeaderState
{
    /// <summary>They may be the beginning of one.</summary>
    Incomplete,

    /// <summary>They begin with a complete one.</summary>
    Complete,

    /// <summary>They are not one, whatever bytes follow.</summary>
    Malformed,
}

/// <summary>
/// Parses a PROXY header of version 1 or 2, strictly: it decides who may send requests, so a header that can be read in
/// two ways is malformed. Bytes that cannot become a header are refused at once.
/// </summary>
internal static class ProxyHeaderParser
{
    private static ReadOnlySpan<byte> TextSignature => "PROXY "u8;

    private static ReadOnlySpan<byte> BinarySignature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Parses the header at the beginning of the bytes.</summary>
    public static ProxyHeaderState Parse(ReadOnlySpan<byte> received, out ProxyHeader header)
    {
        header = default;
        if (Begins(received, BinarySignature))
        {
            return received.Length < BinarySignature.Length
                ? ProxyHeaderState.Incomplete
                : BinaryProxyHeader.Parse(received, out header);
        }

        return !Begins(received, TextSignature)
            ? ProxyHeaderState.Malformed
            : received.Length < TextSignature.Length
                ? ProxyHeaderState.Incomplete
                : TextProxyHeader.Parse(received, out header);
    }

    private static bool Begins(ReadOnlySpan<byte> received, ReadOnlySpan<byte> signature)
    {
        var length = Math.Min(received.Length, signature.Length);
        return received[..length].SequenceEqual(signature[..length]);
    }
}

/// <summary>Version 1: one line of text, <c>PROXY TCP4 198.51.100.7 203.0.113.5 51234 443</c>.</summary>
internal static class TextProxyHeader
{
    /// <summary>The longest line that the protocol allows, in bytes with its line end.</summary>
    private const int LongestLine = 107;

    private const int Parts = 6;

    public static ProxyHeaderState Parse(ReadOnlySpan<byte> received, out ProxyHeader header)
    {
        header = default;
        var end = received.IndexOf("\r\n"u8);
        if (end < 0)
        {
            return received.Length < LongestLine ? ProxyHeaderState.Incomplete : ProxyHeaderState.Malformed;
        }

        var length = end + 2;
        if (length > LongestLine || received[..end].ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            return ProxyHeaderState.Malformed;
        }

        var parts = Encoding.ASCII.GetString(received[..end]).Split(' ');
        if (parts[1] == "UNKNOWN")
        {
            // The protocol says to ignore the rest of the line.
            header = new ProxyHeader(null, length);
            return ProxyHeaderState.Complete;
        }

        if (Family(parts[1]) is not { } family || parts.Length != Parts
            || Address(parts[2], family) is not { } client || Address(parts[3], family) is null
            || Port(parts[4]) is not { } port || Port(parts[5]) is null)
        {
            return ProxyHeaderState.Malformed;
        }

        header = new ProxyHeader(new IPEndPoint(client, port), length);
        return ProxyHeaderState.Complete;
    }

    private static AddressFamily? Family(string text) => text switch
    {
        "TCP4" => AddressFamily.InterNetwork,
        "TCP6" => AddressFamily.InterNetworkV6,
        _ => null,
    };

    /// <summary>
    /// The framework's parser also accepts 10.1, 0x0a.0.0.1, brackets and zones, which the protocol does not allow.
    /// </summary>
    private static IPAddress? Address(string text, AddressFamily family)
    {
        if (!IPAddress.TryParse(text, out var address) || address.AddressFamily != family)
        {
            return null;
        }

        return family == AddressFamily.InterNetwork
            ? address.ToString() == text ? address : null
            : text.AsSpan().ContainsAny("[]%/") ? null : address;
    }

    private static int? Port(string text) =>
        text.Length is > 0 and <= 5 && (text == "0" || text[0] != '0')
        && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? port
            : null;
}

/// <summary>
/// Version 2: a signature, command, family and length, then the addresses and extensions (type, length, value).
/// </summary>
internal static class BinaryProxyHeader
{
    private const int PrefixLength = 16;
    private const int ExtensionPrefix = 3;
    private const byte ChecksumExtension = 3;

    private enum Command : byte
    {
        /// <summary>The proxy connects on its own behalf, for instance for a health check.</summary>
        Local = 0x20,
        Proxy = 0x21,
    }

    private enum Family : byte
    {
        Unspecified = 0x00,
        TcpOverIPv4 = 0x11,
        TcpOverIPv6 = 0x21,
    }

    public static ProxyHeaderState Parse(ReadOnlySpan<byte> received, out ProxyHeader header)
    {
        header = default;
        if (received.Length > 12 && (Command)received[12] is not (Command.Local or Command.Proxy))
        {
            return ProxyHeaderState.Malformed;
        }

        if (received.Length < PrefixLength)
        {
            return ProxyHeaderState.Incomplete;
        }

        var length = PrefixLength + BinaryPrimitives.ReadUInt16BigEndian(received[14..]);
        if (AddressLength((Command)received[12], (Family)received[13]) is not { } addressLength
            || length < PrefixLength + addressLength)
        {
            return ProxyHeaderState.Malformed;
        }

        if (received.Length < length)
        {
            return ProxyHeaderState.Incomplete;
        }

        // The protocol says to ignore the addresses of a proxy's own connections.
        var isOwn = (Command)received[12] == Command.Local;
        if (!isOwn && !AreExtensionsSound(received[..length], PrefixLength + addressLength))
        {
            return ProxyHeaderState.Malformed;
        }

        header = new ProxyHeader(isOwn ? null : Client(received[PrefixLength..], (Family)received[13]), length);
        return ProxyHeaderState.Complete;
    }

    /// <summary>The length in bytes; null for a family that a TCP connection between hosts cannot have.</summary>
    private static int? AddressLength(Command command, Family family) => (command, family) switch
    {
        (Command.Local, _) or (_, Family.Unspecified) => 0,
        (_, Family.TcpOverIPv4) => 12,
        (_, Family.TcpOverIPv6) => 36,
        _ => null,
    };

    private static IPEndPoint? Client(ReadOnlySpan<byte> addresses, Family family) => family switch
    {
        Family.TcpOverIPv4 =>
            new IPEndPoint(new IPAddress(addresses[..4]), BinaryPrimitives.ReadUInt16BigEndian(addresses[8..])),
        Family.TcpOverIPv6 =>
            new IPEndPoint(new IPAddress(addresses[..16]), BinaryPrimitives.ReadUInt16BigEndian(addresses[32..])),
        _ => null,
    };

    private static bool AreExtensionsSound(ReadOnlySpan<byte> header, int position)
    {
        if (header[13] == (byte)Family.Unspecified)
        {
            // Bytes after a cut prefix cannot be identified as extensions.
            return true;
        }

        while (position < header.Length)
        {
            if (header.Length - position < ExtensionPrefix)
            {
                return false;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(header[(position + 1)..]);
            var value = position + ExtensionPrefix;
            if (header.Length - value < length
                || (header[position] == ChecksumExtension && !IsChecksumRight(header, value, length)))
            {
                return false;
            }

            position = value + length;
        }

        return true;
    }

    /// <summary>CRC-32C of the header, with the four bytes of the checksum taken as zeros.</summary>
    private static bool IsChecksumRight(ReadOnlySpan<byte> header, int position, int length)
    {
        if (length != sizeof(uint))
        {
            return false;
        }

        var sum = uint.MaxValue;
        for (var i = 0; i < header.Length; i++)
        {
            sum = BitOperations.Crc32C(sum, i >= position && i < position + length ? (byte)0 : header[i]);
        }

        return ~sum == BinaryPrimitives.ReadUInt32BigEndian(header[position..]);
    }
}
