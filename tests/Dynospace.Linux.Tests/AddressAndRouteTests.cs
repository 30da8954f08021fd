using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Dynospace.Linux.Netlink;
using Dynospace.Linux.Networking;

namespace Dynospace.Linux.Tests;

/// <summary>What is set reads as it was set, and what was read can be deleted.</summary>
public sealed class AddressAndRouteTests
{
    private const byte Own = 113;

    [Theory]
    [InlineData("10.0.1.1", 24, "10.0.1.200", true)]
    [InlineData("10.0.1.1", 24, "10.0.2.1", false)]
    [InlineData("10.0.1.1", 23, "10.0.0.9", true)]
    [InlineData("10.0.1.1", 32, "10.0.1.1", true)]
    [InlineData("10.0.1.1", 32, "10.0.1.0", false)]
    [InlineData("10.0.1.1", 0, "192.0.2.1", true)]
    [InlineData("10.0.1.1", 0, "2001:db8::1", false)]
    [InlineData("2001:db8::1", 64, "2001:db8::2", true)]
    [InlineData("2001:db8::1", 127, "2001:db8::2", false)]
    public void A_link_shares_the_network_of_its_address(
        string address, int prefixLength, string other, bool isShared) =>
        Assert.Equal(
            isShared, new LinkAddress(IPAddress.Parse(address), prefixLength, 1).Shares(IPAddress.Parse(other)));

    [Theory]
    [InlineData("172.16.0.1", 30, null)]
    [InlineData("172.16.0.1", 32, null)]
    [InlineData("172.16.0.1", 32, "172.16.0.2")]
    [InlineData("2001:db8::1", 64, null)]
    [InlineData("2001:db8::1", 128, null)]
    public void An_address_is_usable_at_once_and_goes(string address, int length, string? peer)
    {
        using var place = new Place();
        var link = place.Add(new BridgeLink("a") { IsUp = true });
        var wanted = new LinkAddress(IPAddress.Parse(address), length, link.Index)
        {
            Peer = peer is null ? null : IPAddress.Parse(peer),
        };

        place.Stack.Addresses.Add(wanted);
        place.Stack.Addresses.Add(wanted);

        Assert.Contains(wanted, place.Stack.Addresses.List());
        using (var socket = place.Namespace.Run(() =>
            new Socket(wanted.Address.AddressFamily, SocketType.Dgram, ProtocolType.Udp)))
        {
            socket.Bind(new IPEndPoint(wanted.Address, 0));
        }

        place.Stack.Addresses.Delete(wanted);
        place.Stack.Addresses.Delete(wanted);
        Assert.DoesNotContain(wanted, place.Stack.Addresses.List());
    }

    [Fact]
    public void An_address_has_the_broadcast_address_of_its_network()
    {
        using var place = new Place();
        var link = place.Add(new BridgeLink("a") { IsUp = true });

        place.Stack.Addresses.Add(new LinkAddress(IPAddress.Parse("10.1.2.5"), 30, link.Index));

        var shown = place.IpOne("address show dev a")["addr_info"]!.AsArray();
        Assert.Equal("10.1.2.7", (string?)shown.Single(item => (string?)item!["family"] == "inet")!["broadcast"]);
    }

