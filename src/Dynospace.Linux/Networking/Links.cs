using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using Dynospace.Linux.Namespaces;
using Dynospace.Linux.Netlink;

namespace Dynospace.Linux.Networking;

/// <summary>Network interfaces.</summary>
public interface ILinks
{
    /// <summary>Every link of the namespace.</summary>
    IReadOnlyList<Link> List();

    /// <summary>A link by its name; null if there is none.</summary>
    Link? Find(string name);

    /// <summary>Creates a link.</summary>
    /// <exception cref="NetlinkException">The kernel refuses it, such as for a name that is taken.</exception>
    void Add(LinkDefinition link);

    /// <summary>Changes what is given; a link that moves to another namespace has another index there.</summary>
    /// <exception cref="NetlinkException">The kernel refuses it.</exception>
    void Change(int index, LinkChange change);

    /// <summary>Deletes a link, and of a pair the other end with it. No error if it is gone.</summary>
    /// <exception cref="NetlinkException">The kernel refuses it.</exception>
    void Delete(int index);
}

/// <summary>A network interface as the kernel shows it.</summary>
/// <param name="Index">Its number in this namespace.</param>
/// <param name="Name">Its name in this namespace.</param>
/// <param name="Kind">As <c>ip link add type</c> names it; null for hardware and the loopback.</param>
public sealed record Link(int Index, string Name, string? Kind)
{
    /// <summary>Whether it is switched on; whether it has a carrier is another matter.</summary>
    public bool IsUp { get; init; }

    /// <summary>Whether it can send: switched on, with a carrier.</summary>
    public bool IsRunning { get; init; }

    /// <summary>Whether it is the loopback.</summary>
    public bool IsLoopback { get; init; }

    /// <summary>The largest packet.</summary>
    public int Mtu { get; init; }

    /// <summary>Its hardware address; null without one.</summary>
    public PhysicalAddress? Mac { get; init; }

    /// <summary>The bridge whose port it is.</summary>
    public int? Master { get; init; }

    /// <summary>
    /// The link below it, or a pair's other end: an index in the namespace <see cref="PeerNamespace"/>.
    /// </summary>
    public int? Peer { get; init; }

    /// <summary>The kernel's number here of the namespace of <see cref="Peer"/>; null for this one.</summary>
    public int? PeerNamespace { get; init; }

    /// <summary>What a VXLAN link is set to.</summary>
    public VxlanSettings? Vxlan { get; init; }

    /// <summary>The group of the link; 0 by default.</summary>
    public uint Group { get; init; }
}

/// <summary>What a link to be created is.</summary>
/// <param name="Name">At most 15 bytes.</param>
public abstract record LinkDefinition(string Name)
{
    /// <summary>The largest packet; null for what the kernel takes.</summary>
    public int? Mtu { get; init; }

    /// <summary>Its hardware address; null for a random one.</summary>
    public PhysicalAddress? Mac { get; init; }

    /// <summary>The index of the bridge whose port it is.</summary>
    public int? Master { get; init; }

    /// <summary>Where it is created; null for the namespace of the socket.</summary>
    public NetworkNamespace? Namespace { get; init; }

    /// <summary>Whether it is switched on.</summary>
    public bool IsUp { get; init; }

    internal abstract string Kind { get; }

    internal virtual void WriteData(NetlinkBody body)
    {
    }
}

/// <summary>A link that leads nowhere, to carry addresses.</summary>
internal sealed record DummyLink(string Name) : LinkDefinition(Name)
{
    internal override string Kind => "dummy";
}

/// <summary>A bridge.</summary>
public sealed record BridgeLink(string Name) : LinkDefinition(Name)
{
    internal override string Kind => "bridge";
}

/// <summary>Two links, each of which receives what the other sends.</summary>
/// <param name="Peer">The other end; its name may be that of this end only in another namespace.</param>
public sealed record VethLink(string Name, VethPeer Peer) : LinkDefinition(Name)
{
    private const int PeerInfo = 1;

    internal override string Kind => "veth";

    internal override void WriteData(NetlinkBody body) =>
        body.Nest(PeerInfo, peer => LinkSocket.WriteCommon(peer, Peer), LinkSocket.Header(0, null));
}

/// <summary>The other end of a pair.</summary>
public sealed record VethPeer(string Name) : LinkDefinition(Name)
{
    internal override string Kind => "veth";
}

/// <summary>A tunnel of Ethernet frames in UDP.</summary>
public sealed record VxlanLink(string Name, VxlanSettings Settings) : LinkDefinition(Name)
{
    internal override string Kind => "vxlan";

    internal override void WriteData(NetlinkBody body) => Settings.Write(body);
}

