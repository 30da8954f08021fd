using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Dynospace.Linux.Netlink;

namespace Dynospace.Linux.Networking;

/// <summary>Routes, of every table.</summary>
public interface IRoutes
{
    /// <summary>
    /// Every route of every table. Of one with several ways the first is given; multicast routes are not.
    /// </summary>
    IReadOnlyList<Route> List();

    /// <summary>Adds a route.</summary>
    /// <exception cref="NetlinkException">The kernel refuses it, such as for one to the same destination.</exception>
    void Add(Route route);

    /// <summary>Adds a route in place of one to the same destination with the same metric in the same table.</summary>
    /// <exception cref="NetlinkException">The kernel refuses it.</exception>
    void Replace(Route route);

    /// <summary>Deletes a route. No error if it is gone.</summary>
    /// <exception cref="NetlinkException">The kernel refuses it.</exception>
    void Delete(Route route);
}

/// <summary>What happens to packets that a route is for, by the kernel's numbers.</summary>
public enum RouteKind
{
    /// <summary>They are sent on.</summary>
    Unicast = 1,

    /// <summary>They are for this machine.</summary>
    Local = 2,

    /// <summary>They are for everyone on a link.</summary>
    Broadcast = 3,

    /// <summary>They are for this machine as one of several.</summary>
    Anycast = 4,

    /// <summary>They are for a group.</summary>
    Multicast = 5,

    /// <summary>They are dropped.</summary>
    Blackhole = 6,

    /// <summary>They are dropped and the sender is notified that there is no way.</summary>
    Unreachable = 7,

    /// <summary>They are dropped and the sender is notified that it is not allowed.</summary>
    Prohibit = 8,

    /// <summary>The next rule decides.</summary>
    Throw = 9,
}

/// <summary>A route.</summary>
/// <param name="Destination">Where packets go that it is for; <c>0.0.0.0/0</c> and <c>::/0</c> for all others.</param>
public sealed record Route(IPNetwork Destination)
{
    /// <summary>The number of the main table.</summary>
    public const uint MainTable = 254;

    /// <summary>The number of the table of the machine's own addresses.</summary>
    public const uint LocalTable = 255;

    /// <summary>What happens to the packets.</summary>
    public RouteKind Kind { get; init; } = RouteKind.Unicast;

    /// <summary>The router that they are sent to; null for the destination itself.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>The index of the link that they leave by.</summary>
    public int? Link { get; init; }

    /// <summary>The source address of the machine's own packets.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>The table.</summary>
    public uint Table { get; init; } = MainTable;

    /// <summary>Of two routes the lower one wins; 0 for the kernel's own, which is 1024 for IPv6.</summary>
    public uint Metric { get; init; }

    /// <summary>Who made it: a number by which a program knows its own; 2 is the kernel, 4 an administrator.</summary>
    public byte Protocol { get; init; } = 4;

    /// <summary>Whether the gateway is on the link although no address of the link says so.</summary>
    public bool IsOnLink { get; init; }

    /// <summary>Whether it has several ways, of which this is the first.</summary>
    public bool IsMultipath { get; init; }

    /// <summary>The largest packet, if not the link's.</summary>
    public int? Mtu { get; init; }

    /// <summary>Whether it leads to one address.</summary>
    public bool IsToOne => Destination.PrefixLength == 8 * Destination.BaseAddress.GetAddressBytes().Length;

    /// <summary>Whether it is a default route of the main table.</summary>
    public bool IsDefault => this is { Table: MainTable, Kind: RouteKind.Unicast, Destination.PrefixLength: 0 };

    /// <summary>As the kernel shows it when it is set.</summary>
    public Route AsShown() => this with
    {
        Metric = Metric == 0 && Destination.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6 ? 1024 : Metric,
        // The kernel shows the loopback for IPv6 routes that lead nowhere.
        Link = Kind is RouteKind.Blackhole or RouteKind.Unreachable or RouteKind.Prohibit or RouteKind.Throw
            ? null
            : Link,
    };
}

/// <summary>Routes by rtnetlink.</summary>
internal sealed class RouteSocket(NetlinkSocket socket) : IRoutes
{
    private const int HeaderLength = 12;
    private const byte LinkScope = 253;
    private const byte HostScope = 254;
    private const byte NowhereScope = 255;
    private const uint OnLinkFlag = 4;
    private const uint CloneFlag = 0x200;

    private const int DestinationAttribute = 1;
    private const int LinkAttribute = 4;
    private const int GatewayAttribute = 5;
    private const int MetricAttribute = 6;
    private const int SourceAttribute = 7;
    private const int MetricsAttribute = 8;
    private const int WaysAttribute = 9;
    private const int TableAttribute = 15;
    private const int MtuMetric = 2;
    private const int WayHeaderLength = 8;

