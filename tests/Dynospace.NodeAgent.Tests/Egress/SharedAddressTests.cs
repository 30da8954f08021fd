using System.Net;
using System.Net.Sockets;
using System.Text;
using Dynospace.NodeAgent.Egress;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.Testing.Networks;

namespace Dynospace.NodeAgent.Tests.Egress;

/// <summary>
/// Real packets of dynos that leave from a node's own addresses, and of everything else that uses these: what the node
/// serves, what it opens itself, and the pods that its network translates to them.
/// </summary>
public sealed class SharedAddressTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly IPAddress[] Targets = [EgressLab.Outside, EgressLab.Outside6];

    public static TheoryData<string, int[], int> Topologies => new()
    {
        { "a node and a gateway", [10], 11 },
        { "a node that is its own gateway", [10], 10 },
        { "two nodes and a gateway", [10, 12], 11 },
        { "two nodes, of which one is the gateway", [10, 12], 12 },
    };

    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task Dynos_leave_from_the_nodes_own_addresses_by_ports_of_the_range(
        string topology, int[] nodes, int gateway)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab(nodes, [gateway]);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        lab.Share("a", gateway);
        lab.Apply();
        lab.OpenGates();
        foreach (var node in nodes)
        {
            foreach (var (space, index) in new[] { ("a", 2), ("b", 3) })
            {
                var dyno = lab.AddDyno(node, index, space);
                foreach (var target in Targets)
                {
                    var isKnown = await OutsideWorld.AskTcpAsync(dyno, space, target) is not null
                        && await OutsideWorld.AskUdpAsync(dyno, space, target) is not null
                        && await OutsideWorld.PingAsync(dyno, space, target)
                        && await LargeAsync(dyno, space, target);
                    Assert.True(isKnown, $"{space} on {node} to {target}: {outside.Describe()}\n{lab.DescribeDrops()}");
                    Assert.Equal(SocketError.ConnectionRefused, await AskClosedAsync(dyno, target));
                }
            }

            Assert.Equal(
                LabHost.AddressOf(gateway).ToString(), await OutsideWorld.AskGateAsync(lab.Hosts[node].Pods[0]));
            Assert.Equal(
                LabHost.Address6Of(gateway).ToString(),
                await OutsideWorld.AskGateAsync(lab.Hosts[node].Pods[0], gate: TunnelNumbers.GateAddress6));
        }

        output.WriteLine($"{topology}:\n{outside.Describe()}\n{lab.DescribeDrops()}");
        Assert.Equal(Own(gateway), Sorted(outside.SourcesOf("a")));
        Assert.Equal([EgressLab.FixedB, EgressLab.FixedB6], Sorted(outside.SourcesOf("b")));
        Assert.All(outside.PortsOf("a"), port => Assert.InRange(port, SharedPorts.First, SharedPorts.Last));
        AssertNothingStopped(lab);
    }

    /// <summary>As sshd, the kubelet and host-network pods do, before and after dynos have used the address.</summary>
    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task What_the_node_serves_and_opens_goes_on(string topology, int[] nodes, int gateway)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab(nodes, [gateway]);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        lab.Share("a", gateway);
        lab.Apply();
        var dynos = nodes.Select(node => lab.AddDyno(node, 2, "a")).ToList();
        var pods = nodes.Select(node => lab.Hosts[node].AddPod(9)).ToList();
        var own = lab.Hosts[gateway];
        foreach (var target in Targets)
        {
            var address = Own(gateway).Single(item => item.AddressFamily == target.AddressFamily);
            using var served = new Served(own.Namespace, address, 22, 10_250, 20_001);
            foreach (var dyno in dynos)
            {
                Assert.NotNull(await OutsideWorld.AskTcpAsync(dyno, "a", target));
            }

            foreach (var port in served.Ports)
            {
                Assert.True(await ReachesAsync(lab.OutsideHost.Namespace, target, address, port), $"outside to {port}");
                foreach (var pod in pods.Concat(dynos))
                {
                    Assert.True(
                        await ReachesAsync(pod.Namespace, pod.AddressFor(target), address, port),
                        $"{pod.Addresses[0]} to {port}");
                }

                foreach (var host in lab.Hosts.Values)
                {
                    Assert.True(
                        await ReachesAsync(host.Namespace, null, address, port), $"node {host.Number} to {port}");
                }
            }

            // Probes of the gateway's kubelet, on its own node and on others.
            foreach (var pod in pods.Concat(dynos))
            {
                using var probed = new Served(pod.Namespace, pod.AddressFor(target), 8080);
                Assert.True(await ReachesAsync(own.Namespace, null, pod.AddressFor(target), 8080));
            }

            // Also from ports of the range, to where dynos go.
            foreach (var port in new[] { 0, 20_002 })
            {
                Assert.Equal(address.ToString(), await AskAsync(own.Namespace, address, target, port));
            }

            foreach (var pod in pods)
            {
                Assert.NotNull(await OutsideWorld.AskTcpAsync(pod, "pod", target));
                Assert.NotNull(await OutsideWorld.AskUdpAsync(pod, "pod", target));
                Assert.True(await OutsideWorld.PingAsync(pod, "pod", target));
            }

            foreach (var dyno in dynos)
            {
                Assert.NotNull(await OutsideWorld.AskTcpAsync(dyno, "a", target));
            }
        }

        output.WriteLine($"{topology}:\n{outside.Describe()}\n{lab.DescribeDrops()}");
        Assert.Equal(Own(gateway), Sorted(outside.SourcesOf("a")));
        AssertNothingStopped(lab);
    }

    /// <summary>
    /// Dynos, the node and a pod that its network translates to the same address all speak to one destination from one
    /// port: each gets its own answers.
    /// </summary>
    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task Equal_ports_of_dynos_node_and_pods_are_told_apart(string topology, int[] nodes, int gateway)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab(nodes, [gateway]);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        lab.Share("a", gateway);
        lab.Apply();
        var dynos = nodes.Select(node => lab.AddDyno(node, 2, "a")).ToList();
        var own = lab.Hosts[gateway];
        var pod = own.AddPod(9);
        foreach (var target in Targets)
        {
            foreach (var isDynoFirst in new[] { true, false })
            {
                // In the block of the first node.
                var port = EgressLab.FirstPort(0) + (isDynoFirst ? 5 : 6);
                (NetworkNamespace, IPAddress, string)[] senders =
                [
                    (own.Namespace, Own(gateway).Single(item => item.AddressFamily == target.AddressFamily), "node"),
                    (pod.Namespace, pod.AddressFor(target), "pod"),
                    .. dynos.Select(dyno => (dyno.Namespace, dyno.AddressFor(target), "a")),
                ];
                var sockets = (isDynoFirst ? senders.Reverse() : senders).Select(sender => (
                    Name: sender.Item3,
                    Socket: sender.Item1.OpenUdp(sender.Item2, port))).ToList();
                for (var round = 0; round < 3; round++)
                {
                    foreach (var (name, socket) in sockets)
                    {
                        // What it says comes back with the source: nobody gets another's answer.
                        var text = $"{name} {round} {isDynoFirst}";
                        await socket.SendToAsync(Encoding.UTF8.GetBytes(name.PadRight(60)), Port(target));
                        Assert.True(socket.Poll(Patience, SelectMode.SelectRead), $"{text} to {target} has no answer");
                        Assert.Equal(60, socket.Receive(new byte[100]));
                        Assert.False(socket.Poll(TimeSpan.Zero, SelectMode.SelectRead), $"{text}: a second answer");
                    }
                }

                sockets.ForEach(item => item.Socket.Dispose());
                foreach (var dyno in dynos)
                {
                    Assert.NotNull(await OutsideWorld.AskTcpAsync(dyno, "a", target, sourcePort: port));
                }

                Assert.NotNull(await OutsideWorld.AskTcpAsync(pod, "pod", target, sourcePort: port));
            }
        }

        output.WriteLine($"{topology}:\n{outside.Describe()}\n{lab.DescribeDrops()}");
        Assert.Equal(Own(gateway), Sorted(outside.SourcesOf("a")));
        AssertNothingStopped(lab);
    }

    /// <summary>The gateway knows a dyno by its node and port, which the dyno of another space has after it.</summary>
    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task Two_addresses_of_one_gateway_are_never_confused(string topology, int[] nodes, int gateway)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab(nodes, [gateway]);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        IPAddress[] second = [IPAddress.Parse("198.51.100.14"), IPAddress.Parse("fd77::14")];
        lab.Hosts[gateway].Namespace.IpBatch(
            [$"address add {second[0]}/24 dev eth0", $"address add {second[1]}/64 dev eth0 nodad"]);
        lab.Share("a", gateway);
        lab.Share("b", gateway, second);
        lab.Apply();
        var host = lab.Hosts[10];
        var dyno = lab.AddDyno(10, 2, "a");
        for (var turn = 0; turn < 4; turn++)
        {
            var space = turn % 2 == 0 ? "a" : "b";
            lab.Admit(dyno, space);
            // An agent that was started meanwhile does not know who was there before.
            host.EndInherited(lab.Facts(10));
            lab.Apply(10);
            foreach (var target in Targets)
            {
                using var socket = dyno.Namespace.OpenUdp(dyno.AddressFor(target), 20_007);
                await socket.SendToAsync(Encoding.UTF8.GetBytes(space), Port(target));
                Assert.True(socket.Poll(Patience, SelectMode.SelectRead), $"{space}, turn {turn}, to {target}");
            }
        }

        output.WriteLine($"{topology}:\n{outside.Describe()}\n{lab.DescribeDrops()}");
        Assert.Equal(Own(gateway), Sorted(outside.SourcesOf("a")));
        Assert.Equal(second, Sorted(outside.SourcesOf("b")));
        AssertNothingStopped(lab);
    }

    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task Nothing_leaks_without_a_way_or_rules(string topology, int[] nodes, int gateway)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab(nodes, [gateway]);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        lab.Share("a", gateway);
        lab.Apply();
        var dyno = lab.AddDyno(10, 2, "a");
        Assert.NotNull(await OutsideWorld.AskTcpAsync(dyno, "a", EgressLab.Outside));
        var before = lab.Spaces;

        // No gateway has it.
        lab.Spaces = [.. before.Select(space => space with
        {
            Addresses = [.. space.Addresses.Select(address => address with { Gateways = [] })],
        })];
        lab.Apply();
        await AllFailAsync(dyno, "no gateway");
        // No ports are given to the node.
        lab.Spaces = [.. before.Select(space => space with
        {
            Addresses = [.. space.Addresses.Select(address => address with { Ports = [] })],
        })];
        lab.Apply();
        await AllFailAsync(dyno, "no ports");
        // The gateway's rules are gone: what comes through the tunnel has a source that the outside cannot answer.
        lab.Spaces = before;
        lab.Apply();
        lab.Hosts[gateway].Namespace.Nft("flush ruleset");
        lab.Hosts[gateway].Namespace.Nft(LabHost.Masquerade);
        await AllFailAsync(dyno, "flushed");

        output.WriteLine($"{topology}:\n{outside.Describe()}\n{lab.DescribeDrops()}");
        Assert.Equal(["a"], outside.Seen.Keys.Select(key => key.Sender).Distinct());
    }

    /// <summary>The range is reserved as long as the node is the gateway, beside what others reserved.</summary>
    [Fact]
    public void The_kernel_keeps_the_nodes_own_sockets_off_the_range()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11]);
        lab.Hosts[11].Namespace.Set("ipv4/ip_local_reserved_ports", "8080,30000-30010");
        var before = lab.Spaces;
        lab.Share("a", 11);
        lab.Apply();
        Assert.Equal("8080,17408-29695,30000-30010", Reserved(11));
        Assert.Equal("", Reserved(10));

        lab.Spaces = before;
        lab.Apply();
        Assert.Equal("8080,30000-30010", Reserved(11));

        string Reserved(int node) => lab.Hosts[node].Namespace.Run(
            () => Linux.Namespaces.Sysctl.Read("ipv4/ip_local_reserved_ports")!);
    }

    [Theory]
    [InlineData("", true, "17408-29695")]
    [InlineData("", false, "")]
    [InlineData("8080", true, "8080,17408-29695")]
    [InlineData("17408-29695", true, "17408-29695")]
    [InlineData("17000-29695,40000", true, "17000-29695,40000")]
    [InlineData("17408-29694", true, "17408-29694,17408-29695")]
    [InlineData("17000-29695,40000", false, "17000-29695,40000")]
    [InlineData("8080,17408-29695,40000", false, "8080,40000")]
    public void A_range_is_reserved_beside_what_others_reserve(string before, bool areReserved, string after) =>
        Assert.Equal(after, ReservedPorts.Change(before, areReserved));

    /// <summary>An address goes with its node: nobody takes it over, and nothing leaves from another one.</summary>
    [Fact]
    public async Task Live_connections_survive_agents_that_restart_and_end_with_the_gateway()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10, 12], [11, 12]);
        lab.Share("a", 12);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        lab.StartWorkers();
        await UntilAsync(lab, () => lab.Hosts[12].Worker!.State.Holds.Length == 2);
        List<LabPod> dynos = [lab.AddPod(10, 2, "a"), lab.AddPod(12, 2, "a")];
        foreach (var dyno in dynos)
        {
            await OutsideWorld.PassGateAsync(dyno, LabHost.AddressOf(12));
            await UntilAnsweredAsync(lab, dyno);
        }

        var open = new List<LiveConnection>();
        foreach (var (dyno, target, speaker) in from dyno in dynos
                                                from target in Targets
                                                from speaker in Enum.GetValues<Speaker>()
                                                select (dyno, target, speaker))
        {
            open.Add(await LiveConnection.OpenAsync(dyno, lab.OutsideHost, speaker, target));
        }

        await AllGoOnAsync();
        foreach (var host in lab.Hosts.Values)
        {
            host.RestartWorker();
        }

        lab.Post();
        await UntilAsync(lab, () => lab.Hosts[12].Worker!.State is { Holds.Length: 2, Problem: null });
        await AllGoOnAsync();
        // What an agent counts every 15 seconds does not end them either.
        foreach (var number in lab.Hosts.Keys)
        {
            lab.Hosts[number].EndInherited(lab.Facts(number) with { Dynos = FactsOf(number) });
        }

        await AllGoOnAsync();
        Assert.All(open, connection => Assert.Contains(connection.Source, Own(12)));
        AssertNothingStopped(lab);

        lab.SetLink(12, isUp: false);
        await AllFailAsync(dynos[0], "gateway dead");
        lab.SetLink(12, isUp: true);
        await UntilAnsweredAsync(lab, dynos[0]);
        output.WriteLine(outside.Describe());
        Assert.Equal(Own(12), Sorted(outside.SourcesOf("a")));
        Assert.Empty(outside.SourcesOf("gateway dead"));
        foreach (var connection in open)
        {
            await connection.DisposeAsync();
        }

        async Task AllGoOnAsync()
        {
            foreach (var connection in open)
            {
                Assert.True(
                    await connection.GoesOnAsync(Patience), $"{connection.Speaker} from {connection.Source}\n"
                    + lab.DescribeDrops());
            }
        }

        System.Collections.Immutable.ImmutableArray<EgressDyno> FactsOf(int node)
        {
            foreach (var pod in lab.Hosts[node].Pods)
            {
                lab.Admit(pod, "a");
            }

            return [.. lab.Hosts[node].Dynos];
        }
    }

    /// <summary>So that the agent goes on with it at once after a restart.</summary>
    [Fact]
    public void What_an_earlier_run_serves_includes_shared_addresses()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11]);
        lab.Share("a", 11);
        lab.Apply();
        using var applier = lab.Hosts[11].Namespace.Run(() => new EgressApplier(KernelAccess.Open(EgressTable.Name)));

        Assert.Equal(Sorted([.. Own(11), EgressLab.FixedB, EgressLab.FixedB6]), Sorted(applier.Served()));
    }

    private static void AssertNothingStopped(EgressLab lab) => Assert.All(lab.Hosts.Values, host =>
    {
        var counters = host.Counters();
        Assert.Equal(0, counters[EgressRules.Guard]);
        Assert.Equal(0, counters[EgressRules.Foreign]);
    });

    private static IPAddress[] Own(int node) => [LabHost.AddressOf(node), LabHost.Address6Of(node)];

    private static IPEndPoint Port(IPAddress target) => new(target, OutsideWorld.Port);

    /// <summary>In fragments. The first of IPv6, each way, only tells its sender what fits into the tunnel.</summary>
    private static async Task<bool> LargeAsync(LabPod dyno, string sender, IPAddress target)
    {
        await OutsideWorld.PingAsync(dyno, sender, target, Moment, size: 6_000);
        await OutsideWorld.AskUdpAsync(dyno, sender, target, Moment, size: 6_000);
        return await OutsideWorld.AskUdpAsync(dyno, sender, target, size: 6_000) is not null
            && await OutsideWorld.PingAsync(dyno, sender, target, size: 6_000);
    }

    /// <summary>A datagram to a port that nobody listens on.</summary>
    private static async Task<SocketError> AskClosedAsync(LabPod dyno, IPAddress target)
    {
        using var socket = dyno.Namespace.OpenUdp(dyno.AddressFor(target));
        using var patience = new CancellationTokenSource(Patience);
        await socket.ConnectAsync(new IPEndPoint(target, 9), patience.Token);
        await socket.SendAsync(new byte[1], patience.Token);
        try
        {
            await socket.ReceiveAsync(new byte[1], patience.Token);
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
        catch (OperationCanceledException)
        {
            return SocketError.TimedOut;
        }
    }

    private static async Task<bool> ReachesAsync(NetworkNamespace from, IPAddress? source, IPAddress target, int port)
    {
        using var socket = from.Run(() => new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        using var patience = new CancellationTokenSource(Patience);
        if (source is not null)
        {
            socket.Bind(new IPEndPoint(source, 0));
        }

        try
        {
            await socket.ConnectAsync(new IPEndPoint(target, port), patience.Token);
            return await socket.ReceiveAsync(new byte[1], patience.Token) == 1;
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            return false;
        }
    }

    /// <summary>A connection of the node itself; gives the source that the outside saw.</summary>
    private static async Task<string?> AskAsync(NetworkNamespace from, IPAddress source, IPAddress target, int port)
    {
        using var socket = from.OpenTcp(source, port);
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await socket.ConnectAsync(Port(target), patience.Token);
            await socket.SendAsync("node\n"u8.ToArray(), patience.Token);
            var buffer = new byte[100];
            return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, patience.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            return null;
        }
    }

    private static async Task AllFailAsync(LabPod pod, string sender)
    {
        var answers = await Task.WhenAll(Targets.SelectMany(target => new[]
        {
            OutsideWorld.AskTcpAsync(pod, sender, target, Moment),
            OutsideWorld.AskUdpAsync(pod, sender, target, Moment),
        }));
        var pings = await Task.WhenAll(Targets.Select(target => OutsideWorld.PingAsync(pod, sender, target, Moment)));
        Assert.All(answers, Assert.Null);
        Assert.All(pings, Assert.False);
    }

    private static async Task UntilAnsweredAsync(EgressLab lab, LabPod dyno)
    {
        foreach (var target in Targets)
        {
            var isAnswered = false;
            await UntilAsync(lab, async () => isAnswered =
                await OutsideWorld.AskTcpAsync(dyno, "a", target, Moment) is not null);
            Assert.True(isAnswered);
        }
    }

    private static Task UntilAsync(EgressLab lab, Func<bool> isTrue) =>
        UntilAsync(lab, () => Task.FromResult(isTrue()));

    private static async Task UntilAsync(EgressLab lab, Func<Task<bool>> isTrue)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await isTrue())
        {
            Assert.False(patience.IsCancellationRequested, string.Join(
                '\n', lab.Hosts.Values.Select(host => $"{host.Number}: {host.Worker?.State}"))
                + lab.DescribeDrops());
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private static IEnumerable<IPAddress> Sorted(IEnumerable<IPAddress> addresses) =>
        addresses.OrderBy(address => address.AddressFamily).ThenBy(address => address.ToString());

    /// <summary>Listens, and says a byte to each who connects.</summary>
    private sealed class Served : IDisposable
    {
        private readonly List<Socket> _sockets = [];

        public Served(NetworkNamespace place, IPAddress address, params int[] ports)
        {
            Ports = ports;
            foreach (var port in ports)
            {
                var socket = place.OpenTcp(address, port);
                socket.Listen(16);
                _sockets.Add(socket);
                _ = ServeAsync(socket);
            }
        }

        public IReadOnlyList<int> Ports { get; }

        public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

        private static async Task ServeAsync(Socket listener)
        {
            while (true)
            {
                try
                {
                    using var client = await listener.AcceptAsync();
                    await client.SendAsync(new byte[1]);
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException)
                {
                    return;
                }
            }
        }
    }
}