/// <summary>How a VXLAN link works.</summary>
public sealed record VxlanSettings
{
    private const int IdAttribute = 1;
    private const int UnderlyingAttribute = 3;
    private const int LocalAttribute = 4;
    private const int LearningAttribute = 7;
    private const int PortAttribute = 15;
    private const int Local6Attribute = 17;
    private const int GroupPolicyAttribute = 23;
    private const int ExternalAttribute = 25;

    /// <summary>The number of the network; 0 for an external one.</summary>
    public uint Id { get; init; }

    /// <summary>The UDP port.</summary>
    public ushort Port { get; init; } = 4789;

    /// <summary>The address that outer packets come from; null for what routing chooses.</summary>
    public IPAddress? Local { get; init; }

    /// <summary>The index of the link that outer packets use; null for what routing chooses.</summary>
    public int? Underlying { get; init; }

    /// <summary>Whether it learns from packets who is where; else only what is set counts.</summary>
    public bool IsLearning { get; init; }

    /// <summary>Whether the low 16 bits of a packet's mark travel in the header (GBP).</summary>
    public bool HasGroupPolicy { get; init; }

    /// <summary>Whether routes say number and target for each packet, and not the link (collect metadata).</summary>
    public bool IsExternal { get; init; }

    internal void Write(NetlinkBody body)
    {
        if (!IsExternal)
        {
            body.Add(IdAttribute, Id);
        }

        body.AddNetwork(PortAttribute, Port).Add(LearningAttribute, (byte)(IsLearning ? 1 : 0));
        if (Local is { } local)
        {
            body.Add(Is4(local) ? LocalAttribute : Local6Attribute, local);
        }

        if (Underlying is { } underlying)
        {
            body.Add(UnderlyingAttribute, underlying);
        }

        if (HasGroupPolicy)
        {
            body.AddFlag(GroupPolicyAttribute);
        }

        if (IsExternal)
        {
            body.Add(ExternalAttribute, 1);
        }
    }

    internal static VxlanSettings Read(ReadOnlyMemory<byte> data)
    {
        var settings = new VxlanSettings { Port = 0 };
        foreach (var attribute in NetlinkAttribute.ReadAll(data))
        {
            settings = attribute.Type switch
            {
                IdAttribute => settings with { Id = attribute.UInt32 },
                UnderlyingAttribute when attribute.UInt32 != 0 => settings with { Underlying = attribute.Int32 },
                LocalAttribute or Local6Attribute => settings with { Local = attribute.Address },
                LearningAttribute => settings with { IsLearning = attribute.Byte != 0 },
                PortAttribute => settings with { Port = attribute.NetworkUInt16 },
                GroupPolicyAttribute => settings with { HasGroupPolicy = true },
                ExternalAttribute => settings with { IsExternal = attribute.Byte != 0 },
                _ => settings,
            };
        }

        return settings;
    }

    private static bool Is4(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork;
}

/// <summary>What changes of a link; null leaves it as it is.</summary>
public sealed record LinkChange
{
    /// <summary>Whether it is switched on.</summary>
    public bool? IsUp { get; init; }

    /// <summary>The largest packet.</summary>
    public int? Mtu { get; init; }

    /// <summary>Its hardware address.</summary>
    public PhysicalAddress? Mac { get; init; }

    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>The index of the bridge whose port it becomes; 0 to leave its bridge.</summary>
    public int? Master { get; init; }

    /// <summary>Where it moves; it is switched off there and has lost addresses and routes.</summary>
    public NetworkNamespace? Namespace { get; init; }

    /// <summary>Whether it gets a link-local IPv6 address when it is switched on.</summary>
    public bool? HasLinkLocal { get; init; }

    /// <summary>The group of the link.</summary>
    public uint? Group { get; init; }
}

/// <summary>Links by rtnetlink.</summary>
internal sealed class LinkSocket(NetlinkSocket socket) : ILinks
{
    private const int HeaderLength = 16;
    private const uint UpFlag = 1;
    private const uint LoopbackFlag = 8;
    private const uint RunningFlag = 0x40;
    private const int LongestName = 15;

    private const int MacAttribute = 1;
    private const int NameAttribute = 3;
    private const int MtuAttribute = 4;
    private const int PeerAttribute = 5;
    private const int MasterAttribute = 10;
    private const int InfoAttribute = 18;
    private const int FamiliesAttribute = 26;
    private const int GroupAttribute = 27;
    private const int NamespaceAttribute = 28;
    private const int PeerNamespaceAttribute = 37;
    private const int InfoKind = 1;
    private const int InfoData = 2;
    private const int AddressGeneration = 8;

    public IReadOnlyList<Link> List() => socket.Dump(RouteMessages.GetLink, Header(0, null), Read);

    public Link? Find(string name) => List().FirstOrDefault(link => link.Name == name);

