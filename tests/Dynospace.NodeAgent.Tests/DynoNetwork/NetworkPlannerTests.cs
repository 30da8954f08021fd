using System.Net;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.DynoNetwork;
using Dynospace.Reachability.Addresses;

namespace Dynospace.NodeAgent.Tests.DynoNetwork;

public sealed class NetworkPlannerTests
{
    private static readonly DynoNetworkOptions Options = new() { Node = "n1" };

    /// <summary>What keeps a node from the dyno network, and what the message names.</summary>
    public static TheoryData<string, string?> Obstacles => new()
    {
        { "nothing", null },
        { "no address", "status.addresses" },
        { "Services in the range", "the range of Services (172.20.0.0/16) overlaps 172.16.0.0/12" },
        { "pods in the range", "the pod range of the node n2 (172.17.0.0/24) overlaps" },
        { "a node in the range", "the address of the node n2 (172.31.0.9/32) overlaps" },
        { "a route into the range", "a route of this node (172.17.0.0/16) overlaps" },
        { "an address in the range", "an address of this node (172.18.0.1/32) overlaps" },
        { "pods of another plain network", "a route of this node (172.16.0.2/32) overlaps" },
        { "more pods than subnets", "has 128 subnets, and the kubelet runs up to 250 pods" },
        { "no room for a subnet", "set dynoNetwork.blockPrefix to another" },
        { "a link of small packets", "less than the 1280 that IP needs" },
        { "missing plugins", "the CNI plugins ptp, bandwidth are missing in /opt/cni/bin" },
        { "another network", "flannel (pod kube-flannel/x) is the network of this node" },
        { "the configuration of another network", "10-flannel.conflist is that of a network with an agent (plugin "
            + "flannel)" },
        { "an earlier configuration", "00-bridge.conf comes before 05-dynospace.conflist" },
        { "a plain configuration", null },
        { "a broken configuration", null },
        { "no pod range", "leave dynoNetwork.fromPodRange off" },
        { "a node in the IPv6 range", "the address of the node n2 (fd79::5/128) overlaps fd79::/64" },
        { "Services in the IPv6 range", "the range of Services (fd79::/108) overlaps fd79::/64" },
        { "an IPv6 range without IPv6", "the kernel of the node has no IPv6" },
        { "a small IPv6 pod range", "the pod range fd10::/121 has fewer addresses than 10.244.0.0/23" },
        { "a small pod range", "A block of length 24 has 64 subnets" },
    };