    public IReadOnlyList<Route> List() => socket.Dump(RouteMessages.GetRoute, new byte[HeaderLength], Read);

    public void Add(Route route) =>
        socket.Change(RouteMessages.NewRoute, RouteMessages.Create | RouteMessages.Exclusive, Body(route).Bytes);

    public void Replace(Route route) =>
        socket.Change(RouteMessages.NewRoute, RouteMessages.Create | RouteMessages.Replace, Body(route).Bytes);

    public void Delete(Route route) => socket.Delete(RouteMessages.DeleteRoute, Body(route, isDeletion: true).Bytes);

    private static NetlinkBody Body(Route route, bool isDeletion = false)
    {
        var destination = route.Destination.BaseAddress;
        var header = new byte[HeaderLength];
        header[0] = RouteMessages.Family(destination.AddressFamily);
        header[1] = (byte)route.Destination.PrefixLength;
        header[5] = route.Protocol;
        header[6] = (route.Kind, route.Gateway) switch
        {
            _ when isDeletion => NowhereScope,
            (RouteKind.Local, _) => HostScope,
            (RouteKind.Unicast or RouteKind.Broadcast or RouteKind.Anycast, null) => LinkScope,
            _ => 0,
        };
        header[7] = (byte)route.Kind;
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), route.IsOnLink ? OnLinkFlag : 0);
        var body = new NetlinkBody(header).Add(TableAttribute, route.Table);
        if (route.Destination.PrefixLength > 0)
        {
            body.Add(DestinationAttribute, destination);
        }

        // Where a route leads nowhere, the kernel refuses a link.
        if (route.AsShown().Link is { } link)
        {
            body.Add(LinkAttribute, link);
        }

        if (route.Gateway is { } gateway)
        {
            body.Add(GatewayAttribute, gateway);
        }

        if (route.Metric != 0)
        {
            body.Add(MetricAttribute, route.Metric);
        }

        if (route.Source is { } source)
        {
            body.Add(SourceAttribute, source);
        }

        return route.Mtu is { } mtu && !isDeletion
            ? body.Nest(MetricsAttribute, metrics => metrics.Add(MtuMetric, mtu))
            : body;
    }

    private static Route? Read(NetlinkMessage message)
    {
        var header = message.Body.Span;
        var flags = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        if (message.Type != RouteMessages.NewRoute
            || header[0] is not (RouteMessages.Internet4 or RouteMessages.Internet6)
            || (flags & CloneFlag) != 0)
        {
            return null;
        }

        var is4 = header[0] == RouteMessages.Internet4;
        var route = new Route(new IPNetwork(is4 ? IPAddress.Any : IPAddress.IPv6Any, 0))
        {
            Kind = (RouteKind)header[7],
            Table = header[4],
            Protocol = header[5],
            IsOnLink = (flags & OnLinkFlag) != 0,
        };
        foreach (var attribute in NetlinkAttribute.ReadAll(message.Body[HeaderLength..]))
        {
            route = attribute.Type switch
            {
                DestinationAttribute => route with { Destination = new IPNetwork(attribute.Address, header[1]) },
                TableAttribute => route with { Table = attribute.UInt32 },
                MetricAttribute => route with { Metric = attribute.UInt32 },
                SourceAttribute => route with { Source = attribute.Address },
                MetricsAttribute =>
                    route with { Mtu = NetlinkAttribute.Find(attribute.Value, MtuMetric)?.Int32 },
                WaysAttribute => ReadWay(route, attribute.Value),
                _ => ReadHop(route, attribute),
            };
        }

        return route.AsShown();
    }

    private static Route ReadWay(Route route, ReadOnlyMemory<byte> ways)
    {
        var first = ways[..BinaryPrimitives.ReadUInt16LittleEndian(ways.Span)];
        route = route with
        {
            Link = BinaryPrimitives.ReadInt32LittleEndian(first.Span[4..]),
            IsMultipath = ways.Length > first.Length,
        };
        foreach (var attribute in NetlinkAttribute.ReadAll(first[WayHeaderLength..]))
        {
            route = ReadHop(route, attribute);
        }

        return route;
    }

    private static Route ReadHop(Route route, NetlinkAttribute attribute) => attribute.Type switch
    {
        LinkAttribute => route with { Link = attribute.Int32 },
        GatewayAttribute => route with { Gateway = attribute.Address },
        _ => route,
    };
}