    public static TheoryData<Route> Routes =>
    [
        To("172.16.2.0/23") with { Gateway = IPAddress.Parse("192.0.2.9") },
        To("0.0.0.0/0") with { Gateway = IPAddress.Parse("192.0.2.9"), Metric = 5, Mtu = 1300 },
        To("172.16.2.4/32") with { Table = 7711, Source = IPAddress.Parse("192.0.2.1") },
        To("172.16.2.0/23") with { Gateway = IPAddress.Parse("169.254.78.11"), IsOnLink = true },
        To("172.16.0.0/12") with { Kind = RouteKind.Unreachable, Metric = 9999 },
        To("172.16.0.0/12") with { Kind = RouteKind.Blackhole, Table = 300 },
        To("10.96.0.0/12") with { Kind = RouteKind.Throw, Table = 300 },
        To("203.0.113.10/32") with { Kind = RouteKind.Local, Table = Route.LocalTable },
        To("2001:db8:2::/64") with { Gateway = IPAddress.Parse("2001:db8::9") },
        To("::/0") with { Gateway = IPAddress.Parse("2001:db8::9"), Metric = 5, Mtu = 1300 },
        To("2001:db8:2::1/128") with { Table = 7711 },
        To("2001:db8:2::/64") with { Gateway = IPAddress.Parse("fe80::9"), IsOnLink = true },
        To("2001:db8:3::/48") with { Kind = RouteKind.Unreachable, Metric = 9999 },
        To("2001:db8:3::/48") with { Kind = RouteKind.Throw, Table = 300 },
    ];

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Routes))]
    public void A_route_reads_as_it_was_set_and_goes(Route described)
    {
        using var place = new Place();
        var link = place.Add(new BridgeLink("a") { IsUp = true });
        place.Stack.Addresses.Add(new LinkAddress(IPAddress.Parse("192.0.2.1"), 24, link.Index));
        place.Stack.Addresses.Add(new LinkAddress(IPAddress.Parse("2001:db8::1"), 64, link.Index));
        var wanted = described with { Link = link.Index };

        place.Stack.Routes.Add(wanted);

        var read = Assert.Single(place.Stack.Routes.List(), route => route.Protocol == Own);
        Assert.Equal(wanted.AsShown(), read);
        Assert.True(Assert.Throws<NetlinkException>(() => place.Stack.Routes.Add(wanted)).IsExisting);

        place.Stack.Routes.Replace(wanted with { Mtu = 1280 });
        Assert.Equal(
            1280, Assert.Single(place.Stack.Routes.List(), route => route.Protocol == Own).Mtu);

        place.Stack.Routes.Delete(read);
        place.Stack.Routes.Delete(read);
        Assert.DoesNotContain(place.Stack.Routes.List(), route => route.Protocol == Own);
    }

    [Fact]
    public void Many_routes_are_listed_whole()
    {
        using var place = new Place();
        var link = place.Add(new BridgeLink("a") { IsUp = true });
        var wanted = Enumerable.Range(0, 5000)
            .Select(i => To($"172.{16 + (i >> 8)}.{i & 255}.0/24") with { Link = link.Index })
            .ToList();

        wanted.ForEach(place.Stack.Routes.Add);

        Assert.Equal(wanted.ToHashSet(), place.Stack.Routes.List().Where(route => route.Protocol == Own).ToHashSet());
    }

    public static TheoryData<RoutingRule> Rules =>
    [
        For4(71) with { Mark = 0x0b000000, Mask = 0xff000000, Table = 7711 },
        For4(79) with { From = IPNetwork.Parse("172.16.0.0/23"), Table = 7779 },
        For4(80) with { To = IPNetwork.Parse("172.16.0.0/12"), Table = Route.MainTable, SuppressPrefixLength = 0 },
        For4(63) with { IncomingLink = "dynovx", Action = RuleAction.Unreachable },
        For4(62) with { IncomingLink = "dynovx", OutgoingLink = "eth0", Table = 99, IsInverted = true },
        For6(71) with { Mark = 0x0b000000, Mask = 0xff000000, Table = 7711 },
        For6(79) with { From = IPNetwork.Parse("2001:db8::/64"), Action = RuleAction.Prohibit },
        For6(0) with { IncomingLink = "eth0", Action = RuleAction.Blackhole },
    ];

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Rules))]
    public void A_rule_reads_as_it_was_set_and_goes(RoutingRule wanted)
    {
        using var place = new Place();

        place.Stack.Rules.Add(wanted);

        var read = Assert.Single(place.Stack.Rules.List(), rule => rule.Protocol == Own);
        Assert.Equal(wanted, read);
        Assert.True(Assert.Throws<NetlinkException>(() => place.Stack.Rules.Add(wanted)).IsExisting);

        place.Stack.Rules.Delete(read);
        place.Stack.Rules.Delete(read);
        Assert.DoesNotContain(place.Stack.Rules.List(), rule => rule.Protocol == Own);
    }

    [Fact]
    public void The_kernels_own_rules_are_listed()
    {
        using var place = new Place();

        Assert.Equal([0u, 32766u, 32767u], Priorities(AddressFamily.InterNetwork));
        Assert.Equal([0u, 32766u], Priorities(AddressFamily.InterNetworkV6));

        IEnumerable<uint> Priorities(AddressFamily family) => place.Stack.Rules.List()
            .Where(rule => rule.Family == family).Select(rule => rule.Priority).Order();
    }

    [Theory]
    [InlineData("192.0.2.9", false)]
    [InlineData("2001:db8::9", false)]
    [InlineData("192.0.2.9", true)]
    [InlineData("2001:db8::9", true)]
    public void A_neighbour_reads_as_it_was_set_and_goes(string address, bool isProxy)
    {
        using var place = new Place();
        var link = place.Add(new BridgeLink("a") { IsUp = true });
        var wanted = new Neighbour(
            IPAddress.Parse(address), link.Index, isProxy ? null : PhysicalAddress.Parse("02:77:00:00:00:09"))
        {
            IsProxy = isProxy,
            IsPermanent = !isProxy,
        };

        place.Stack.Neighbours.Set(wanted);
        place.Stack.Neighbours.Set(wanted);

        Assert.Equal(wanted, Assert.Single(
            place.Stack.Neighbours.List(), neighbour => neighbour.Address.Equals(wanted.Address)));
        place.Stack.Neighbours.Delete(wanted);
        place.Stack.Neighbours.Delete(wanted);
        Assert.DoesNotContain(place.Stack.Neighbours.List(), neighbour => neighbour.Address.Equals(wanted.Address));
    }

    [Fact]
    public void A_target_of_a_tunnel_reads_as_it_was_set_and_goes()
    {
        using var place = new Place();
        var link = place.Add(new VxlanLink("vx", new VxlanSettings { Id = 7 }) { IsUp = true });
        var mac = PhysicalAddress.Parse("02:77:00:00:00:09");
        var wanted = new TunnelTarget(mac, link.Index, IPAddress.Parse("192.0.2.9"));

        place.Stack.Neighbours.SetTarget(wanted with { Target = IPAddress.Parse("192.0.2.8") });
        place.Stack.Neighbours.SetTarget(wanted);

        Assert.Equal([wanted], place.Stack.Neighbours.ListTargets(link.Index));
        place.Stack.Neighbours.DeleteTarget(wanted);
        place.Stack.Neighbours.DeleteTarget(wanted);
        Assert.Empty(place.Stack.Neighbours.ListTargets(link.Index));
    }

    private static Route To(string destination) => new(IPNetwork.Parse(destination)) { Protocol = Own };

    private static RoutingRule For4(uint priority) => new(AddressFamily.InterNetwork, priority) { Protocol = Own };

    private static RoutingRule For6(uint priority) => new(AddressFamily.InterNetworkV6, priority) { Protocol = Own };
}
