using System.Buffers.Binary;
using System.Net;
using System.Numerics;

namespace Dynospace.Router.ProxyProtocol;

/// <summary>Version 2: a signature, command, family and length, then the addresses and extensions (type, length, value).</summary>
internal static class BinaryProxyHeader
{
    private const int PrefixLength = 16;
    private const int ExtensionPrefix = 3;
    private const byte ChecksumExtension = 3;

    private enum Command : byte
    {
        /// <summary>The proxy speaks for itself, as when it checks health.</summary>
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
        if (AddressLength((Command)received[12], (Family)received[13]) is not { } addressLength || length < PrefixLength + addressLength)
        {
            return ProxyHeaderState.Malformed;
        }

        if (received.Length < length)
        {
            return ProxyHeaderState.Incomplete;
        }

        // What a proxy says of its own connections need not make sense; it is skipped.
        var isOwn = (Command)received[12] == Command.Local;
        if (!isOwn && !AreExtensionsSound(received[..length], PrefixLength + addressLength))
        {
            return ProxyHeaderState.Malformed;
        }

        header = new ProxyHeader(isOwn ? null : Client(received[PrefixLength..], (Family)received[13]), length);
        return ProxyHeaderState.Complete;
    }

    /// <summary>Null for what cannot be the family of a TCP connection between hosts.</summary>
    private static int? AddressLength(Command command, Family family) => (command, family) switch
    {
        (Command.Local, _) or (_, Family.Unspecified) => 0,
        (_, Family.TcpOverIPv4) => 12,
        (_, Family.TcpOverIPv6) => 36,
        _ => null,
    };

    private static IPEndPoint? Client(ReadOnlySpan<byte> addresses, Family family) => family switch
    {
        Family.TcpOverIPv4 => new IPEndPoint(new IPAddress(addresses[..4]), BinaryPrimitives.ReadUInt16BigEndian(addresses[8..])),
        Family.TcpOverIPv6 => new IPEndPoint(new IPAddress(addresses[..16]), BinaryPrimitives.ReadUInt16BigEndian(addresses[32..])),
        _ => null,
    };

    private static bool AreExtensionsSound(ReadOnlySpan<byte> header, int position)
    {
        if (header[13] == (byte)Family.Unspecified)
        {
            // What is behind the prefix is then not known to be extensions.
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

    /// <summary>CRC-32C of the header, its own four bytes taken as zeros.</summary>
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
