using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.Egress;
using Dynospace.Testing.Networks;

namespace Dynospace.NodeAgent.Tests.Egress;

/// <summary>Packets between dynos and their gateway over a link that the nodes share.</summary>
public sealed class NativeRoutingTests(ITestOutputHelper output)
{
    private static readonly IPAddress Beyond = IPAddress.Parse("192.0.2.1");

    public static TheoryData<string> Targets => [EgressLab.Outside.ToString(), EgressLab.Outside6.ToString()];

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task TCP_and_UDP_and_the_gate_do_without_the_tunnel(string to)
    {
        NetworkNamespace.Require();
        var target = IPAddress.Parse(to);
        using var lab = new EgressLab([10], [11], isNative: true);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        lab.Apply();
        lab.OpenGates();
        var dyno = lab.AddDyno(10, 2, "a");
        CountTunnel(lab);

        Assert.NotNull(await OutsideWorld.AskTcpAsync(dyno, "a", target));
        Assert.NotNull(await OutsideWorld.AskUdpAsync(dyno, "a", target));
        Assert.Equal("198.51.100.201", await OutsideWorld.AskGateAsync(dyno));
        Assert.Equal((0, 0), (InTunnel(lab, 10), InTunnel(lab, 11)));
        Assert.NotEqual(0, lab.Hosts[11].FastPathCounters()[FastPathRules.Out]);
        Assert.NotEqual(0, lab.Hosts[11].FastPathCounters()[FastPathRules.In]);

        // The port that proves the node is missing.
        Assert.True(await OutsideWorld.PingAsync(dyno, "a", target));
        Assert.NotEqual(0, InTunnel(lab, 11));
        output.WriteLine($"{outside.Describe()}\n{lab.DescribeDrops()}");
    }

