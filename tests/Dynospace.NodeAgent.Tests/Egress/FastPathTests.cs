using System.Net;
using System.Net.Sockets;
using Dynospace.Linux.Filtering;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.Egress;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.Testing.Networks;

namespace Dynospace.NodeAgent.Tests.Egress;

/// <summary>Which packets a gateway forwards as soon as they arrive; all others pass its rules.</summary>
public sealed class FastPathTests(ITestOutputHelper output)
{
    public static TheoryData<string> Targets => [EgressLab.Outside.ToString(), EgressLab.Outside6.ToString()];

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Datagrams_and_open_connections_take_it_in_both_directions(string to)
    {
        NetworkNamespace.Require();
        var target = IPAddress.Parse(to);
        using var lab = new EgressLab([10], [11]);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        lab.Apply();
        var dyno = lab.AddDyno(10, 2, "a");
        // The first packet finds the neighbours.
        Assert.NotNull(await OutsideWorld.AskUdpAsync(dyno, "a", target));

        var before = Counted(lab);
        Assert.NotNull(await OutsideWorld.AskUdpAsync(dyno, "a", target));
        Assert.Equal((1, 1), Since(lab, before));

        before = Counted(lab);
        Assert.NotNull(await OutsideWorld.AskTcpAsync(dyno, "a", target));
        var (sent, received) = Since(lab, before);
        output.WriteLine($"{sent} packets of a connection from the dyno, {received} to it");
        // The two that open it are not among them.
        Assert.True(sent >= 2, $"{sent} packets from the dyno");
        Assert.True(received >= 1, $"{received} packets to the dyno");
        Assert.Equal([Fixed(target)], outside.SourcesOf("a"));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task What_the_routing_tables_or_the_rules_must_see_does_not_take_it(string to)
    {
        NetworkNamespace.Require();
        var target = IPAddress.Parse(to);
        using var lab = new EgressLab([10], [11]);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        lab.Apply();
        var dyno = lab.AddDyno(10, 2, "a");
        Assert.NotNull(await OutsideWorld.AskUdpAsync(dyno, "a", target));

        var before = Counted(lab);
        Assert.True(await OutsideWorld.PingAsync(dyno, "a", target));
        // In fragments. Both ends learn first which size fits.
        await OutsideWorld.AskUdpAsync(dyno, "a", target, TimeSpan.FromMilliseconds(300), size: 4000);
        await OutsideWorld.AskUdpAsync(dyno, "a", target, TimeSpan.FromMilliseconds(300), size: 4000);
        Assert.NotNull(await OutsideWorld.AskUdpAsync(dyno, "a", target, size: 4000));
        // Opens no connection: the port is closed.
        Assert.Null(await ConnectAsync(dyno, target, 9));
        // At the end of its life at the gateway, which says so.
        Assert.Equal(SocketError.HostUnreachable, await SendWithHopsAsync(dyno, target, 2));
        var (sent, received) = Since(lab, before);

        Assert.Equal(0, sent);
        // The reset alone.
        Assert.InRange(received, 0, 1);
        Assert.Equal([Fixed(target)], outside.SourcesOf("a"));
    }

    /// <summary>A reply that does not fit into the tunnel: the sender learns the size that does.</summary>
    [Theory]
    [MemberData(nameof(Targets))]
    public async Task A_datagram_that_is_too_large_for_the_tunnel_is_reported(string to)
    {
        NetworkNamespace.Require();
        var target = IPAddress.Parse(to);
        using var lab = new EgressLab([10], [11]);
        lab.Apply();
        var dyno = lab.AddDyno(10, 2, "a");
        using var server = lab.OutsideHost.Namespace.OpenUdp(target, 9003);
        using var client = dyno.Namespace.OpenUdp(dyno.AddressFor(target));
        // Do not fragment, and report it.
        server.SetRawSocketOption(
            target.AddressFamily == AddressFamily.InterNetwork ? 0 : 41,
            target.AddressFamily == AddressFamily.InterNetwork ? 10 : 23,
            BitConverter.GetBytes(2));
        (server.ReceiveTimeout, client.ReceiveTimeout) = (5000, 5000);
        await client.SendToAsync(new byte[1], new IPEndPoint(target, 9003));
        EndPoint from = new IPEndPoint(target, 0);
        server.ReceiveFrom(new byte[1], ref from);
        await server.SendToAsync(new byte[1], from);
        Assert.Equal(1, client.Receive(new byte[2000]));
        await server.SendToAsync(new byte[1440], from);

        for (var i = 0; i < 50 && await SendAsync() != SocketError.MessageSize; i++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Equal(SocketError.MessageSize, await SendAsync());

        async Task<SocketError> SendAsync()
        {
            try
            {
                await server.SendToAsync(new byte[1440], from);
                return SocketError.Success;
            }
            catch (SocketException e)
            {
                return e.SocketErrorCode;
            }
        }
    }

    [Fact]
    public async Task A_kernel_without_it_forwards_all_the_same_and_says_so()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11]);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        lab.Apply();
        var dyno = lab.AddDyno(10, 2, "a");
        var gateway = lab.Hosts[11];
        var isRefused = true;
        using var applier = gateway.Namespace.Run(() =>
        {
            var kernel = KernelAccess.Open(EgressTable.Name);
            return new EgressApplier(kernel with { Nftables = new Refusing(kernel.Nftables, () => isRefused) });
        });
        gateway.Namespace.Nft(EgressTable.FastPathRemoval);

