using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Dynospace.Testing.Networks;

// Frames as they are on a link: for tests of what one place sees of another.

/// <summary>
/// All frames that come by a place's links, in promiscuous mode. It is made by root: a dyno itself may not do it.
/// </summary>
public sealed class FrameCapture : IDisposable
{
    private const int PacketLevel = 263;
    private const int AddMembership = 1;
    private const short Promiscuous = 1;

    private readonly Socket _socket;
    private readonly ConcurrentQueue<byte[]> _frames = [];

    private FrameCapture(Socket socket)
    {
        _socket = socket;
        _ = CaptureAsync();
    }

    /// <summary>Begins in the network namespace of this thread.</summary>
    /// <param name="link">The index of the link.</param>
    public static FrameCapture Start(int link)
    {
        var socket = Frames.Open();
        var membership = new byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(membership, link);
        BinaryPrimitives.WriteInt16LittleEndian(membership.AsSpan(4), Promiscuous);
        socket.SetRawSocketOption(PacketLevel, AddMembership, membership);
        return new FrameCapture(socket);
    }

    /// <summary>Whether a frame with these bytes came by.</summary>
    public bool Has(ReadOnlyMemory<byte> bytes) => _frames.Any(frame => frame.AsSpan().IndexOf(bytes.Span) >= 0);

    public void Dispose() => _socket.Dispose();

    private async Task CaptureAsync()
    {
        var buffer = new byte[65536];
        try
        {
            while (true)
            {
                _frames.Enqueue(buffer[..await _socket.ReceiveAsync(buffer)]);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }
}

/// <summary>Frames that are made by hand.</summary>
public static class Frames
{
    private const int AllProtocols = 3;
    private const ushort Arp = 0x0806;
    private const ushort Ip4 = 0x0800;
    private const ushort Ip6 = 0x86DD;
    private const byte Udp = 17;
    private const byte Icmp6 = 58;

    private static readonly byte[] Everybody = [255, 255, 255, 255, 255, 255];

    /// <summary>A socket for frames, in the network namespace of this thread.</summary>
    public static Socket Open() => new(
        AddressFamily.Packet, SocketType.Raw, (ProtocolType)BinaryPrimitives.ReverseEndianness((ushort)AllProtocols));

    /// <summary>The link <c>eth0</c>, in the network namespace of this thread.</summary>
    public static (int Index, byte[] Mac) Link()
    {
        var link = NetworkInterface.GetAllNetworkInterfaces().Single(link => link.Name == "eth0");
        return (
            link.GetIPProperties().GetIPv4Properties().Index, link.GetPhysicalAddress().GetAddressBytes());
    }

    /// <summary>Sends a frame on a link.</summary>
    public static void Send(int link, byte[] frame)
    {
        using var socket = Open();
        socket.SendTo(frame, new LinkEndPoint(link));
    }

    /// <summary>Asks all neighbours for the hardware address of an IPv4 address.</summary>
    public static byte[] ArpRequest(byte[] mac, IPAddress from, IPAddress wanted) =>
    [
        .. Ethernet(Everybody, mac, Arp),
        0, 1, 8, 0, 6, 4, 0, 1, .. mac, .. from.GetAddressBytes(), .. new byte[6], .. wanted.GetAddressBytes(),
    ];

    /// <summary>
    /// Asks all IPv6 neighbours for their hardware addresses (to ff02::1, with a target of everybody).
    /// </summary>
    public static byte[] NeighbourSolicitation(byte[] mac, IPAddress from, IPAddress wanted)
    {
        byte[] message = [135, 0, 0, 0, 0, 0, 0, 0, .. wanted.GetAddressBytes(), 1, 1, .. mac];
        var all = IPAddress.Parse("ff02::1").GetAddressBytes();
        byte[] pseudo = [.. from.GetAddressBytes(), .. all, 0, 0, 0, (byte)message.Length, 0, 0, 0, Icmp6, .. message];
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), Checksum(pseudo));
        return
        [
            .. Ethernet([0x33, 0x33, 0, 0, 0, 1], mac, Ip6),
            0x60, 0, 0, 0, 0, (byte)message.Length, Icmp6, 255, .. from.GetAddressBytes(), .. all, .. message,
        ];
    }

    /// <summary>
    /// A datagram with any source address, forged or not. Over IPv4 it has no checksum, which UDP allows there.
    /// </summary>
    public static byte[] Datagram(byte[] to, byte[] mac, IPAddress source, IPAddress target, int port, byte[] content)
    {
        byte[] udp =
        [
            0x9C, 0x40, (byte)(port >> 8), (byte)port, (byte)((content.Length + 8) >> 8), (byte)(content.Length + 8),
            0, 0, .. content,
        ];
        if (source.AddressFamily == AddressFamily.InterNetworkV6)
        {
            byte[] pseudo =
            [
                .. source.GetAddressBytes(),
                .. target.GetAddressBytes(),
                0,
                0,
                0,
                (byte)udp.Length,
                0,
                0,
                0,
                Udp,
                .. udp,
            ];
            BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(6), Checksum(pseudo));
            return
            [
                .. Ethernet(to, mac, Ip6), 0x60, 0, 0, 0, 0, (byte)udp.Length, Udp, 64, .. source.GetAddressBytes(),
                .. target.GetAddressBytes(), .. udp,
            ];
        }

        byte[] header =
        [
            0x45, 0, (byte)((udp.Length + 20) >> 8), (byte)(udp.Length + 20), 0, 0, 0, 0, 64, Udp, 0, 0,
            .. source.GetAddressBytes(), .. target.GetAddressBytes(),
        ];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), Checksum(header));
        return [.. Ethernet(to, mac, Ip4), .. header, .. udp];
    }

    private static byte[] Ethernet(byte[] to, byte[] from, ushort type) =>
        [.. to, .. from, (byte)(type >> 8), (byte)type];

    private static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (var i = 0; i < bytes.Length; i += 2)
        {
            sum += (uint)((bytes[i] << 8) | (i + 1 < bytes.Length ? bytes[i + 1] : 0));
        }

        while (sum > ushort.MaxValue)
        {
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        }

        return (ushort)~sum;
    }

    /// <summary>A link, as <c>sockaddr_ll</c>.</summary>
    private sealed class LinkEndPoint(int link) : EndPoint
    {
        private const int Size = 20;

        public override AddressFamily AddressFamily => AddressFamily.Packet;

        public override SocketAddress Serialize()
        {
            var address = new SocketAddress(AddressFamily.Packet, Size);
            BinaryPrimitives.WriteInt32LittleEndian(address.Buffer.Span[4..], link);
            return address;
        }
    }
}
