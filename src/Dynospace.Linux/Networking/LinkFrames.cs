using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Dynospace.Linux.Networking;

/// <summary>Ethernet frames that a program makes itself. Needs the capability NET_RAW.</summary>
public static partial class LinkFrames
{
    private const int PacketFamily = 17;
    private const int RawCloseOnExec = 3 | 0x80000;
    private const ushort Arp = 0x0806;
    private const ushort Internet6 = 0x86dd;
    private const int EthernetLength = 14;
    private const int AddressLength = 20;

    private static readonly PhysicalAddress Everyone = new([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    private static readonly PhysicalAddress AllNodes = new([0x33, 0x33, 0, 0, 0, 1]);

    /// <summary>
    /// Announces on a link that an address is at a hardware address now: for IPv4 by gratuitous ARP, as request
    /// and as reply, since hosts differ in which of them they believe; for IPv6 by an unsolicited advertisement.
    /// </summary>
    /// <exception cref="SocketException">The kernel refuses it.</exception>
    public static void Announce(IPAddress address, int link, PhysicalAddress mac)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            Send(link, GratuitousArp(address, mac, isReply: false));
            Send(link, GratuitousArp(address, mac, isReply: true));
        }
        else
        {
            Send(link, Advertisement(address, mac));
        }
    }

    /// <summary>Whether this process may send frames; else why not.</summary>
    public static string? WhyNot()
    {
        var handle = OpenSocket(PacketFamily, RawCloseOnExec, 0);
        if (handle < 0)
        {
            return Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
        }

        _ = Close(handle);
        return null;
    }

    private static void Send(int link, ReadOnlySpan<byte> frame)
    {
        var handle = OpenSocket(PacketFamily, RawCloseOnExec, 0);
        if (handle < 0)
        {
            throw new SocketException(Marshal.GetLastPInvokeError());
        }

        Span<byte> target = stackalloc byte[AddressLength];
        target.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(target, PacketFamily);
        frame[12..14].CopyTo(target[2..]);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], link);
        target[11] = 6;
        frame[..6].CopyTo(target[12..]);
        var sent = SendTo(handle, frame, (nuint)frame.Length, 0, target, AddressLength);
        var error = Marshal.GetLastPInvokeError();
        _ = Close(handle);
        if (sent < 0)
        {
            throw new SocketException(error);
        }
    }

    private static byte[] GratuitousArp(IPAddress address, PhysicalAddress mac, bool isReply)
    {
        var frame = Ethernet(Everyone, mac, Arp, 28);
        var arp = frame.AsSpan(EthernetLength);
        BinaryPrimitives.WriteUInt16BigEndian(arp, 1);
        BinaryPrimitives.WriteUInt16BigEndian(arp[2..], 0x0800);
        (arp[4], arp[5], arp[7]) = (6, 4, isReply ? (byte)2 : (byte)1);
        mac.GetAddressBytes().CopyTo(arp[8..]);
        address.GetAddressBytes().CopyTo(arp[14..]);
        if (isReply)
        {
            mac.GetAddressBytes().CopyTo(arp[18..]);
        }

        address.GetAddressBytes().CopyTo(arp[24..]);
        return frame;
    }

    private static byte[] Advertisement(IPAddress address, PhysicalAddress mac)
    {
        const int length = 32;
        var frame = Ethernet(AllNodes, mac, Internet6, 40 + length);
        var header = frame.AsSpan(EthernetLength, 40);
        header[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], length);
        (header[6], header[7]) = (58, 255);
        address.GetAddressBytes().CopyTo(header[8..]);
        IPAddress.Parse("ff02::1").GetAddressBytes().CopyTo(header[24..]);
        var body = frame.AsSpan(EthernetLength + 40);
        // An advertisement that overrides what is known.
        (body[0], body[4]) = (136, 0x20);
        address.GetAddressBytes().CopyTo(body[8..]);
        (body[24], body[25]) = (2, 1);
        mac.GetAddressBytes().CopyTo(body[26..]);
        var sum = (uint)(length + 58) + Sum(header[8..40]) + Sum(body);
        while (sum >> 16 != 0)
        {
            sum = (sum & 0xffff) + (sum >> 16);
        }

        BinaryPrimitives.WriteUInt16BigEndian(body[2..], (ushort)~sum);
        return frame;
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (var i = 0; i < bytes.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        }

        return sum;
    }

    private static byte[] Ethernet(PhysicalAddress to, PhysicalAddress from, ushort protocol, int length)
    {
        var frame = new byte[EthernetLength + length];
        to.GetAddressBytes().CopyTo(frame, 0);
        from.GetAddressBytes().CopyTo(frame, 6);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), protocol);
        return frame;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    private static partial nint SendTo(
        int socket, ReadOnlySpan<byte> bytes, nuint length, int flags, ReadOnlySpan<byte> target, int targetLength);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