    [Theory]
    [MemberData(nameof(Obstacles))]
    public void What_stands_in_the_way_is_named(string @case, string? expected)
    {
        var (options, seen) = Case(@case);

        var obstacle = NetworkPlanner.Obstacle(options, seen);

        if (expected is null)
        {
            Assert.Null(obstacle);
        }
        else
        {
            Assert.Contains(expected, obstacle, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void Dynos_and_routes_of_the_own_network_are_no_obstacle()
    {
        var seen = Seen();
        var kernel = seen.Kernel;
        seen = seen with
        {
            InForce = AddressRange.Parse("172.16.0.0/23"),
            Kernel = kernel with
            {
                Links = [.. kernel.Links, new Link(7, "veth1", "veth"), new Link(9, KernelFacts.TunnelName, "vxlan")],
                Addresses =
                [
                    .. kernel.Addresses,
                    new LinkAddress(IPAddress.Parse("172.16.0.1"), 32, 7),
                    new LinkAddress(IPAddress.Parse("172.16.0.0"), 32, 9),
                ],
                Routes =
                [
                    .. kernel.Routes,
                    new Route(IPNetwork.Parse("172.16.0.2/32")) { Link = 7, Protocol = 3 },
                    new Route(IPNetwork.Parse("172.16.2.0/23")) { Link = 9, Protocol = KernelFacts.RouteProtocol },
                ],
            },
        };

        Assert.Null(NetworkPlanner.Obstacle(Options, seen));
        Assert.Equal(
            [IPAddress.Parse("172.16.0.2")], seen.Kernel.Used(AddressRange.Parse("172.16.0.0/23")));
        Assert.Empty(seen.Kernel.Uplinks(CidrSet.FromRanges(AddressRange.Parse("172.16.0.0/23"))));
    }

    [Fact]
    public void What_is_on_a_link_that_has_gone_meanwhile_is_no_obstacle()
    {
        var seen = Seen();
        seen = seen with
        {
            InForce = AddressRange.Parse("172.16.0.0/23"),
            Kernel = seen.Kernel with
            {
                Addresses = [.. seen.Kernel.Addresses, new LinkAddress(IPAddress.Parse("172.16.0.1"), 32, 7)],
                Routes = [.. seen.Kernel.Routes, new Route(IPNetwork.Parse("172.16.0.2/32")) { Link = 7 }],
            },
        };

        Assert.Null(NetworkPlanner.Obstacle(Options, seen));
    }

    [Fact]
    public void Neighbours_are_reached_by_routes_and_nodes_behind_a_router_by_the_tunnel()
    {
        var seen = Seen() with
        {
            Claims = [Claim("n1", "172.16.0.0/23"), Claim("n2", "172.16.2.0/23"), Claim("n3", "172.16.4.0/23")],
        };

        var plan = NetworkPlanner.Plan(Options, seen, new NodeBlock(AddressRange.Parse("172.16.0.0/23")));

        Assert.Equal(
            [
                ("172.16.0.0/23", null, null, RouteKind.Unreachable),
                ("172.16.2.0/23", "10.0.0.2", 2, RouteKind.Unicast),
                ("172.16.4.0/23", "172.16.4.0", NetworkPlanner.TunnelLink, RouteKind.Unicast),
            ],
            plan.Routes.Select(route =>
                (route.Destination.ToString(), route.Gateway?.ToString(), route.Link, route.Kind)));
        var peer = Assert.Single(plan.Tunnel!.Peers);
        Assert.Equal(("10.9.0.3", "172.16.4.0"), (peer.Node.ToString(), peer.Address.ToString()));
        Assert.Equal("0279AC100400", peer.Mac.ToString());
        Assert.Equal(1450, plan.Tunnel.Mtu);
        Assert.Contains("\"mtu\": 1450", plan.Configuration, StringComparison.Ordinal);
        Assert.Equal(AddressRange.Parse("172.16.0.0/23"), CniConfiguration.BlockOf(plan.Configuration));
    }

    [Fact]
    public void Without_a_tunnel_packets_are_as_large_as_the_nodes_and_who_is_not_reached_is_named()
    {
        var options = Options with { HasTunnel = false };
        var seen = Seen() with { Claims = [Claim("n1", "172.16.0.0/23"), Claim("n3", "172.16.4.0/23")] };

        var plan = NetworkPlanner.Plan(options, seen, new NodeBlock(AddressRange.Parse("172.16.0.0/23")));

        Assert.Null(plan.Tunnel);
        Assert.Single(plan.Routes);
        Assert.Contains("\"mtu\": 1500", plan.Configuration, StringComparison.Ordinal);
        Assert.Contains("n3 is behind a router", NetworkPlanner.Unreached(options, seen), StringComparison.Ordinal);
        Assert.Null(NetworkPlanner.Unreached(Options, seen));
    }

    /// <summary>A node that was broken into draws no traffic that is not its dynos'.</summary>
    [Theory]
    [InlineData("10.0.0.0/20", 9)]
    [InlineData("172.16.0.0/23", 9)]
    [InlineData("172.16.1.0/24", 9)]
    [InlineData("172.16.2.0/31", 0)]
    [InlineData("2001:db8::/64", 0)]
    public void A_claim_of_what_is_anothers_counts_for_nothing(string block, int second)
    {
        var seen = Seen() with { Claims = [Claim("n1", "172.16.0.0/23", 5), Claim("n2", block, second)] };

        var plan = NetworkPlanner.Plan(Options, seen, new NodeBlock(AddressRange.Parse("172.16.0.0/23")));

        Assert.Equal("172.16.0.0/23", Assert.Single(plan.Routes).Destination.ToString());
        Assert.Equal("172.16.0.0/23", Assert.Single(plan.Table.Blocks).ToString());
    }

    [Fact]
    public void The_later_of_two_claims_is_named()
    {
        var seen = Seen() with { Claims = [Claim("n1", "172.16.0.0/23"), Claim("n2", "172.16.0.0/24", 9)] };

        Assert.Contains(
            "n1 and n2 claim the same addresses", NetworkPlanner.Unreached(Options, seen), StringComparison.Ordinal);
    }

    /// <summary>The host's end of a new pod's link has no address yet; an uplink of the kind veth has one.</summary>
    [Fact]
    public void Only_links_that_lead_elsewhere_are_uplinks()
    {
        var kernel = new KernelFacts(
            [
                new(1, "lo", null),
                new(2, "eth0", "veth"),
                new(3, "new", "veth"),
                new(4, "pod", "veth"),
                new(5, "br", "bridge"),
            ],
            [
                new(IPAddress.Parse("10.0.0.1"), 24, 2), new(IPAddress.Parse("fe80::1"), 64, 3),
                new(IPAddress.Parse("172.16.0.1"), 32, 4), new(IPAddress.Parse("10.1.0.1"), 24, 5),
            ],
            [
                new(IPNetwork.Parse("fe80::/64")) { Link = 3 },
                new(IPNetwork.Parse("172.16.0.2/32")) { Link = 4 },
            ]);

        Assert.Equal([2], kernel.Uplinks(CidrSet.FromRanges(AddressRange.Parse("172.16.0.0/23"))));
    }

    /// <summary>A range that the options do not name any more, or an IPv6 address beside.</summary>
    [Fact]
    public void A_link_that_leads_to_a_dyno_is_none_to_the_outside_whatever_else_it_leads_to()
    {
        var kernel = new KernelFacts(
            [new Link(4, "veth1", null) { Kind = "veth" }],
            [new(IPAddress.Parse("172.16.0.1"), 32, 4), new(IPAddress.Parse("fd79::1"), 128, 4)],
            [
                new(IPNetwork.Parse("172.16.0.2/32")) { Link = 4 },
                new(IPNetwork.Parse("fd79::2/128")) { Link = 4 },
            ]);

        Assert.Empty(kernel.Uplinks(CidrSet.FromRanges(AddressRange.Parse("172.16.0.0/23"))));
    }

    [Theory]
    [InlineData(null, false, null)]
    [InlineData("fd79::/64", false, "fd79::ac10:400/119")]
    [InlineData("fd79::/64", true, "fd10:1::/119")]
    [InlineData(null, true, "fd10:1::/119")]
    public void IPv6_addresses_follow_from_the_block_or_are_those_of_the_pod_range(
        string? range6, bool fromPodRange, string? expected)
    {
        var options = Options with
        {
            Range6 = range6 is null ? null : AddressRange.Parse(range6),
            FromPodRange = fromPodRange,
        };
        var node = new NetworkNode(
            "n1", null, [AddressRange.Parse("172.16.4.0/23"), AddressRange.Parse("fd10:1::/64")], null);

        var block = NetworkPlanner.Block6(options, node, AddressRange.Parse("172.16.4.0/23"));

        Assert.Equal(expected, block?.ToString());
        Assert.Equal(block is null ? 0 : 128, block?.Slots.Count() ?? 0);
        if (block is not null)
        {
            var second = block.Slots.ElementAt(1);
            Assert.Equal(126, second.Subnet.PrefixLength);
            Assert.True(second.Subnet.Contains(second.Dyno));
            Assert.Equal(6, second.Dyno.GetAddressBytes()[15]);
        }
    }

    /// <summary>One node has an IPv6 address on the shared link; the others are reached by the tunnel.</summary>
    [Fact]
    public void Each_family_takes_its_own_way_to_another_node()
    {
        var options = Options with { Range6 = AddressRange.Parse("fd79::/64") };
        var seen = Seen();
        seen = seen with
        {
            Nodes = [seen.Node!, seen.Nodes[1] with { Address6 = IPAddress.Parse("fd10::2") }, seen.Nodes[2]],
            Claims = [Claim("n1", "172.16.0.0/23"), Claim("n2", "172.16.2.0/23"), Claim("n3", "172.16.4.0/23")],
            Kernel = seen.Kernel with
            {
                Addresses = [.. seen.Kernel.Addresses, new(IPAddress.Parse("fd10::1"), 64, 2)],
            },
        };

        var plan = NetworkPlanner.Plan(options, seen, new NodeBlock(AddressRange.Parse("172.16.0.0/23")));

        var ways = plan.Routes.ToDictionary(
            route => route.Destination.ToString(), route => (route.Kind, route.Gateway?.ToString()));
        Assert.Equal((RouteKind.Unreachable, null), ways["fd79::ac10:0/119"]);
        Assert.Equal((RouteKind.Unicast, "10.0.0.2"), ways["172.16.2.0/23"]);
        Assert.Equal((RouteKind.Unicast, "fd10::2"), ways["fd79::ac10:200/119"]);
        Assert.Equal((RouteKind.Unicast, "172.16.4.0"), ways["172.16.4.0/23"]);
        Assert.Equal((RouteKind.Unicast, "fe80::7979:ac10:400"), ways["fd79::ac10:400/119"]);
        var peer = Assert.Single(plan.Tunnel!.Peers);
        Assert.Equal(IPAddress.Parse("fe80::7979:ac10:400"), peer.Address6);
        Assert.Equal(3, plan.Table.Blocks6.Count);
    }

    private static (DynoNetworkOptions Options, NetworkObservation Seen) Case(string name)
    {
        var seen = Seen();
        var (node, kernel) = (seen.Node!, seen.Kernel);
        return name switch
        {
            "nothing" => (Options, seen),
            "no address" => (Options, seen with { Node = node with { Address = null } }),
            "Services in the range" => (Options, seen with { ServiceRanges = [AddressRange.Parse("172.20.0.0/16")] }),
            "pods in the range" => (Options, seen with
            {
                Nodes = [node, new("n2", null, [AddressRange.Parse("172.17.0.0/24")], 110)],
            }),
            "a node in the range" => (Options, seen with
            {
                Nodes = [node, new("n2", IPAddress.Parse("172.31.0.9"), [], 110)],
            }),
            "a route into the range" => (Options, seen with
            {
                Kernel = kernel with
                {
                    Routes = [.. kernel.Routes, new Route(IPNetwork.Parse("172.17.0.0/16")) { Link = 2 }],
                },
            }),
            "an address in the range" => (Options, seen with
            {
                Kernel = kernel with
                {
                    Addresses = [.. kernel.Addresses, new LinkAddress(IPAddress.Parse("172.18.0.1"), 16, 2)],
                },
            }),
            "pods of another plain network" => (Options, seen with
            {
                Kernel = kernel with
                {
                    Links = [.. kernel.Links, new Link(7, "veth1", "veth")],
                    Routes = [.. kernel.Routes, new Route(IPNetwork.Parse("172.16.0.2/32")) { Link = 7, Protocol = 3 }],
                },
            }),
            "more pods than subnets" => (Options, seen with { Node = node with { MaxPods = 250 } }),
            "no room for a subnet" =>
                (Options with { BlockPrefix = 23, Range = AddressRange.Parse("172.16.0.0/24") }, seen),
            "a link of small packets" => (Options, seen with
            {
                Kernel = kernel with { Links = [.. kernel.Links.Select(link => link with { Mtu = 1300 })] },
            }),
            "missing plugins" => (Options, seen with { MissingPlugins = ["ptp", "bandwidth"] }),
            "another network" => (Options, seen with { OtherNetwork = "flannel (pod kube-flannel/x)" }),
            "the configuration of another network" => (Options, With(
                "10-flannel.conflist", """{"plugins": [{"type": "flannel"}, {"type": "portmap"}]}""")),
            "an earlier configuration" => (Options, With("00-bridge.conf", """{"type": "bridge"}""")),
            "a plain configuration" => (Options, With(
                "10-bridge.conf", """{"type": "bridge", "ipam": {"type": "host-local"}}""")),
            "a broken configuration" => (Options, With("10-bridge.conf", "{")),
            "no pod range" => (Options with { FromPodRange = true }, seen with { Node = node with { PodRanges = [] } }),
            "a node in the IPv6 range" => (Options with { Range6 = AddressRange.Parse("fd79::/64") }, seen with
            {
                Nodes = [node, seen.Nodes[1] with { Address6 = IPAddress.Parse("fd79::5") }],
            }),
            "Services in the IPv6 range" => (Options with { Range6 = AddressRange.Parse("fd79::/64") }, seen with
            {
                ServiceRanges = [AddressRange.Parse("fd79::/108")],
            }),
            "an IPv6 range without IPv6" =>
                (Options with { Range6 = AddressRange.Parse("fd79::/64"), HasIPv6 = false }, seen),
            "a small IPv6 pod range" => (Options with { FromPodRange = true }, seen with
            {
                Node = node with
                {
                    PodRanges = [AddressRange.Parse("10.244.0.0/23"), AddressRange.Parse("fd10::/121")],
                },
            }),
            "a small pod range" => (Options with { FromPodRange = true }, seen),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
        };

        NetworkObservation With(string file, string text) => seen with { Files = [new(file, text)] };
    }

    private static NetworkObservation Seen()
    {
        var node = new NetworkNode("n1", IPAddress.Parse("10.0.0.1"), [AddressRange.Parse("10.244.1.0/24")], 110);
        return new NetworkObservation
        {
            Node = node,
            Nodes =
            [
                node,
                new("n2", IPAddress.Parse("10.0.0.2"), [], 110),
                new("n3", IPAddress.Parse("10.9.0.3"), [], 110),
            ],
            Claims = [],
            ServiceRanges = [AddressRange.Parse("10.96.0.0/16")],
            Kernel = new KernelFacts(
                [new Link(1, "lo", null) { IsLoopback = true }, new Link(2, "eth0", null) { Mtu = 1500 }],
                [new(IPAddress.Loopback, 8, 1), new(IPAddress.Parse("10.0.0.1"), 24, 2)],
                [
                    new(IPNetwork.Parse("0.0.0.0/0")) { Gateway = IPAddress.Parse("10.0.0.254"), Link = 2 },
                    new(IPNetwork.Parse("10.0.0.0/24")) { Link = 2, Protocol = 2 },
                ]),
        };
    }

    private static BlockClaim Claim(string node, string block, int second = 0) =>
        new(node, AddressRange.Parse(block), DateTimeOffset.UnixEpoch.AddSeconds(second), node);
}
