using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.Egress;
using Dynospace.Testing.Networks;

namespace Dynospace.NodeAgent.Tests.Egress;

/// <summary>Gateways that die, are cut off, or make room, while connections of dynos are open through them.</summary>
public sealed class EgressFailoverTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Live_connections_survive_a_gateway_that_dies(bool isNative)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11, 12], isNative);
        await using var open = await OpenAsync(lab);
        open.ResetGaps();

        lab.SetLink(11, isUp: false);
        await UntilAsync(lab, () => Holds(lab, 12));

        await open.GoOnAsync(output, lab);
        // Who is cut off gives up by itself.
        await UntilAsync(lab, () => lab.Hosts[11].Worker!.State is { IsFenced: true, Holds.IsEmpty: true });
        lab.SetLink(11, isUp: true);
        await UntilAsync(lab, () => !lab.Hosts[11].Worker!.State.IsFenced);
        await open.GoOnAsync(output, lab);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Live_connections_survive_a_planned_move(bool isNative)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11, 12], isNative);
        await using var open = await OpenAsync(lab);
        open.ResetGaps();

        SetOrder(lab, 12, 11);

        await UntilAsync(lab, () => Holds(lab, 12) && lab.Hosts[11].Worker!.State.Holds.IsEmpty);
        await open.GoOnAsync(output, lab);
        // And back, with the one that was first for a while.
        SetOrder(lab, 11, 12);
        await UntilAsync(lab, () => Holds(lab, 11) && lab.Hosts[12].Worker!.State.Holds.IsEmpty);
        await open.GoOnAsync(output, lab);
    }

    /// <summary>The dyno's own node becomes and ceases to be its gateway.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Live_connections_survive_a_move_to_the_dynos_own_node_and_away(bool isNative)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11, 10], isNative);
        await using var open = await OpenAsync(lab);
        open.ResetGaps();

        SetOrder(lab, 10, 11);
        await UntilAsync(lab, () => Holds(lab, 10));
        await open.GoOnAsync(output, lab);

        SetOrder(lab, 11, 10);
        await UntilAsync(lab, () => Holds(lab, 11));
        await open.GoOnAsync(output, lab);
    }

    [Fact]
    public async Task An_agent_that_ends_or_an_api_server_that_is_away_changes_nothing()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11, 12]);
        await using var open = await OpenAsync(lab);

        foreach (var host in lab.Hosts.Values)
        {
            host.IsApiReached = false;
        }

        await Task.Delay(new FailoverTimes().DeadAfter * 2, TestContext.Current.CancellationToken);
        await UntilAsync(lab, () => Holds(lab, 11));
        lab.Hosts[10].StopWorker();
        await open.GoOnAsync(output, lab);
    }

    /// <summary>Both reach the API server, and neither hears the other: one of them has the addresses.</summary>
    [Fact]
    public async Task Of_two_nodes_that_lose_the_way_between_them_one_has_the_addresses()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([11, 12], [11, 12]);
        lab.StartWorkers();
        await UntilAsync(lab, () => Holds(lab, 11));

        foreach (var host in lab.Hosts.Values)
        {
            host.Namespace.Nft("""
                table inet cut {
                  chain in {
                    type filter hook input priority -50
                    udp dport 4790 drop
                  }
                }
                """);
        }

        await UntilAsync(lab, () => lab.Lease.Holder == "n11" && lab.Hosts[12].Worker!.State.IsFenced);
        await Task.Delay(new FailoverTimes().DeadAfter * 2, TestContext.Current.CancellationToken);
        await UntilAsync(lab, () => Holds(lab, 11) && lab.Hosts[12].Worker!.State.Holds.IsEmpty);
        Assert.Equal([lab.Hosts[11].Mac], await WhoHasAsync(lab, EgressLab.FixedA));

        foreach (var host in lab.Hosts.Values)
        {
            host.Namespace.Nft("delete table inet cut");
        }

        await UntilAsync(lab, () => !lab.Hosts[12].Worker!.State.IsFenced && Holds(lab, 11));
    }

    /// <summary>However it ends: what answers for the addresses ends with it, before another takes them over.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_an_agent_ends_or_hangs_only_the_next_gateway_answers(bool isHanging)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11, 12]);
        await using var open = await OpenAsync(lab);
        Assert.Equal([lab.Hosts[11].Mac], await WhoHasAsync(lab, EgressLab.FixedA));
        Assert.Equal([lab.Hosts[11].Mac], await WhoHasAsync(lab, EgressLab.FixedA6));
        open.ResetGaps();

        if (isHanging)
        {
            lab.Hosts[11].Hang();
            lab.Post();
        }
        else
        {
            lab.Hosts[11].StopWorker();
        }

        await UntilAsync(lab, () => Holds(lab, 12));
        Assert.Equal([lab.Hosts[12].Mac], await WhoHasAsync(lab, EgressLab.FixedA));
        Assert.Equal([lab.Hosts[12].Mac], await WhoHasAsync(lab, EgressLab.FixedA6));
        await open.GoOnAsync(output, lab);
    }

    /// <summary>With no other gateway there is nobody to take over, so the kernel goes on answering.</summary>
    [Fact]
    public async Task The_only_gateway_answers_on_when_its_agent_ends()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11]);
        await using var open = await OpenAsync(lab);

        lab.Hosts[11].StopWorker();
        lab.OutsideHost.Namespace.Ip("neigh flush all");

        await open.GoOnAsync(output, lab);
    }

    [Fact]
    public async Task An_address_that_another_machine_has_is_not_announced_and_that_machine_is_named()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11, 12]);
        var foreign = lab.OutsideHost;
        foreign.Namespace.IpBatch(
        [
            $"address add {EgressLab.FixedA}/32 dev eth0", $"address add {EgressLab.FixedA6}/128 dev eth0 nodad",
        ]);

        lab.StartWorkers();
        await UntilAsync(lab, () => lab.Hosts[11].Worker!.State is { Holds.Length: 2, Occupied.Count: 2 });

        var state = lab.Hosts[11].Worker!.State;
        var mac = string.Join(':', foreign.Mac.GetAddressBytes().Select(item => $"{item:x2}"));
        Assert.Equal([EgressLab.FixedB, EgressLab.FixedB6], state.Holds);
        Assert.Equal([foreign.Mac, foreign.Mac], state.Occupied.Values);
        Assert.Contains($"198.51.100.201 is in use by the machine with the hardware address {mac}", state.Problem!,
            StringComparison.Ordinal);
        Assert.Empty(await WhoHasAsync(lab, EgressLab.FixedA));
        var pod = lab.AddPod(10, 2, "b");
        await OutsideWorld.PassGateAsync(pod, EgressLab.FixedB);

        foreign.Namespace.IpBatch(
        [
            $"address del {EgressLab.FixedA}/32 dev eth0", $"address del {EgressLab.FixedA6}/128 dev eth0",
        ]);
        await UntilAsync(lab, () => Holds(lab, 11) && lab.Hosts[11].Worker!.State.Problem is null);
        Assert.Equal([lab.Hosts[11].Mac], await WhoHasAsync(lab, EgressLab.FixedA));
    }

    /// <summary>Else nothing but dynos' packets would reach the node, nor leave it.</summary>
    [Fact]
    public async Task An_address_of_an_interface_is_not_taken_and_the_node_stays_reachable()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11]);
        lab.Hosts[11].Namespace.Ip($"address add {EgressLab.FixedA}/32 dev eth0");

        lab.StartWorkers();
        await UntilAsync(lab, () => lab.Hosts[11].Worker!.State.Holds.Length == 3);

        Assert.Contains("198.51.100.201 is on an interface of this node", lab.Hosts[11].Worker!.State.Problem!,
            StringComparison.Ordinal);
        using var listener = lab.Hosts[11].Namespace.Run(() => new TcpListener(EgressLab.FixedA, 22));
        listener.Start();
        using var client = lab.OutsideHost.Namespace.Run(() => new TcpClient(AddressFamily.InterNetwork));
        using var patience = new CancellationTokenSource(Patience);
        await client.ConnectAsync(EgressLab.FixedA, 22, patience.Token);

        // The space's IPv6 address is taken, and its dynos leave by it; by the other one nothing leaves.
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        var dyno = lab.AddPod(10, 2, "a");
        await OutsideWorld.PassGateAsync(dyno, EgressLab.FixedA6);
        Assert.NotNull(await OutsideWorld.AskTcpAsync(dyno, "a", EgressLab.Outside6));
        Assert.Null(await OutsideWorld.AskTcpAsync(dyno, "a", EgressLab.Outside, TimeSpan.FromMilliseconds(500)));
    }

    /// <summary>As at an upgrade. It goes on with what the kernel forwards.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Agents_that_are_started_again_break_nothing(bool isNative)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11, 12], isNative);
        await using var open = await OpenAsync(lab);
        open.ResetGaps();

        foreach (var number in new[] { 11, 10, 12 })
        {
            lab.Hosts[number].RestartWorker();
            lab.Post();
            await open.GoOnAsync(output, lab);
        }

        await UntilAsync(lab, () => Holds(lab, 11) && lab.Hosts[12].Worker!.State.Holds.IsEmpty);
    }

    [Fact]
    public async Task A_flush_of_all_rules_is_undone()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11, 12]);
        await using var open = await OpenAsync(lab);

        foreach (var host in lab.Hosts.Values)
        {
            host.Namespace.Nft("flush ruleset");
            host.Namespace.Nft(LabHost.Masquerade);
        }

        await open.GoOnAsync(output, lab);
        foreach (var host in lab.Hosts.Values)
        {
            host.Namespace.Ip("rule del pref 60");
            host.Namespace.Ip("link del dynoegress");
        }

        await open.GoOnAsync(output, lab);
    }

    private static async Task<OpenConnections> OpenAsync(EgressLab lab)
    {
        // Not so patient as agents are, so that the test is short.
        lab.StartWorkers(new FailoverTimes { StableAfter = TimeSpan.FromSeconds(3) });
        await UntilAsync(lab, () => Holds(lab, lab.Spaces[0].Addresses[0].Gateways[0]));
        var (a, b) = (lab.AddPod(10, 2, "a"), lab.AddPod(10, 3, "b"));
        await OutsideWorld.PassGateAsync(a, EgressLab.FixedA);
        await OutsideWorld.PassGateAsync(b, EgressLab.FixedB);
        var connections = new List<LiveConnection>();
        foreach (var pod in new[] { a, b })
        {
            foreach (var speaker in Enum.GetValues<Speaker>())
            {
                foreach (var target in new[] { EgressLab.Outside, EgressLab.Outside6 })
                {
                    connections.Add(await LiveConnection.OpenAsync(pod, lab.OutsideHost, speaker, target));
                }
            }
        }

        return new OpenConnections(connections);
    }

    /// <summary>The hardware addresses that answer for an address, as the router sees it.</summary>
    private static async Task<IReadOnlyList<PhysicalAddress>> WhoHasAsync(EgressLab lab, IPAddress address)
    {
        var outside = lab.OutsideHost;
        using var socket = outside.Namespace.Run(() => new AddressSocket(outside.Uplink, address.AddressFamily));
        var found = new HashSet<PhysicalAddress>();
        for (var i = 0; i < 3; i++)
        {
            socket.Probe(address, outside.Mac);
            await Task.Delay(100, TestContext.Current.CancellationToken);
            while (socket.Poll(TimeSpan.Zero))
            {
                if (socket.Receive() is { IsQuestion: false } message && message.Address.Equals(address))
                {
                    found.Add(message.Mac);
                }
            }
        }

        return [.. found];
    }

    private static bool Holds(EgressLab lab, int gateway) =>
        lab.Hosts[gateway].Worker!.State.Holds.Length == lab.Spaces.Sum(space => space.Addresses.Length);

    private static void SetOrder(EgressLab lab, params int[] gateways)
    {
        lab.Spaces =
        [
            .. lab.Spaces.Select(space => space with
            {
                Addresses = [.. space.Addresses.Select(item => item with { Gateways = [.. gateways] })],
            }),
        ];
        lab.Post();
    }

    private static async Task UntilAsync(EgressLab lab, Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, string.Join('\n', lab.Hosts.Values.Select(host =>
                $"{host.Number}: {string.Join(", ", host.Worker?.State.Holds ?? [])} "
                + $"fenced {host.Worker?.State.IsFenced} {host.Worker?.State.Problem}")));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private sealed class OpenConnections(List<LiveConnection> connections) : IAsyncDisposable
    {
        public void ResetGaps() => connections.ForEach(connection => connection.ResetGap());

        public async Task GoOnAsync(ITestOutputHelper output, EgressLab lab)
        {
            var goOn = await Task.WhenAll(connections.Select(connection => connection.GoesOnAsync(Patience)));
            var text = string.Join('\n', connections.Zip(goOn, (connection, goesOn) =>
                $"{connection.Source} {connection.Speaker}: {(goesOn ? "goes on" : "ended")}, "
                + $"longest gap {connection.LongestGap.TotalMilliseconds:F0} ms"));
            output.WriteLine(text);
            Assert.True(goOn.All(item => item), $"{text}\n{lab.DescribeDrops()}");
            ResetGaps();
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var connection in connections)
            {
                await connection.DisposeAsync();
            }
        }
    }
}
