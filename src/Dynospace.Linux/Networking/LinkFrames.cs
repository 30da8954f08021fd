using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Dynospace.Linux.Networking;

/// <summary>Ethernet frames of ARP and neighbour discovery. Pure.</summary>
internal static class LinkFrames
{
    internal const ushort Arp = 0x0806;
    internal const ushort Internet6 = 0x86dd;
    internal const byte Solicitation = 135;
    internal const byte Advertisement = 136;

    private const int EthernetLength = 14;
    private const int ArpLength = 28;
    private const int Header6Length = 40;

    // Flags of an advertisement: it replaces what the receiver knows; it answers a question.
    private const byte Overrides = 0x20;
    private const byte IsAsked = 0x40;

    private static readonly PhysicalAddress Everyone = new([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    private static readonly PhysicalAddress Nobody = new([0, 0, 0, 0, 0, 0]);
    private static readonly IPAddress AllNodes = IPAddress.Parse("ff02::1");

    /// <summary>
    /// Announces that an address is at a hardware address now: for IPv4 by gratuitous ARP, as request and as reply,
    /// since hosts differ in which of them they believe; for IPv6 by an unsolicited advertisement.
    /// </summary>
    internal static IEnumerable<byte[]> Announcement(IPAddress address, PhysicalAddress mac) =>
        address.AddressFamily == AddressFamily.InterNetwork
            ? [GratuitousArp(address, mac, isReply: false), GratuitousArp(address, mac, isReply: true)]
            : [AdvertisementTo(AllNodes, address, mac, Overrides)];

    /// <summary>The multicast group that receives questions for an address.</summary>
    internal static IPAddress SolicitedNode(IPAddress address)
    {
        var bytes = IPAddress.Parse("ff02::1:ff00:0").GetAddressBytes();
        address.GetAddressBytes().AsSpan(13).CopyTo(bytes.AsSpan(13));
        return new IPAddress(bytes);
    }

    /// <summary>Asks whether a machine has an address, from no address, so that no machine learns this one.</summary>
    internal static byte[] Probe(IPAddress address, PhysicalAddress mac)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return ArpFrame(Everyone, isReply: false, mac, IPAddress.Any, Nobody, address);
        }

        var body = new byte[24];
        body[0] = Solicitation;
        address.GetAddressBytes().CopyTo(body, 8);
        return Discovery(IPAddress.IPv6Any, SolicitedNode(address), mac, body);
    }

    internal static byte[] Answer(AddressMessage question, PhysicalAddress mac) =>
        question.Address.AddressFamily == AddressFamily.InterNetwork
            ? ArpFrame(
                question.Mac, isReply: true, mac, question.Address, question.Mac, question.Sender ?? IPAddress.Any)
            : question.Sender is { } sender
                ? AdvertisementTo(sender, question.Address, mac, Overrides | IsAsked, question.Mac)
                // The sender asks whether it may take the address, so the answer goes to all nodes.
                : AdvertisementTo(AllNodes, question.Address, mac, Overrides);

    /// <summary>Reads an ARP frame; null if it says nothing about an address.</summary>
    internal static AddressMessage? ReadArp(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < EthernetLength + ArpLength)
        {
            return null;
        }

        var arp = frame.Slice(EthernetLength, ArpLength);
        var isQuestion = arp[7] == 1;
        var (sender, target) = (new IPAddress(arp.Slice(14, 4)), new IPAddress(arp.Slice(24, 4)));
        // Ethernet and IPv4. A machine that asks for its own address announces it.
        return BinaryPrimitives.ReadUInt32BigEndian(arp) != 0x00010800
            || arp[4] != 6
            || arp[5] != 4
            || arp[7] is not (1 or 2)
            ? null
            : isQuestion && !sender.Equals(target)
                ? new AddressMessage(target, true, sender.Equals(IPAddress.Any) ? null : sender, Mac(arp[8..]))
                : new AddressMessage(sender, false, sender, Mac(arp[8..]));
    }

    /// <summary>Reads a frame of neighbour discovery; null if it says nothing about an address.</summary>
    internal static AddressMessage? ReadDiscovery(ReadOnlySpan<byte> frame)
    {
        const int bodyAt = EthernetLength + Header6Length;
        if (frame.Length < bodyAt + 24)
        {
            return null;
        }

        var header = frame.Slice(EthernetLength, Header6Length);
        var body = frame[bodyAt..];
        // From this link, as the hop limit proves.
        if (header[6] != 58 || header[7] != 255 || body[0] is not (Solicitation or Advertisement))
        {
            return null;
        }

        var sender = new IPAddress(header.Slice(8, 16));
        return new AddressMessage(
            new IPAddress(body.Slice(8, 16)), body[0] == Solicitation,
            sender.Equals(IPAddress.IPv6Any) ? null : sender, Mac(frame[6..]));
    }

    private static PhysicalAddress Mac(ReadOnlySpan<byte> bytes) => new(bytes[..6].ToArray());

    private static byte[] GratuitousArp(IPAddress address, PhysicalAddress mac, bool isReply) =>
        ArpFrame(Everyone, isReply, mac, address, isReply ? mac : Nobody, address);

    private static byte[] ArpFrame(
        PhysicalAddress to, bool isReply, PhysicalAddress senderMac, IPAddress sender, PhysicalAddress targetMac,
        IPAddress target)
    {
        var frame = Ethernet(to, senderMac, Arp, ArpLength);
        var arp = frame.AsSpan(EthernetLength);
        BinaryPrimitives.WriteUInt32BigEndian(arp, 0x00010800);
        (arp[4], arp[5], arp[7]) = (6, 4, isReply ? (byte)2 : (byte)1);
        senderMac.GetAddressBytes().CopyTo(arp[8..]);
        sender.GetAddressBytes().CopyTo(arp[14..]);
        targetMac.GetAddressBytes().CopyTo(arp[18..]);
        target.GetAddressBytes().CopyTo(arp[24..]);
        return frame;
    }

    private static byte[] AdvertisementTo(
        IPAddress to, IPAddress address, PhysicalAddress mac, int flags, PhysicalAddress? toMac = null)
    {
        var body = new byte[32];
        (body[0], body[4]) = (Advertisement, (byte)flags);
        address.GetAddressBytes().CopyTo(body, 8);
        (body[24], body[25]) = (2, 1);
        mac.GetAddressBytes().CopyTo(body, 26);
        return Discovery(address, to, mac, body, toMac);
    }

    /// <param name="toMac">Where it goes; null for the group that it is for.</param>
    private static byte[] Discovery(
        IPAddress from, IPAddress to, PhysicalAddress mac, byte[] body, PhysicalAddress? toMac = null)
    {
        toMac ??= new PhysicalAddress([0x33, 0x33, .. to.GetAddressBytes()[12..]]);
        var frame = Ethernet(toMac, mac, Internet6, Header6Length + body.Length);
        var header = frame.AsSpan(EthernetLength, Header6Length);
        header[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)body.Length);
        (header[6], header[7]) = (58, 255);
        from.GetAddressBytes().CopyTo(header[8..]);
        to.GetAddressBytes().CopyTo(header[24..]);
        var sum = (uint)(body.Length + 58) + Sum(header[8..]) + Sum(body);
        while (sum >> 16 != 0)
        {
            sum = (sum & 0xffff) + (sum >> 16);
        }

        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(2), (ushort)~sum);
        body.CopyTo(frame, EthernetLength + Header6Length);
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
}
