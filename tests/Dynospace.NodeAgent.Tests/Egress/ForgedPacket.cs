using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Dynospace.NodeAgent.Egress;

namespace Dynospace.NodeAgent.Tests.Egress;

/// <summary>A packet of the tunnel, made by hand: a datagram in IPv4 in Ethernet in VXLAN with group policy.</summary>
internal static class ForgedPacket
{
    private const int GroupPolicy = 0x88;

    /// <param name="node">The number of the node that it is sent to.</param>
    /// <param name="number">What the header says.</param>
    public static void Send(LabPod from, IPAddress to, int node, int number, IPAddress source, IPAddress target)
    {
        var payload = Encoding.ASCII.GetBytes("forged");
        var packet = new byte[8 + 14 + 20 + 8 + payload.Length];
        packet[0] = GroupPolicy;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)number);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), TunnelNumbers.Network << 8);
        TunnelNumbers.Mac(node).GetAddressBytes().CopyTo(packet, 8);
        TunnelNumbers.Mac(10).GetAddressBytes().CopyTo(packet, 14);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(20), 0x0800);
        var ip = packet.AsSpan(22, 20);
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(20 + 8 + payload.Length));
        (ip[8], ip[9]) = (64, 17);
        source.GetAddressBytes().CopyTo(ip[12..]);
        target.GetAddressBytes().CopyTo(ip[16..]);
        var sum = 0u;
        for (var i = 0; i < ip.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(ip[i..]);
        }

        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], (ushort)~((sum & 0xffff) + (sum >> 16)));
        var udp = packet.AsSpan(42);
        BinaryPrimitives.WriteUInt16BigEndian(udp, 20_000);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], OutsideWorld.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)(8 + payload.Length));
        payload.CopyTo(udp[8..]);
        using var socket = from.Namespace.Run(() =>
            new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        try
        {
            socket.SendTo(packet, new IPEndPoint(to, TunnelNumbers.Port));
        }
        catch (SocketException)
        {
            // Refused at once.
        }
    }
}
