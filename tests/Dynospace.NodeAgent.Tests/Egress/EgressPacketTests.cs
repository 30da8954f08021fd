using System.Net;
using System.Net.Sockets;
using System.Text;
using Dynospace.NodeAgent.Egress;
using Dynospace.Testing.Networks;

namespace Dynospace.NodeAgent.Tests.Egress;

/// <summary>
/// Real packets of dynos to a host outside, which says what it sees. Nodes check reverse paths strictly.
/// </summary>
public sealed class EgressPacketTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);

    public static TheoryData<string, int[], int[], bool> Topologies => new()
    {
        { "a node and a gateway", [10], [11], false },
        { "a node that is its own gateway", [10], [10], false },
        { "two nodes and a gateway", [10, 12], [11], false },
        { "two nodes, of which one is the gateway", [10, 12], [12], false },
        { "a node and a gateway without the tunnel", [10], [11], true },
        { "two nodes without the tunnel, of which one is the gateway", [10, 12], [12], true },
    };

    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task The_outside_sees_the_fixed_ips_of_the_space_and_nothing_else(
        string topology, int[] nodes, int[] gateways, bool isNative)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab(nodes, gateways, isNative);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        lab.Apply();
        foreach (var node in nodes)
        {
            foreach (var (space, index) in new[] { ("a", 2), ("b", 3) })
            {
                var dyno = lab.AddDyno(node, index, space);
                foreach (var target in new[] { EgressLab.Outside, EgressLab.Outside6 })
                {
                    var isKnown = await OutsideWorld.AskTcpAsync(dyno, space, target) is not null
                        && await OutsideWorld.AskUdpAsync(dyno, space, target) is not null
                        && await OutsideWorld.PingAsync(dyno, space, target)
                        && await LargeAsync(dyno, space, target);
                    Assert.True(isKnown, $"{space} on {node} to {target}: {outside.Describe()}\n{lab.DescribeDrops()}");
                }
            }
        }

        output.WriteLine($"{topology}:\n{outside.Describe()}\n{lab.DescribeDrops()}");
        Assert.Equal([EgressLab.FixedA, EgressLab.FixedA6], Sorted(outside.SourcesOf("a")));
        Assert.Equal([EgressLab.FixedB, EgressLab.FixedB6], Sorted(outside.SourcesOf("b")));
        Assert.All(lab.Hosts.Values, host => Assert.Equal(0, host.Counters()[EgressRules.Guard]));
    }

    /// <summary>The gate answers on IPv6 too, and nothing of IPv4 leaves.</summary>
    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task A_space_with_ipv6_addresses_alone_passes_the_gate_and_has_no_way_out_on_ipv4(
        string topology, int[] nodes, int[] gateways, bool isNative)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab(nodes, gateways, isNative);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        lab.Spaces = [.. lab.Spaces.Select(space => space with { Addresses = [space.Addresses[1]] })];
        lab.Apply();
        lab.OpenGates();
        foreach (var node in nodes)
        {
            var dyno = lab.AddDyno(node, 2, "a");
            var stranger = lab.Hosts[node].AddPod(3);

            Assert.Equal(
                EgressLab.FixedA6.ToString(),
                await OutsideWorld.AskGateAsync(dyno, gate: TunnelNumbers.GateAddress6));
            Assert.Null(await OutsideWorld.AskGateAsync(dyno, Moment));
            Assert.Null(await OutsideWorld.AskGateAsync(stranger, Moment, gate: TunnelNumbers.GateAddress6));
            foreach (var gateway in gateways)
            {
                Assert.Null(await OutsideWorld.AskGateAsync(
                    stranger, Moment, gate: TunnelNumbers.GateAddress6Of(gateway)));
            }

            Assert.NotNull(await OutsideWorld.AskTcpAsync(dyno, "a", EgressLab.Outside6));
            Assert.Null(await OutsideWorld.AskTcpAsync(dyno, "a", EgressLab.Outside, Moment));
        }

        output.WriteLine($"{topology}:\n{outside.Describe()}\n{lab.DescribeDrops()}");
        Assert.Equal([EgressLab.FixedA6], outside.SourcesOf("a"));
    }

    /// <summary>More connections to one destination than one block has ports: those of all, and no other.</summary>
    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task Connections_use_all_ports_of_all_blocks_of_their_node(
        string topology, int[] nodes, int[] gateways, bool isNative)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab(nodes, gateways, isNative);
        PortBlock[] blocks = [new(10, 30_000, 30_063), new(10, 40_000, 40_063), new(10, 40_064, 40_127)];
        lab.Spaces =
        [
            .. lab.Spaces.Select(space => space with
            {
                Addresses = [.. space.Addresses.Select(address => address with
                {
                    Ports = [.. address.Ports.Where(block => block.Node != 10), .. blocks],
                })],
            }),
        ];
        lab.Apply();
        var dyno = lab.AddDyno(10, 2, "a");
        foreach (var target in new[] { EgressLab.Outside, EgressLab.Outside6 })
        {
            // The first packet waits until the neighbours on the way are found, and only a few wait with it.
            Assert.True(await OutsideWorld.PingAsync(dyno, "a", target));
            using var listener = lab.OutsideHost.Namespace.Run(() =>
                new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
            listener.Bind(new IPEndPoint(target, 9001));
            var senders = Enumerable.Range(0, 150).Select(i => Bound(dyno, target, 50_000 + i)).ToList();
            senders.ForEach(sender => sender.SendTo(new byte[1], new IPEndPoint(target, 9001)));

            var ports = new HashSet<int>();
            while (listener.Poll(Moment, SelectMode.SelectRead))
            {
                EndPoint from = new IPEndPoint(target, 0);
                listener.ReceiveFrom(new byte[1], ref from);
                ports.Add(((IPEndPoint)from).Port);
            }

            senders.ForEach(sender => sender.Dispose());
            output.WriteLine($"{topology}, {target}: {ports.Count} ports, {ports.Min()} to {ports.Max()}");
            Assert.True(ports.Count > 128, $"{ports.Count} ports");
            Assert.All(ports, port => Assert.Contains(blocks, block => port >= block.First && port <= block.Last));
        }
    }

    /// <summary>Whether the address is announced, or the gateway's own, where ports differ in the tunnel.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_retiring_block_keeps_its_connections_gets_no_others_and_is_seen_when_they_end(bool isShared)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11]);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        if (isShared)
        {
            lab.Share("a", 11);
        }

        lab.Apply();
        var dyno = lab.AddDyno(10, 2, "a");
        var targets = new[] { EgressLab.Outside, EgressLab.Outside6 };
        var open = targets.Select(target => Bound(dyno, target, 20_500)).ToList();
        await AllAnswerAsync();

        lab.Spaces =
        [
            .. lab.Spaces.Select(space => space with
            {
                Addresses =
                [
                    .. space.Addresses.Select(address => address with
                    {
                        Ports =
                        [
                            .. address.Ports.Select(block => block with { IsRetiring = true }),
                            new PortBlock(10, 24_096, 24_159),
                        ],
                    }),
                ],
            }),
        ];
        lab.Apply();

        await AllAnswerAsync();
        for (var i = 0; i < 10; i++)
        {
            foreach (var target in targets)
            {
                Assert.NotNull(await OutsideWorld.AskTcpAsync(dyno, "new", target));
                Assert.NotNull(await OutsideWorld.AskUdpAsync(dyno, "new", target));
            }
        }

        output.WriteLine(outside.Describe());
        Assert.All(outside.PortsOf("old"), port => Assert.Equal(20_500, port));
        if (!isShared)
        {
            // The gateway takes the port of its own address as it is free.
            Assert.All(outside.PortsOf("new"), port => Assert.InRange(port, 24_096, 24_159));
        }

        var addresses = lab.Spaces[0].Addresses.Select(address => address.Address).ToList();
        Assert.Superset(
            addresses.SelectMany(address => new[] { (address, 20_000), (address, 24_096) }).ToHashSet(),
            lab.Hosts[10].EndInherited(lab.Facts(10)).Blocks.ToHashSet());
        // The connections end with their dyno.
        EgressLab.Release(dyno);
        Assert.Empty(lab.Hosts[10].EndInherited(lab.Facts(10), dyno.Addresses).Blocks);

        async Task AllAnswerAsync()
        {
            foreach (var (socket, target) in open.Zip(targets))
            {
                await socket.SendToAsync("old"u8.ToArray(), new IPEndPoint(target, OutsideWorld.Port));
                Assert.True(socket.Poll(TimeSpan.FromSeconds(5), SelectMode.SelectRead), $"to {target}");
                socket.Receive(new byte[100]);
            }
        }
    }

    /// <summary>A closed port outside, which an ICMP error says, and segments that fit into the tunnel.</summary>
    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task Errors_come_back_and_segments_fit(string topology, int[] nodes, int[] gateways, bool isNative)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab(nodes, gateways, isNative);
        lab.Apply();
        var dyno = lab.AddDyno(10, 2, "a");
        foreach (var target in new[] { EgressLab.Outside, EgressLab.Outside6 })
        {
            using var closed = Bound(dyno, target, 0);
            await closed.ConnectAsync(new IPEndPoint(target, 9), TestContext.Current.CancellationToken);
            await closed.SendAsync(new byte[1], TestContext.Current.CancellationToken);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            var error = await Assert.ThrowsAsync<SocketException>(
                async () => await closed.ReceiveAsync(new byte[1], patience.Token));
            Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);

            using var listener = lab.OutsideHost.Namespace.Run(() =>
                new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
            listener.Bind(new IPEndPoint(target, 9002));
            listener.Listen(1);
            using var client = dyno.Namespace.Run(() =>
                new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
            await client.ConnectAsync(new IPEndPoint(target, 9002), patience.Token);
            using var server = await listener.AcceptAsync(patience.Token);
            var segment = new byte[sizeof(int)];
            server.GetRawSocketOption((int)SocketOptionLevel.Tcp, 2, segment);
            var largest = BitConverter.ToInt32(segment);
            output.WriteLine($"{topology}, {target}: segments of {largest}");
            Assert.InRange(largest, 1200, gateways.Contains(10) || isNative ? 1460 : 1410);
            var sending = client.SendAsync(new byte[1_000_000], patience.Token);
            var received = 0;
            while (received < 1_000_000)
            {
                received += await server.ReceiveAsync(new byte[65_536], patience.Token);
            }

            await sending;
        }
    }

    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task The_gate_tells_what_the_outside_sees(string topology, int[] nodes, int[] gateways, bool isNative)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab(nodes, gateways, isNative);
        lab.Apply();
        lab.OpenGates();
        foreach (var node in nodes)
        {
            var stranger = lab.Hosts[node].AddPod(9);
            Assert.Null(await OutsideWorld.AskGateAsync(stranger, Moment));
            Assert.Equal("198.51.100.201", await OutsideWorld.AskGateAsync(lab.AddDyno(node, 2, "a")));
            Assert.Equal("198.51.100.203", await OutsideWorld.AskGateAsync(lab.AddDyno(node, 3, "b")));
        }

        output.WriteLine($"{topology}: {lab.DescribeDrops()}");
    }

    /// <summary>
    /// The number of the other space in a hand-made packet of the tunnel, sent to the gateway: the node's masquerade
    /// would make it a packet of the node.
    /// </summary>
    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task A_packet_of_the_tunnel_that_a_pod_makes_is_dropped(
        string topology, int[] nodes, int[] gateways, bool isNative)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab(nodes, gateways, isNative);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        lab.Apply();
        var dyno = lab.AddDyno(10, 2, "a");
        var stranger = lab.Hosts[10].AddPod(9);
        Assert.NotNull(await OutsideWorld.AskUdpAsync(dyno, "a", EgressLab.Outside));
        foreach (var (pod, target, number) in from pod in new[] { dyno, stranger }
                                              from host in lab.Hosts.Keys
                                              from number in new[] { 1, 2, 0x4000, 0 }
                                              select (pod, host, number))
        {
            foreach (var source in new[] { EgressLab.FixedB, EgressLab.FixedA, pod.Addresses[0] })
            {
                ForgedPacket.Send(pod, LabHost.AddressOf(target), target, number, source, EgressLab.Outside);
            }
        }

        // What was sent before it has arrived.
        Assert.NotNull(await OutsideWorld.AskUdpAsync(dyno, "a", EgressLab.Outside));
        output.WriteLine($"{topology}:\n{outside.Describe()}\n{lab.DescribeDrops()}");
        Assert.Equal(["a"], outside.Seen.Keys.Select(key => key.Sender).Distinct());
    }

    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task What_is_not_known_or_has_no_way_leaves_nothing(
        string topology, int[] nodes, int[] gateways, bool isNative)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab(nodes, gateways, isNative);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        lab.Apply();
        var dyno = lab.AddDyno(10, 2, "a");
        Assert.Equal("198.51.100.201", await OutsideWorld.AskTcpAsync(dyno, "a", EgressLab.Outside));

        // Nobody has the fixed IP.
        lab.Holders[1] = lab.Holders[11] = 99;
        lab.Apply();
        await AllFailAsync(dyno, "no gateway");
        // The dyno has none of the space's IPs.
        lab.Holders.Clear();
        var host = lab.Hosts[10];
        var before = host.Dynos.ToList();
        host.Dynos.Clear();
        host.Dynos.AddRange(before.Select(item => item with { Number = null }));
        lab.Apply();
        await AllFailAsync(dyno, "no fixed IP");
        // The rules are flushed, and the network's masquerade is back first.
        host.Dynos.Clear();
        host.Dynos.AddRange(before);
        lab.Apply();
        host.Namespace.Nft("flush ruleset");
        host.Namespace.Nft(LabHost.Masquerade);
        await AllFailAsync(dyno, "flushed");
        // Restored.
        host.Forget();
        lab.Apply();
        Assert.Equal("198.51.100.201", await OutsideWorld.AskTcpAsync(dyno, "a", EgressLab.Outside));

        output.WriteLine($"{topology}:\n{outside.Describe()}\n{lab.DescribeDrops()}");
        Assert.Equal([EgressLab.FixedA], outside.SourcesOf("a"));
        Assert.Equal(["a"], outside.Seen.Keys.Select(key => key.Sender).Distinct());
    }

    /// <summary>
    /// Ports of the node that lead to a dyno, as hostPort and NodePort have them: the reply keeps the way by which the
    /// request came, from its node's address.
    /// </summary>
    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task A_reply_through_a_port_of_the_node_leaves_by_the_node(
        string topology, int[] nodes, int[] gateways, bool isNative)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab(nodes, gateways, isNative);
        lab.Apply();
        var dyno = lab.AddDyno(10, 2, "a");
        lab.Hosts[10].Namespace.Nft("""
            table ip ports {
              chain in { type nat hook prerouting priority dstnat; policy accept;
                ip daddr 198.51.100.10 tcp dport 8080 dnat to 10.244.10.2:80
              }
            }
            """);
        using var listener = dyno.Namespace.Run(() =>
        {
            var opened = new TcpListener(IPAddress.Any, 80);
            opened.Start();
            return opened;
        });
        using var client = lab.OutsideHost.Namespace.Run(() =>
            new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        client.Bind(new IPEndPoint(EgressLab.Outside, 0));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));

        await client.ConnectAsync(new IPEndPoint(LabHost.AddressOf(10), 8080), patience.Token);

        using var server = await listener.AcceptSocketAsync(patience.Token);
        await server.SendAsync(Encoding.UTF8.GetBytes("hello"), patience.Token);
        var buffer = new byte[16];
        Assert.Equal(5, await client.ReceiveAsync(buffer, patience.Token));
        output.WriteLine($"{topology}: {client.RemoteEndPoint} answered {client.LocalEndPoint}");
    }

    /// <summary>
    /// The network would translate it to the node's address: a node that has no ports yet, and a protocol of IPv6 in
    /// IPv4, which no rule translates.
    /// </summary>
    [Theory]
    [MemberData(nameof(Topologies))]
    public async Task What_is_not_translated_does_not_leave(string topology, int[] nodes, int[] gateways, bool isNative)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab(nodes, gateways, isNative);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        lab.Apply();
        var dyno = lab.AddDyno(10, 2, "a");
        lab.OutsideHost.Namespace.Nft("""
            table ip seen {
              chain in { type filter hook prerouting priority raw; policy accept;
                ip protocol 58 counter
              }
            }
            """);
        using var sender = dyno.Namespace.Run(() =>
            new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw));
        // The kernel adds its length, checksum and source.
        byte[] packet =
        [
            0x45,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            64,
            58,
            .. new byte[6],
            .. EgressLab.Outside.GetAddressBytes(),
            .. new byte[8],
        ];

        Assert.NotNull(await OutsideWorld.AskUdpAsync(dyno, "a", EgressLab.Outside));
        sender.SendTo(packet, new IPEndPoint(EgressLab.Outside, 0));
        lab.Spaces =
        [
            .. lab.Spaces.Select(space => space with
            {
                Addresses =
                [
                    .. space.Addresses.Select(address => address with
                    {
                        Ports = [.. address.Ports.Where(block => block.Node != 10)],
                    }),
                ],
            }),
        ];
        lab.Apply();
        await AllFailAsync(dyno, "no ports");

        output.WriteLine($"{topology}:\n{outside.Describe()}\n{lab.DescribeDrops()}");
        Assert.Contains("packets 0 ", lab.OutsideHost.Namespace.Nft("list chain ip seen in"), StringComparison.Ordinal);
        Assert.Equal(["a"], outside.Seen.Keys.Select(key => key.Sender).Distinct());
    }

    /// <summary>In fragments. The first of IPv6, each way, only tells its sender what fits into the tunnel.</summary>
    private static async Task<bool> LargeAsync(LabPod dyno, string sender, IPAddress target)
    {
        await OutsideWorld.PingAsync(dyno, sender, target, Moment, size: 6_000);
        await OutsideWorld.AskUdpAsync(dyno, sender, target, Moment, size: 6_000);
        return await OutsideWorld.AskUdpAsync(dyno, sender, target, size: 6_000) is not null
            && await OutsideWorld.PingAsync(dyno, sender, target, size: 6_000);
    }

    private static Socket Bound(LabPod dyno, IPAddress target, int port)
    {
        var socket = dyno.Namespace.Run(() =>
            new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        socket.Bind(new IPEndPoint(dyno.AddressFor(target), port));
        return socket;
    }

    private static async Task AllFailAsync(LabPod pod, string sender)
    {
        var targets = new[] { EgressLab.Outside, EgressLab.Outside6 };
        var answers = await Task.WhenAll(targets.SelectMany(target => new[]
        {
            OutsideWorld.AskTcpAsync(pod, sender, target, Moment),
            OutsideWorld.AskUdpAsync(pod, sender, target, Moment),
        }));
        var pings = await Task.WhenAll(targets.Select(target => OutsideWorld.PingAsync(pod, sender, target, Moment)));
        Assert.All(answers, Assert.Null);
        Assert.All(pings, Assert.False);
    }

    private static IEnumerable<IPAddress> Sorted(IEnumerable<IPAddress> addresses) =>
        addresses.OrderBy(address => address.AddressFamily).ThenBy(address => address.ToString());
}