        Assert.True(gateway.Namespace.Run(() => applier.Apply(lab.Facts(11))));

        Assert.NotNull(applier.FastPathRefusal);
        Assert.Empty(applier.FastPathCounters());
        Assert.Equal("198.51.100.201", await OutsideWorld.AskTcpAsync(dyno, "a", EgressLab.Outside));
        // Nothing is written again and again.
        Assert.False(gateway.Namespace.Run(() => applier.Apply(lab.Facts(11))));

        isRefused = false;
        applier.Forget();
        Assert.True(gateway.Namespace.Run(() => applier.Apply(lab.Facts(11))));

        Assert.Null(applier.FastPathRefusal);
        Assert.Equal("198.51.100.201", await OutsideWorld.AskUdpAsync(dyno, "a", EgressLab.Outside));
        Assert.NotEqual(0, applier.FastPathCounters()[FastPathRules.Out]);
    }

    [Fact]
    public async Task It_follows_the_default_route_and_ends_with_it()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11]);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        lab.StartWorkers();
        var dyno = lab.AddPod(10, 2, "a");
        lab.Post();
        await OutsideWorld.PassGateAsync(dyno, EgressLab.FixedA);
        var gateway = lab.Hosts[11];
        await UntilAsync(() => Router() == LabHost.AddressOf(1).ToString());

        // The same router by another address.
        lab.OutsideHost.Namespace.Ip("address add 198.51.100.99/24 dev eth0");
        gateway.Namespace.Ip("route replace default via 198.51.100.99");
        await UntilAsync(() => Router() == "198.51.100.99");
        Assert.Equal("198.51.100.201", await OutsideWorld.AskUdpAsync(dyno, "a", EgressLab.Outside));

        // A policy of IPsec might encrypt what passes the tables.
        gateway.Namespace.IpBatch(
        [
            "xfrm policy add dir out src 0.0.0.0/0 dst 10.50.0.0/16 action block", "route add 10.50.0.0/16 dev lo",
        ]);
        await UntilAsync(() => Router() is null);
        Assert.Equal("198.51.100.201", await OutsideWorld.AskUdpAsync(dyno, "a", EgressLab.Outside));
        gateway.Namespace.IpBatch(
        [
            "xfrm policy del dir out src 0.0.0.0/0 dst 10.50.0.0/16", "route del 10.50.0.0/16 dev lo",
        ]);
        await UntilAsync(() => Router() == "198.51.100.99");

        // Two halves of all destinations: the tables decide.
        gateway.Namespace.IpBatch(
        [
            "route add 0.0.0.0/1 via 198.51.100.99", "route add 128.0.0.0/1 via 198.51.100.99", "route del default",
        ]);
        await UntilAsync(() => Router() is null);
        Assert.Equal("198.51.100.201", await OutsideWorld.AskUdpAsync(dyno, "a", EgressLab.Outside));

        string? Router() => gateway.Namespace.Nft("list ruleset").Split('\n')
            .Where(line => line.Contains("fwd ip to 198.51.100.", StringComparison.Ordinal))
            .Select(line => line.Split("fwd ip to ")[1].Split(' ')[0]).FirstOrDefault();
    }

    public static TheoryData<string, string[], string?> Tables => new()
    {
        { "one router", ["default"], "198.51.100.1" },
        { "no default route", [], null },
        { "on the link itself", ["default on link"], null },
        { "by a link that is not an uplink", ["default elsewhere"], null },
        { "several ways", ["default multipath"], null },
        { "two equal routes", ["default", "default 2"], null },
        { "one of a lower metric", ["default 100", "default"], "198.51.100.1" },
        { "one of a lower metric that leads nowhere", ["default 100", "unreachable"], null },
        { "in another table", ["default of another table"], null },
    };

    [Theory]
    [MemberData(nameof(Tables))]
    public void Exits_are_single_routers_on_an_uplink(string table, string[] routes, string? expected)
    {
        var exits = EgressExit.Find(Facts(), Links, [.. routes.Select(Named)]);
        Assert.Empty(EgressExit.Find(Facts(), Links, [.. routes.Select(Named)], hasIpsec: true));

        Assert.Equal(expected, exits.Select(exit => exit.Router.ToString()).SingleOrDefault());
        output.WriteLine(table);
    }

    [Fact]
    public void Destinations_with_another_route_do_not_take_the_exit()
    {
        var facts = Facts();
        var exit = EgressExit.Find(facts, Links,
        [
            Named("default"),
            new Route(IPNetwork.Parse("192.0.2.0/24")) { Link = 2 },
            new Route(IPNetwork.Parse("192.0.2.128/25")) { Kind = RouteKind.Blackhole },
            new Route(IPNetwork.Parse("198.51.100.11/32"))
            {
                Kind = RouteKind.Local,
                Table = Route.LocalTable,
                Link = 2,
            },
            // A pod, which is in an exempt range.
            new Route(IPNetwork.Parse("10.244.1.7/32")) { Link = 9 },
            // Not asked for packets that are forwarded.
            new Route(IPNetwork.Parse("203.0.113.0/24")) { Link = 2, Table = 100 },
            new Route(IPNetwork.Parse("2001:db8::/32")) { Link = 2 },
        ]).Single();

        var others = exit.Others.Select(range => range.ToString()).ToList();
        Assert.Contains("192.0.2.0/24", others);
        Assert.Contains("192.0.2.128/25", others);
        Assert.Contains("198.51.100.11/32", others);
        Assert.Contains("10.244.0.0/16", others);
        Assert.Contains("198.51.100.201/32", others);
        Assert.Contains("169.254.0.0/16", others);
        Assert.DoesNotContain("10.244.1.7/32", others);
        Assert.DoesNotContain("203.0.113.0/24", others);
        Assert.All(exit.Others, range => Assert.Equal(AddressFamily.InterNetwork, range.BaseAddress.AddressFamily));
    }

    [Fact]
    public void A_node_that_is_not_a_gateway_has_no_fast_path()
    {
        var facts = Facts() with { Own = 10 };

        Assert.Empty(EgressExit.Find(facts, Links, [Named("default")]));
        Assert.Null(EgressKernelPlanner.Plan(facts).FastPath);
    }

    private static readonly Link[] Links = [Link(2, "eth0"), Link(3, "wg0")];

    private static Link Link(int index, string name) => new(index, name, null);

    private static EgressFacts Facts() => new()
    {
        Own = 11,
        Nodes = [.. new[] { 10, 11 }.Select(i => new TunnelNode($"n{i}", i, [LabHost.AddressOf(i)]))],
        Uplinks = ["eth0"],
        Spaces =
        [
            new FixedIPSpace(
                "a",
                [new FixedIP(EgressLab.FixedA, 1) { Gateways = [11], Ports = [new PortBlock(10, 20_000, 22_047)] }],
                [IPNetwork.Parse("10.244.0.0/16")]),
        ],
    };

    private static Route Named(string name)
    {
        var route = new Route(IPNetwork.Parse("0.0.0.0/0")) { Gateway = LabHost.AddressOf(1), Link = 2 };
        return name switch
        {
            "default" => route,
            "default 2" => route with { Gateway = LabHost.AddressOf(2) },
            "default 100" => route with { Gateway = LabHost.AddressOf(2), Metric = 100 },
            "default on link" => route with { Gateway = null },
            "default elsewhere" => route with { Link = 3 },
            "default multipath" => route with { IsMultipath = true },
            "default of another table" => route with { Table = 100 },
            "unreachable" => route with { Kind = RouteKind.Unreachable, Gateway = null },
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
        };
    }

    private static IPAddress Fixed(IPAddress target) =>
        target.AddressFamily == AddressFamily.InterNetwork ? EgressLab.FixedA : EgressLab.FixedA6;

    private static (long Out, long In) Counted(EgressLab lab)
    {
        var counters = lab.Hosts[11].FastPathCounters();
        return (counters[FastPathRules.Out], counters[FastPathRules.In]);
    }

    private static (long Out, long In) Since(EgressLab lab, (long Out, long In) before)
    {
        var now = Counted(lab);
        return (now.Out - before.Out, now.In - before.In);
    }

    private static async Task<string?> ConnectAsync(LabPod pod, IPAddress target, int port)
    {
        using var socket = pod.Namespace.OpenTcp(pod.AddressFor(target));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await socket.ConnectAsync(new IPEndPoint(target, port), patience.Token);
            return "connected";
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static async Task<SocketError> SendWithHopsAsync(LabPod pod, IPAddress target, int hops)
    {
        using var socket = pod.Namespace.OpenUdp(pod.AddressFor(target));
        if (target.AddressFamily == AddressFamily.InterNetwork)
        {
            socket.Ttl = (short)hops;
        }
        else
        {
            socket.SetRawSocketOption(41, 16, BitConverter.GetBytes(hops));
        }

        // Errors of other routers are reported.
        socket.SetRawSocketOption(
            target.AddressFamily == AddressFamily.InterNetwork ? 0 : 41,
            target.AddressFamily == AddressFamily.InterNetwork ? 11 : 25, BitConverter.GetBytes(1));
        await socket.ConnectAsync(new IPEndPoint(target, OutsideWorld.Port));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await socket.SendAsync(new byte[1], patience.Token);
            await socket.ReceiveAsync(new byte[10], patience.Token);
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            await Task.Delay(50, patience.Token);
        }
    }

    /// <summary>Knows no tables of the family netdev.</summary>
    private sealed class Refusing(INftables nftables, Func<bool> isRefused) : INftables
    {
        public string Description => nftables.Description;

        public string Run(string commands, bool json = false) =>
            isRefused() && commands.Contains("netdev", StringComparison.Ordinal)
                && !commands.StartsWith("list ", StringComparison.Ordinal)
                ? throw new NftablesException("Error: Could not process rule: Operation not supported")
                : nftables.Run(commands, json);

        public void Dispose() => nftables.Dispose();
    }
}
