using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;
using Dynospace.Linux.Netlink;

namespace Dynospace.Linux.Networking;

/// <summary>Who has which hardware address on a link, and behind which node of a tunnel it is.</summary>
public interface INeighbours
{
    /// <summary>Every neighbour that the kernel knows, with those that this machine answers for.</summary>
    IReadOnlyList<Neighbour> List();

    /// <summary>Sets a neighbour, in place of what is known of its address.</summary>
    /// <exception cref="NetlinkException">The kernel refuses it.</exception>
    void Set(Neighbour neighbour);

    /// <summary>Forgets a neighbour. No error if none is known.</summary>
    /// <exception cref="NetlinkException">The kernel refuses it.</exception>
    void Delete(Neighbour neighbour);

    /// <summary>What a VXLAN link has set or learned.</summary>
    /// <param name="link">Its index.</param>
    IReadOnlyList<TunnelTarget> ListTargets(int link);

    /// <summary>Sets the target of a hardware address, in place of the former.</summary>
    /// <exception cref="NetlinkException">The kernel refuses it.</exception>
    void SetTarget(TunnelTarget target);

    /// <summary>Forgets a target. No error if none is known.</summary>
    /// <exception cref="NetlinkException">The kernel refuses it.</exception>
    void DeleteTarget(TunnelTarget target);
}

/// <summary>A neighbour on a link.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Link">The index of the link.</param>
/// <param name="Mac">Its hardware address; null while it is not known, and for a proxy.</param>
public sealed record Neighbour(IPAddress Address, int Link, PhysicalAddress? Mac)
{
    /// <summary>Whether it is set, and not learned.</summary>
    public bool IsPermanent { get; init; } = true;

    /// <summary>Whether this machine answers for the address on the link (<c>ip neigh add proxy</c>).</summary>
    public bool IsProxy { get; init; }

    /// <summary>The number by which a program knows its own entries; 0 for none.</summary>
    public byte Protocol { get; init; }
}

/// <summary>An entry of a VXLAN link's forwarding database: frames to a hardware address go to a node.</summary>
/// <param name="Mac">The hardware address; all zero for those that no other entry names.</param>
/// <param name="Link">The index of the VXLAN link.</param>
/// <param name="Target">The address of the node.</param>
public sealed record TunnelTarget(PhysicalAddress Mac, int Link, IPAddress Target);

/// <summary>Neighbours by rtnetlink.</summary>
internal sealed class NeighbourSocket(NetlinkSocket socket) : INeighbours
{
    private const int HeaderLength = 12;
    private const ushort Permanent = 0x80;
    private const byte SelfFlag = 2;
    private const byte ProxyFlag = 8;
    private const int AddressAttribute = 1;
    private const int MacAttribute = 2;
    private const int ProtocolAttribute = 12;

    public IReadOnlyList<Neighbour> List() =>
    [
        .. socket.Dump(RouteMessages.GetNeighbour, new byte[HeaderLength], Read),
        // Proxies are listed on demand alone.
        .. socket.Dump(RouteMessages.GetNeighbour, Header(0, 0, 0, ProxyFlag), Read),
    ];

    public void Set(Neighbour neighbour) =>
        socket.Change(
            RouteMessages.NewNeighbour, RouteMessages.Create | RouteMessages.Replace, Body(neighbour).Bytes);

    public void Delete(Neighbour neighbour) => Delete(Body(neighbour));

    public IReadOnlyList<TunnelTarget> ListTargets(int link) => socket.Dump(
        // The kernel reads the header of a link here.
        RouteMessages.GetNeighbour, LinkSocket.Header(0, null, RouteMessages.Bridge),
        message => ReadTarget(message, link));

    public void SetTarget(TunnelTarget target) =>
        socket.Change(RouteMessages.NewNeighbour, RouteMessages.Create | RouteMessages.Replace, Body(target).Bytes);

    public void DeleteTarget(TunnelTarget target) => Delete(Body(target));

    private void Delete(NetlinkBody body) => socket.Delete(RouteMessages.DeleteNeighbour, body.Bytes);

    private static byte[] Header(byte family, int link, ushort state, byte flags)
    {
        var header = new byte[HeaderLength];
        header[0] = family;
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), link);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), state);
        header[10] = flags;
        return header;
    }

    private static NetlinkBody Body(Neighbour neighbour)
    {
        var family = RouteMessages.Family(neighbour.Address.AddressFamily);
        var body = new NetlinkBody(Header(
            family, neighbour.Link, neighbour.IsProxy ? (ushort)0 : Permanent, neighbour.IsProxy ? ProxyFlag : (byte)0))
            .Add(AddressAttribute, neighbour.Address);
        if (neighbour.Protocol != 0)
        {
            body.Add(ProtocolAttribute, neighbour.Protocol);
        }

        return neighbour.Mac is { } mac ? body.Add(MacAttribute, mac) : body;
    }

    private static NetlinkBody Body(TunnelTarget target) =>
        new NetlinkBody(Header(RouteMessages.Bridge, target.Link, Permanent, SelfFlag))
            .Add(MacAttribute, target.Mac)
            .Add(AddressAttribute, target.Target);

    private static Neighbour? Read(NetlinkMessage message)
    {
        var header = message.Body.Span;
        var attributes = message.Body[HeaderLength..];
        return message.Type == RouteMessages.NewNeighbour
            && header[0] is RouteMessages.Internet4 or RouteMessages.Internet6
            && NetlinkAttribute.Find(attributes, AddressAttribute) is { } address
            ? new Neighbour(
                address.Address,
                BinaryPrimitives.ReadInt32LittleEndian(header[4..]),
                NetlinkAttribute.Find(attributes, MacAttribute)?.Mac)
            {
                IsPermanent = (BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) & Permanent) != 0,
                IsProxy = (header[10] & ProxyFlag) != 0,
                Protocol = NetlinkAttribute.Find(attributes, ProtocolAttribute)?.Byte ?? 0,
            }
            : null;
    }

    private static TunnelTarget? ReadTarget(NetlinkMessage message, int link)
    {
        var attributes = message.Body[HeaderLength..];
        return message.Type == RouteMessages.NewNeighbour
            && BinaryPrimitives.ReadInt32LittleEndian(message.Body.Span[4..]) == link
            && NetlinkAttribute.Find(attributes, MacAttribute) is { } mac
            && NetlinkAttribute.Find(attributes, AddressAttribute) is { } target
            ? new TunnelTarget(mac.Mac, link, target.Address)
            : null;
    }
}