    /// <summary>
    /// Machines on the link that are no nodes, and nodes with ports that are not theirs. Only what a node sends from
    /// its own ports is forwarded: the last case, without which the others could not fail.
    /// </summary>
    [Theory]
    [InlineData(1, 20_001, 0)]
    [InlineData(10, 19_999, 0)]
    [InlineData(10, 22_048, 0)]
    [InlineData(10, 20_001, 1)]
    public async Task Only_nodes_send_from_fixed_ips_and_only_from_their_ports(int sender, int port, int expected)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11], isNative: true);
        lab.Apply();
        // Every host of the lab is a node for it, except the router.
        lab.OutsideHost.Namespace.Nft("""
            table ip seen {
              counter beyond { }
              chain in { type filter hook prerouting priority raw; policy accept;
                ip daddr 192.0.2.1 counter name beyond drop
              }
            }
            """);
        var from = sender == 1 ? lab.OutsideHost.Namespace : lab.Hosts[sender].Namespace;
        if (sender != 1)
        {
            from.Nft("flush ruleset");
        }

        from.IpBatch(
        [
            $"address add {EgressLab.FixedA}/32 dev lo",
            $"route add {Beyond}/32 via {LabHost.AddressOf(11)}",
        ]);
        using var socket = from.OpenUdp(EgressLab.FixedA, port);

        await socket.SendToAsync(new byte[1], new IPEndPoint(Beyond, 9));

        await UntilAsync(() => Forwarded() + Forged() > 0);
        output.WriteLine(lab.DescribeDrops());
        Assert.Equal(expected, Forwarded());
        Assert.Equal(1 - expected, Forged());

        long Forged() => lab.Hosts[11].Counters()[EgressRules.Forged];

        long Forwarded() => Packets(lab.OutsideHost.Namespace.Nft("list counters"), "beyond");
    }

    /// <summary>A stray packet to a port of a node: the gateway sends it there, and there it ends.</summary>
    [Theory]
    [MemberData(nameof(Targets))]
    public async Task What_no_connection_waits_for_ends_at_the_node(string to)
    {
        NetworkNamespace.Require();
        var source = IPAddress.Parse(to);
        using var lab = new EgressLab([10], [11], isNative: true);
        lab.Apply();
        _ = lab.AddDyno(10, 2, "a");
        var target = source.AddressFamily == AddressFamily.InterNetwork ? EgressLab.FixedA : EgressLab.FixedA6;
        using var socket = lab.OutsideHost.Namespace.OpenUdp(source);

        await socket.SendToAsync(new byte[1], new IPEndPoint(target, 20_001));

        await UntilAsync(() => lab.Hosts[10].Counters()[EgressRules.Unasked] > 0);
        Assert.Equal(1, lab.Hosts[10].Counters()[EgressRules.Unasked]);
        Assert.Equal(1, lab.Hosts[11].FastPathCounters()[FastPathRules.In]);
    }

    /// <summary>As during an upgrade, and when it is switched on or off one node after the other.</summary>
    [Fact]
    public async Task A_node_takes_the_link_only_to_nodes_that_accept_it()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11], isNative: true);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        lab.Old.Add(11);
        lab.StartWorkers();
        var dyno = lab.AddPod(10, 2, "a");
        await OutsideWorld.PassGateAsync(dyno, EgressLab.FixedA);
        Assert.False(TakesLink(10));
        Assert.Equal("198.51.100.201", await OutsideWorld.AskTcpAsync(dyno, "a", EgressLab.Outside));

        lab.Hosts[11].RestartWorker(isNative: true);
        lab.Post();
        await UntilAsync(() => TakesLink(10) && TakesLink(11));
        Assert.Equal("198.51.100.201", await OutsideWorld.AskTcpAsync(dyno, "a", EgressLab.Outside));

        lab.Hosts[11].RestartWorker(isNative: false);
        lab.Post();
        await UntilAsync(() => !TakesLink(10) && !TakesLink(11));
        Assert.Equal("198.51.100.201", await OutsideWorld.AskTcpAsync(dyno, "a", EgressLab.Outside));
        Assert.Equal([EgressLab.FixedA], outside.SourcesOf("a"));

        bool TakesLink(int number) => lab.Hosts[number].Kernel.Network.Routes.List().Any(route =>
            route.Table >= EgressKernelPlanner.FirstBackTable
            && route.Protocol == EgressKernelPlanner.Protocol
            && route.Link == lab.Hosts[number].Uplink);
    }

    public static TheoryData<string, string?, int[], bool, string[]> Peers => new()
    {
        { "on the link", null, [11], true, ["198.51.100.11", "fd77::11"] },
        { "behind a router", "198.51.100.11/32 via", [11], true, ["fd77::11"] },
        { "by several ways", "198.51.100.11/32 several", [11], true, ["fd77::11"] },
        { "on another link", "198.51.100.11/32 elsewhere", [11], true, ["fd77::11"] },
        { "nowhere", "198.51.100.11/32 unreachable", [11], true, ["fd77::11"] },
        { "does not accept it", null, [12], true, [] },
        { "switched off", null, [11], false, [] },
    };

    [Theory]
    [MemberData(nameof(Peers))]
    public void Peers_on_an_uplink_that_accept_it_are_direct(
        string place, string? route, int[] accepting, bool isNative, string[] expected)
    {
        var facts = new EgressFacts
        {
            Own = 10,
            Nodes =
            [
                .. new[] { 10, 11 }.Select(number => new TunnelNode(
                    $"n{number}", number, [LabHost.AddressOf(number), LabHost.Address6Of(number)])),
            ],
            Spaces = [new FixedIPSpace("a", [new FixedIP(EgressLab.FixedA, 1) { Gateways = [11] }], [])],
            Uplinks = ["eth0"],
            IsNative = isNative,
        };
        List<Route> routes =
        [
            new(IPNetwork.Parse("0.0.0.0/0")) { Gateway = LabHost.AddressOf(1), Link = 2 },
            new(IPNetwork.Parse("198.51.100.0/24")) { Link = 2 },
            new(IPNetwork.Parse("fd77::/64")) { Link = 2 },
            new(IPNetwork.Parse("198.51.100.11/32")) { Link = 3, Table = 100 },
        ];
        if (route?.Split(' ') is [var to, var how])
        {
            var added = new Route(IPNetwork.Parse(to)) { Link = 2 };
            routes.Add(how switch
            {
                "via" => added with { Gateway = LabHost.AddressOf(1) },
                "several" => added with { IsMultipath = true },
                "elsewhere" => added with { Link = 3 },
                _ => added with { Kind = RouteKind.Unreachable, Link = null },
            });
        }

        var direct = DirectPeer.Find(
            facts, accepting.ToHashSet(), [new Link(2, "eth0", null), new Link(3, "eth1", null)], routes);

        Assert.Equal(expected, direct.Select(peer => peer.Address.ToString()));
        Assert.All(direct, peer => Assert.Equal((11, 2), (peer.Node, peer.Link)));
        output.WriteLine(place);
    }

    private static void CountTunnel(EgressLab lab)
    {
        foreach (var host in lab.Hosts.Values)
        {
            host.Namespace.Nft("""
                table netdev seen {
                  counter tunnel { }
                  chain in { type filter hook ingress device "dynoegress" priority -10; policy accept;
                    counter name tunnel
                  }
                }
                """);
        }
    }

    private static long InTunnel(EgressLab lab, int number) =>
        Packets(lab.Hosts[number].Namespace.Nft("list counters"), "tunnel");

    private static long Packets(string counters, string name)
    {
        var text = counters[counters.IndexOf($"counter {name} ", StringComparison.Ordinal)..];
        return long.Parse(text.Split("packets ")[1].Split(' ')[0], CultureInfo.InvariantCulture);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            await Task.Delay(50, patience.Token);
        }
    }
}