    public void Add(LinkDefinition link)
    {
        var body = new NetlinkBody(Header(0, link.IsUp ? true : null));
        WriteCommon(body, link);
        body.Nest(InfoAttribute, info => info.Add(InfoKind, link.Kind).Nest(InfoData, link.WriteData));
        socket.Change(RouteMessages.NewLink, RouteMessages.Create | RouteMessages.Exclusive, body.Bytes);
        if (link is VethLink { Peer: { IsUp: true } peer })
        {
            SwitchOn(peer);
        }
    }

    public void Change(int index, LinkChange change)
    {
        if (change.HasLinkLocal is { } hasLinkLocal)
        {
            // A message of its own: in one with the switch it would be read after it.
            var families = new NetlinkBody(Header(index, null));
            families.Nest(FamiliesAttribute, all => all.Nest(
                RouteMessages.Internet6, family => family.Add(AddressGeneration, (byte)(hasLinkLocal ? 0 : 1))));
            socket.Change(RouteMessages.NewLink, 0, families.Bytes);
        }

        var body = new NetlinkBody(Header(index, change.IsUp));
        Write(body, change.Name, change.Mtu, change.Mac, change.Master, change.Namespace);
        if (change.Group is { } group)
        {
            body.Add(GroupAttribute, group);
        }

        socket.Change(RouteMessages.NewLink, 0, body.Bytes);
    }

    public void Delete(int index) => socket.Delete(RouteMessages.DeleteLink, Header(index, null));

    public static byte[] Header(int index, bool? isUp, byte family = 0)
    {
        var header = new byte[HeaderLength];
        header[0] = family;
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), index);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), isUp == true ? UpFlag : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), isUp is null ? 0 : UpFlag);
        return header;
    }

    public static void WriteCommon(NetlinkBody body, LinkDefinition link) =>
        Write(body, link.Name, link.Mtu, link.Mac, link.Master, link.Namespace);

    /// <summary>The kernel makes the other end first, and cannot switch it on before there is a pair.</summary>
    private void SwitchOn(VethPeer peer)
    {
        if (peer.Namespace is null)
        {
            Change(Find(peer.Name)!.Index, new LinkChange { IsUp = true });
            return;
        }

        using var there = NetworkStack.Open(peer.Namespace);
        there.Links.Change(there.Links.Find(peer.Name)!.Index, new LinkChange { IsUp = true });
    }

    private static void Write(
        NetlinkBody body, string? name, int? mtu, PhysicalAddress? mac, int? master, NetworkNamespace? place)
    {
        if (name is not null)
        {
            body.Add(NameAttribute, Encoding.UTF8.GetByteCount(name) is > 0 and <= LongestName
                ? name
                : throw new ArgumentException($"'{name}' is not the name of a link: 1 to {LongestName} bytes"));
        }

        if (mtu is { } size)
        {
            body.Add(MtuAttribute, size);
        }

        if (mac is not null)
        {
            body.Add(MacAttribute, mac);
        }

        if (master is { } bridge)
        {
            body.Add(MasterAttribute, bridge);
        }

        if (place is not null)
        {
            body.Add(NamespaceAttribute, place.Descriptor);
        }
    }

    private static Link? Read(NetlinkMessage message)
    {
        var header = message.Body.Span;
        if (message.Type != RouteMessages.NewLink || header[0] == RouteMessages.Bridge)
        {
            return null;
        }

        var flags = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        var link = new Link(BinaryPrimitives.ReadInt32LittleEndian(header[4..]), "", null)
        {
            IsUp = (flags & UpFlag) != 0,
            IsRunning = (flags & (UpFlag | RunningFlag)) == (UpFlag | RunningFlag),
            IsLoopback = (flags & LoopbackFlag) != 0,
        };
        foreach (var attribute in NetlinkAttribute.ReadAll(message.Body[HeaderLength..]))
        {
            link = attribute.Type switch
            {
                NameAttribute => link with { Name = attribute.Text },
                MtuAttribute => link with { Mtu = attribute.Int32 },
                MacAttribute => link with { Mac = attribute.Mac },
                MasterAttribute => link with { Master = attribute.Int32 },
                PeerAttribute => link with { Peer = attribute.Int32 },
                PeerNamespaceAttribute => link with { PeerNamespace = attribute.Int32 },
                GroupAttribute => link with { Group = attribute.UInt32 },
                InfoAttribute => ReadInfo(link, attribute.Value),
                _ => link,
            };
        }

        return link;
    }

    private static Link ReadInfo(Link link, ReadOnlyMemory<byte> info)
    {
        var kind = NetlinkAttribute.Find(info, InfoKind)?.Text;
        return link with
        {
            Kind = kind,
            Vxlan = kind == "vxlan" && NetlinkAttribute.Find(info, InfoData) is { } data
                ? VxlanSettings.Read(data.Value)
                : null,
        };
    }
}
