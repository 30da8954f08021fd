using System.Net;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.DynoNetwork;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.NodeAgent.Policies;
using Dynospace.NodeAgent.Status;
using Dynospace.Reachability.Addresses;
using Dynospace.Testing.Networks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.NodeAgent.Tests.DynoNetwork;

/// <summary>The dyno network as a whole: an API server, nodes, the real CNI plugins, real packets.</summary>
public sealed class DynoNetworkPacketTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, 1450)]
    [InlineData(false, 1450)]
    public async Task Dynos_of_all_nodes_reach_each_other_by_their_own_addresses(bool isShared, int mtu)
    {
        await using var nodes = await DynoNodes.StartAsync(2, isShared, Token);
        var first = await nodes[0].SettleAsync();
        await nodes[1].SettleAsync();
        var (a, b, c) = (await nodes[0].AddPodAsync(), await nodes[0].AddPodAsync(), await nodes[1].AddPodAsync());

        // Each is in a /30 of its own, cut out of its node's block.
        Assert.True(first.Block!.Contains(a.Address));
        Assert.False(first.Block.Contains(c.Address));
        Assert.Equal(3, new[] { a, b, c }.Select(pod => NodeBlock.SlotOf(pod.Address)).Distinct().Count());

        foreach (var (from, to) in new[] { (a, b), (b, a), (a, c), (c, a) })
        {
            Assert.Equal(from.Address, await DynoNode.SendAsync(from.Place, null, to.Place, to.Address));
        }

        // The largest packet that a dyno sends whole crosses too.
        Assert.Equal(a.Address, await DynoNode.SendAsync(a.Place, null, c.Place, c.Address, size: mtu - 28));

        // Outside, dynos are their node; and their node reaches them.
        Assert.Equal(
            nodes[0].Address, await DynoNode.SendAsync(a.Place, null, nodes.Router, DynoNodes.Outside));
        Assert.NotNull(await DynoNode.SendAsync(nodes[0].Place, null, a.Place, a.Address));
        Assert.NotNull(await DynoNode.SendAsync(nodes[0].Place, null, c.Place, c.Address));
        Assert.Equal(isShared, !nodes[0].Place.Run(() => Link(KernelFacts.TunnelName)));
    }

    [Fact]
    public async Task A_source_that_is_not_the_dynos_is_dropped()
    {
        await using var nodes = await DynoNodes.StartAsync(1, isShared: true, Token);
        await nodes[0].SettleAsync();
        var (a, b, c) = (await nodes[0].AddPodAsync(), await nodes[0].AddPodAsync(), await nodes[0].AddPodAsync());
        var gateway = IPAddress.Parse(a.Address.ToString()[..^1] + (a.Address.GetAddressBytes()[3] - 1));

        foreach (var forged in new[]
        {
            b.Address, nodes[0].Address, gateway, DynoNodes.Outside, IPAddress.Parse("172.31.255.2"),
            IPAddress.Parse("10.0.0.254"),
        })
        {
            a.Place.Ip($"address add {forged}/32 dev lo");
            Assert.Null(await DynoNode.SendAsync(a.Place, forged, c.Place, c.Address, isExpected: false));
            a.Place.Ip($"address del {forged}/32 dev lo");
        }

        Assert.Equal(a.Address, await DynoNode.SendAsync(a.Place, a.Address, c.Place, c.Address));
        Assert.DoesNotContain("forged_source {\n\t\tpackets 0 ", nodes[0].Table(), StringComparison.Ordinal);

        // Nor does anybody out there speak as a dyno of this node.
        nodes.Router.Ip($"address add {b.Address}/32 dev lo");
        nodes.Router.Ip($"route add {c.Address}/32 via {nodes[0].Address}");
        Assert.Null(await DynoNode.SendAsync(nodes.Router, b.Address, c.Place, c.Address, isExpected: false));
    }

    /// <summary>A tenant that writes the tunnel's packets by hand reaches no other node's dynos with them.</summary>
    [Fact]
    public async Task The_tunnel_takes_packets_of_nodes_alone()
    {
        await using var nodes = await DynoNodes.StartAsync(2, isShared: false, Token);
        await nodes[0].SettleAsync();
        await nodes[1].SettleAsync();
        var (a, b) = (await nodes[0].AddPodAsync(), await nodes[1].AddPodAsync());
        Assert.NotNull(await DynoNode.SendAsync(a.Place, null, b.Place, b.Address));

        foreach (var node in new[] { nodes[0], nodes[1] })
        {
            using var sender = DynoNode.Open(a.Place);
            await sender.SendToAsync(new byte[50], new IPEndPoint(node.Address, 4789));
        }

        using (var outsider = DynoNode.Open(nodes.Router))
        {
            await outsider.SendToAsync(new byte[50], new IPEndPoint(nodes[0].Address, 4789));
        }

        await UntilAsync(() => Task.FromResult(
            nodes[0].Table().Contains("foreign_tunnel {\n\t\tpackets 3 ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_agent_that_is_started_again_changes_nothing_that_is_right()
    {
        await using var nodes = await DynoNodes.StartAsync(2, isShared: false, Token);
        var first = await nodes[0].SettleAsync();
        await nodes[1].SettleAsync();
        var (a, b) = (await nodes[0].AddPodAsync(), await nodes[1].AddPodAsync());
        Assert.NotNull(await DynoNode.SendAsync(a.Place, null, b.Place, b.Address));
        await UntilAsync(() => Task.FromResult(first.Report.IsReady));
        await nodes[0].StopAsync();
        var rules = nodes[0].Place.Nft("list ruleset");
        var written = File.GetLastWriteTimeUtc(nodes[0].ConfigurationFile);
        using var links = nodes[0].Place.Run(() => new NetworkMonitorSocket());
        using var tables = nodes[0].Place.Run(() => new Linux.Filtering.NftablesMonitorSocket(NetworkTable.Name));
        // The kernel is not done with the IPv6 addresses of new links for a second or two.
        while (links.Wait(TimeSpan.FromSeconds(2)))
        {
            links.Take();
        }

        var second = await nodes[0].SettleAsync();

        Assert.Equal(first.Block, second.Block);
        Assert.True(links.Take().IsEmpty);
        Assert.Equal(0, tables.Take().Writers);
        Assert.Equal(WithoutCounts(rules), WithoutCounts(nodes[0].Place.Nft("list ruleset")));
        Assert.Equal(written, File.GetLastWriteTimeUtc(nodes[0].ConfigurationFile));
        Assert.Equal(a.Address, await DynoNode.SendAsync(a.Place, null, b.Place, b.Address));
    }

    [Fact]
    public async Task What_another_program_takes_away_comes_back()
    {
        await using var nodes = await DynoNodes.StartAsync(2, isShared: false, Token);
        await nodes[0].SettleAsync();
        await nodes[1].SettleAsync();
        var (a, b) = (await nodes[0].AddPodAsync(), await nodes[1].AddPodAsync());
        Assert.NotNull(await DynoNode.SendAsync(a.Place, null, b.Place, b.Address));

        nodes[0].Place.Nft("flush ruleset");
        await UntilAsync(() => Task.FromResult(nodes[0].Place.Nft("list tables").Contains(
            NetworkTable.Name, StringComparison.Ordinal)));

        nodes[0].Place.Ip($"link del {KernelFacts.TunnelName}");
        Assert.Equal(a.Address, await DynoNode.SendAsync(a.Place, null, b.Place, b.Address));
    }

    /// <summary>A node comes and goes: its block is routed, and then no more.</summary>
    [Fact]
    public async Task Routes_follow_the_nodes()
    {
        await using var nodes = await DynoNodes.StartAsync(2, isShared: true, Token);
        await nodes[0].SettleAsync();
        var other = (await nodes[1].SettleAsync()).Block!;
        await UntilAsync(() => Task.FromResult(HasRoute()));
        await nodes[1].StopAsync();

        await new NodeNetworkObject(nodes.Cluster.Transport(), "n2").DeleteAsync(Token);

        await UntilAsync(() => Task.FromResult(!HasRoute()));

        bool HasRoute()
        {
            using var stack = nodes[0].Place.Run(NetworkStack.Open);
            return stack.Routes.List().Any(route => AddressRange.FromNetwork(route.Destination) == other);
        }
    }

    /// <summary>
    /// Dynos come and go all at once on three nodes, and of some the runtime is killed in the middle and never deletes
    /// them.
    /// </summary>
    [Fact]
    public async Task Five_hundred_dynos_at_once_have_a_subnet_each_and_all_are_given_back()
    {
        const int each = 167;
        const int lost = 5;
        await using var nodes = await DynoNodes.StartAsync(3, isShared: true, Token);
        var all = Enumerable.Range(0, 3).Select(number => nodes[number]).ToList();
        foreach (var node in all)
        {
            node.Options = node.Options with { BlockPrefix = 22 };
            await node.SettleAsync();
        }

        using var turns = new SemaphoreSlim(8);
        var pods = await Task.WhenAll(all.SelectMany(node => Enumerable.Range(0, each).Select(number => InTurnAsync(
            async () => (Node: node, Pod: number < lost ? await LoseAsync(node) : await node.AddPodAsync())))));

        var held = pods.Where(pod => pod.Pod is not null).Select(pod => pod.Pod!).ToList();
        Assert.Equal(3 * (each - lost), held.Select(pod => NodeBlock.SlotOf(pod.Address)).Distinct().Count());

        // Half of them leave while as many come: nobody gets an address that another still has.
        var (leaving, staying) = (pods.Where((pod, index) => pod.Pod is not null && index % 2 == 0).ToList(),
            pods.Where((pod, index) => pod.Pod is not null && index % 2 != 0).ToList());
        var coming = Task.WhenAll(leaving.Select(pod => InTurnAsync(pod.Node.AddPodAsync)));
        await Task.WhenAll(leaving.Select(pod => InTurnAsync(() => DeleteAsync(pod.Node, pod.Pod!))));
        var next = await coming;
        var after = staying.Select(pod => pod.Pod!).Concat(next).ToList();
        Assert.Equal(after.Count, after.Select(pod => NodeBlock.SlotOf(pod.Address)).Distinct().Count());

        foreach (var node in all)
        {
            await Task.WhenAll(node.Pods(after).Select(pod => InTurnAsync(() => DeleteAsync(node, pod))));
            using var access = node.Place.Run(() => KernelAccess.Open(NetworkTable.Name));
            new NetworkEnforcer(access, node.Options, NullLogger.Instance).FreeUnused(
                new HashSet<string>(), DateTimeOffset.MaxValue);
            Assert.Empty(node.Reservations);
        }

        async Task<T> InTurnAsync<T>(Func<Task<T>> work)
        {
            await turns.WaitAsync(Token);
            try
            {
                return await work();
            }
            finally
            {
                turns.Release();
            }
        }

        static async Task<bool> DeleteAsync(DynoNode node, DynoPod pod)
        {
            await node.DeletePodAsync(pod);
            return true;
        }

        // Killed as soon as it has reserved an address, or a moment before or after.
        static async Task<DynoPod?> LoseAsync(DynoNode node)
        {
            var place = new NetworkNamespace();
            using (var adding = node.Runtime.StartAdd(place))
            {
                adding.Kill(entireProcessTree: true);
                await adding.WaitForExitAsync(Token);
            }

            place.Dispose();
            return null;
        }
    }

    /// <summary>A block that is used up refuses, and frees no address that a dyno has.</summary>
    [Fact]
    public async Task A_full_block_refuses_the_next_dyno_and_harms_none()
    {
        await using var nodes = await DynoNodes.StartAsync(1, isShared: true, Token);
        nodes[0].Options = nodes[0].Options with { BlockPrefix = 28, Range = AddressRange.Parse("172.16.0.0/24") };
        var agent = await nodes[0].StartAsync();
        await UntilAsync(() => Task.FromResult(agent.Report.Message.Contains(
            "has 4 subnets, and the kubelet runs up to 110 pods", StringComparison.Ordinal)));
        Assert.Empty(Directory.GetFiles(nodes[0].Options.ConfigurationFolder));

        await nodes.Cluster.SetPodCapacityAsync("n1", 4, Token);
        await agent.Settled.WaitAsync(Token);
        var pods = new List<DynoPod>();
        for (var i = 0; i < 4; i++)
        {
            pods.Add(await nodes[0].AddPodAsync());
        }

        await Assert.ThrowsAsync<InvalidOperationException>(nodes[0].AddPodAsync);
        Assert.Equal(
            pods[0].Address, await DynoNode.SendAsync(pods[0].Place, null, pods[3].Place, pods[3].Address));

        await nodes[0].DeletePodAsync(pods[1]);
        Assert.Equal(pods[1].Address, (await nodes[0].AddPodAsync()).Address);
    }

    [Fact]
    public async Task What_a_runtime_that_was_killed_reserved_is_freed()
    {
        await using var nodes = await DynoNodes.StartAsync(1, isShared: true, Token);
        await nodes[0].SettleAsync();
        var pod = await nodes[0].AddPodAsync();
        var lost = new NetworkNamespace();
        using (var adding = nodes[0].Runtime.StartAdd(lost))
        {
            while (nodes[0].Reservations.Count() < 2 && !adding.HasExited)
            {
                await Task.Yield();
            }

            adding.Kill(entireProcessTree: true);
            await adding.WaitForExitAsync(Token);
        }

        // The namespace goes, and with it whatever of the link there was; no DEL comes.
        lost.Dispose();
        Assert.Equal(2, nodes[0].Reservations.Count());
        using var access = nodes[0].Place.Run(() => KernelAccess.Open(NetworkTable.Name));
        var enforcer = new NetworkEnforcer(
            access, nodes[0].Options, NullLogger.Instance);
        var used = new HashSet<string> { pod.Address.ToString() };

        Assert.Equal(0, enforcer.FreeUnused(used, DateTimeOffset.UnixEpoch));
        Assert.Equal(1, enforcer.FreeUnused(used, DateTimeOffset.MaxValue));
        Assert.Equal([pod.Address.ToString()], nodes[0].Reservations);
    }

    [Fact]
    public async Task Beside_a_network_with_an_agent_nothing_is_written()
    {
        await using var nodes = await DynoNodes.StartAsync(1, isShared: true, Token);
        var file = Path.Combine(nodes[0].Options.ConfigurationFolder, "10-flannel.conflist");
        await File.WriteAllTextAsync(file, """{"name": "cbr0", "plugins": [{"type": "flannel"}]}""", Token);

        var agent = await nodes[0].StartAsync();

        await UntilAsync(() => Task.FromResult(
            agent.Report.Message.Contains("plugin flannel", StringComparison.Ordinal)));
        Assert.Equal([file], Directory.GetFiles(nodes[0].Options.ConfigurationFolder));
        Assert.Empty(nodes[0].Place.Nft("list ruleset"));
        Assert.Null(await new NodeNetworkObject(nodes.Cluster.Transport(), "n1").FindAsync(Token));

        // What stood in the way is gone: no restart is needed.
        File.Delete(file);
        await agent.Settled.WaitAsync(Token);
        Assert.True(File.Exists(nodes[0].ConfigurationFile));
    }

    [Fact]
    public async Task Switched_off_it_leaves_running_dynos_their_network_and_goes_with_the_last()
    {
        await using var nodes = await DynoNodes.StartAsync(2, isShared: false, Token);
        var before = Path.Combine(nodes[0].Options.ConfigurationFolder, "10-bridge.conf");
        await File.WriteAllTextAsync(before, """{"name": "old", "type": "bridge"}""", Token);
        await nodes[0].SettleAsync();
        await nodes[1].SettleAsync();
        var (a, b) = (await nodes[0].AddPodAsync(), await nodes[1].AddPodAsync());
        Assert.NotNull(await DynoNode.SendAsync(a.Place, null, b.Place, b.Address));

        nodes[0].Options = nodes[0].Options with { IsEnabled = false };
        var agent = await nodes[0].SettleAsync();

        Assert.Equal([before], Directory.GetFiles(nodes[0].Options.ConfigurationFolder));
        Assert.Contains("1 pods still have addresses", agent.Report.Message, StringComparison.Ordinal);
        Assert.Equal(a.Address, await DynoNode.SendAsync(a.Place, null, b.Place, b.Address));

        nodes[0].Free(a);
        await UntilAsync(() => Task.FromResult(agent.Report.IsReady));

        Assert.Empty(nodes[0].Place.Nft("list ruleset"));
        Assert.False(nodes[0].Place.Run(() => Link(KernelFacts.TunnelName)));
        Assert.Empty(nodes[0].Reservations);
        Assert.Null(await new NodeNetworkObject(nodes.Cluster.Transport(), "n1").FindAsync(Token));
        using var stack = nodes[0].Place.Run(NetworkStack.Open);
        Assert.DoesNotContain(stack.Routes.List(), route => route.Protocol == KernelFacts.RouteProtocol);
    }

    /// <summary>Removed by hand, twice: what running pods need stays each time.</summary>
    [Fact]
    public async Task By_hand_it_is_removed_only_without_dynos()
    {
        await using var nodes = await DynoNodes.StartAsync(1, isShared: true, Token);
        await nodes[0].SettleAsync();
        var pod = await nodes[0].AddPodAsync();
        await nodes[0].StopAsync();
        using var access = nodes[0].Place.Run(() => KernelAccess.Open(NetworkTable.Name));
        var enforcer = new NetworkEnforcer(access, nodes[0].Options, NullLogger.Instance);

        Assert.Contains("1 pods have addresses", enforcer.RemoveIfUnused(), StringComparison.Ordinal);
        Assert.Contains("1 pods have addresses", enforcer.RemoveIfUnused(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(nodes[0].Options.ConfigurationFolder));
        Assert.NotNull(await DynoNode.SendAsync(pod.Place, null, nodes.Router, DynoNodes.Outside));

        pod.Place.Ip("link del eth0");
        Assert.Null(enforcer.RemoveIfUnused());
        Assert.False(enforcer.HasLeftovers());
        Assert.Null(enforcer.RemoveIfUnused());
    }

    /// <summary>With policies, a dyno's first packet finds its fence.</summary>
    [Fact]
    public async Task A_dyno_that_the_cluster_does_not_know_yet_passes_nothing_and_none_starts_before_the_rules()
    {
        await using var nodes = await DynoNodes.StartAsync(1, isShared: true, Token);
        DynoNetworkAgent? network = null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var policies = new PolicyAgent(
            new PolicyAgentOptions("n1", CidrSet.Empty, BesideOthers: false, TimeSpan.FromMinutes(5)),
            nodes.Cluster.Transport(), () => nodes[0].Place.Run(() => KernelAccess.Open(Ruleset.TableName)),
            TimeProvider.System, NullLoggerFactory.Instance)
        { OwnBlocks = () => network?.Blocks ?? CidrSet.Empty };
        network = await nodes[0].StartAsync(policies);
        await UntilAsync(() => Task.FromResult(network.Report.Message.Contains(
            "new pods wait until their policies are enforced", StringComparison.Ordinal)));
        Assert.Empty(Directory.GetFiles(nodes[0].Options.ConfigurationFolder));

        var running = policies.RunAsync(stop.Token);
        await network.Settled.WaitAsync(Token);
        var (a, b) = (await nodes[0].AddPodAsync(), await nodes[0].AddPodAsync());
        Assert.Null(await DynoNode.SendAsync(a.Place, null, b.Place, b.Address, isExpected: false));

        await nodes.Cluster.AddHostPortPodAsync("dyno-a", "n1", a.Address.ToString(), 1, 1, Token);
        await nodes.Cluster.AddHostPortPodAsync("dyno-b", "n1", b.Address.ToString(), 2, 2, Token);
        Assert.Equal(a.Address, await DynoNode.SendAsync(a.Place, null, b.Place, b.Address));

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    /// <summary>A deleted Node takes its object along, and the kubelet registers it again.</summary>
    [Fact]
    public async Task A_claim_that_was_deleted_under_running_dynos_is_made_again()
    {
        await using var nodes = await DynoNodes.StartAsync(1, isShared: true, Token);
        var block = (await nodes[0].SettleAsync()).Block!;
        var own = new NodeNetworkObject(nodes.Cluster.Transport(), "n1");

        await own.DeleteAsync(Token);

        await UntilAsync(async () => (await own.FindAsync(Token))?.Spec.Block == block.ToString());
    }

    [Fact]
    public async Task A_claim_that_another_node_took_meanwhile_is_not_handed_out()
    {
        await using var nodes = await DynoNodes.StartAsync(2, isShared: true, Token);
        var block = (await nodes[0].SettleAsync()).Block!;
        var pod = await nodes[0].AddPodAsync();
        await nodes[0].StopAsync();
        await new NodeNetworkObject(nodes.Cluster.Transport(), "n1").DeleteAsync(Token);
        await new NodeNetworkObject(nodes.Cluster.Transport(), "n2").CreateAsync(block.ToString(), Token);

        // The second agent finds no CNI configuration, and a pod that another block would leave without rules.
        for (var i = 0; i < 2; i++)
        {
            var agent = await nodes[0].StartAsync();

            await UntilAsync(() => Task.FromResult(
                agent.Report.Message.Contains("the node n2 has taken", StringComparison.Ordinal)));
            Assert.False(File.Exists(nodes[0].ConfigurationFile));
            Assert.NotNull(await DynoNode.SendAsync(pod.Place, null, nodes.Router, DynoNodes.Outside));
        }

        pod.Place.Ip("link del eth0");
        var next = (await nodes[0].SettleAsync()).Block!;
        Assert.NotEqual(block, next);
        Assert.True(next.Contains((await nodes[0].AddPodAsync()).Address));
    }

    /// <summary>Another range is for new pods: those that run keep what they have.</summary>
    [Fact]
    public async Task Another_range_comes_into_force_when_no_pod_uses_the_former()
    {
        await using var nodes = await DynoNodes.StartAsync(2, isShared: true, Token);
        var block = (await nodes[0].SettleAsync()).Block!;
        await nodes[1].SettleAsync();
        var pod = await nodes[0].AddPodAsync();
        var range = AddressRange.Parse("10.96.0.0/16");
        nodes[0].Options = nodes[0].Options with { Range = range };

        var agent = await nodes[0].SettleAsync();

        await UntilAsync(() => Task.FromResult(agent.Report.Message.Contains(
            $"the node n1 has {block}, which is not a part of {range}", StringComparison.Ordinal)));
        Assert.Equal(block, agent.Block);
        Assert.NotNull(await DynoNode.SendAsync(pod.Place, null, nodes.Router, DynoNodes.Outside));

        pod.Place.Ip("link del eth0");
        await UntilAsync(() => Task.FromResult(agent.Block is { } next && range.Contains(next)));
        await UntilAsync(() => Task.FromResult(File.Exists(nodes[0].ConfigurationFile)));
        Assert.True(range.Contains((await nodes[0].AddPodAsync()).Address));
    }

    /// <summary>The agent may end anywhere: what stands is the former configuration or the next one, whole.</summary>
    [Fact]
    public async Task Another_configuration_takes_the_place_of_the_former_in_one_step()
    {
        await using var nodes = await DynoNodes.StartAsync(1, isShared: true, Token);
        await nodes[0].SettleAsync();
        await nodes[0].StopAsync();
        var (link, folder) = (new FileInfo(nodes[0].ConfigurationFile), nodes[0].Options.ReservationFolder);
        var former = (Target: link.LinkTarget!, Text: await File.ReadAllTextAsync(link.FullName, Token));
        nodes[0].Options = nodes[0].Options with { Mtu = 1400 };
        // As if it had ended in the middle: a part of the next content, and the name of its link.
        await File.WriteAllTextAsync(Path.Combine(folder, "0123-05-dynospace.conflist.part"), "{", Token);
        File.CreateSymbolicLink(
            Path.Combine(nodes[0].Options.ConfigurationFolder, ".05-dynospace.conflist.part"), former.Target);

        await nodes[0].SettleAsync();

        link.Refresh();
        Assert.NotEqual(former.Target, link.LinkTarget);
        Assert.Equal(former.Text, await File.ReadAllTextAsync(former.Target, Token));
        Assert.Contains(
            "\"mtu\": 1400", await File.ReadAllTextAsync(nodes[0].ConfigurationFile, Token), StringComparison.Ordinal);
        Assert.Equal([nodes[0].ConfigurationFile], Directory.GetFiles(nodes[0].Options.ConfigurationFolder));
    }

    /// <summary>The Node may be gone for a moment, and the pods that run on it are not.</summary>
    [Fact]
    public async Task Switched_off_on_a_node_without_an_address_what_pods_need_stays()
    {
        await using var nodes = await DynoNodes.StartAsync(1, isShared: true, Token);
        await nodes[0].SettleAsync();
        var pod = await nodes[0].AddPodAsync();
        await nodes[0].StopAsync();
        await nodes.Cluster.DeleteNodeAsync("n1", Token);
        nodes[0].Options = nodes[0].Options with { IsEnabled = false };

        var agent = await nodes[0].SettleAsync();

        Assert.Contains("1 pods still have addresses", agent.Report.Message, StringComparison.Ordinal);
        Assert.NotNull(await DynoNode.SendAsync(pod.Place, null, nodes.Router, DynoNodes.Outside));
    }

    /// <summary>Of nodes that begin at the same place at the same time none gets another's block.</summary>
    [Fact]
    public async Task Nodes_that_claim_at_once_have_blocks_of_their_own()
    {
        await using var nodes = await DynoNodes.StartAsync(4, isShared: true, Token);
        var range = AddressRange.Parse("172.16.0.0/21");
        for (var i = 0; i < 4; i++)
        {
            // Four blocks for four nodes: each has to take what the others leave.
            nodes[i].Options = nodes[i].Options with { Range = range };
        }

        var agents = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => nodes[i].StartAsync()));
        await Task.WhenAll(agents.Select(agent => agent.Settled)).WaitAsync(Token);

        Assert.Equal(4, agents.Select(agent => agent.Block).Distinct().Count());
        Assert.Equal(CidrSet.FromRanges(range), CidrSet.FromRanges(agents.Select(agent => agent.Block!)));
    }

    [Fact]
    public async Task A_port_of_the_node_leads_to_its_pod()
    {
        await using var nodes = await DynoNodes.StartAsync(1, isShared: true, Token);
        await nodes[0].SettleAsync();
        var (a, client) = (await nodes[0].AddPodAsync(), await nodes[0].AddPodAsync());
        using var server = DynoNode.Open(a.Place);
        server.Bind(new IPEndPoint(a.Address, 5353));

        await nodes.Cluster.AddHostPortPodAsync("dns", "n1", a.Address.ToString(), 53, 5353, Token);

        var port = new IPEndPoint(nodes[0].Address, 53);
        Assert.NotNull(await DynoNode.SendAsync(nodes.Router, null, server, port, isExpected: true));
        Assert.Equal(client.Address, await DynoNode.SendAsync(client.Place, null, server, port, isExpected: true));
        Assert.NotNull(await DynoNode.SendAsync(nodes[0].Place, null, server, port, isExpected: true));
        // The pod itself, by its node's address: the answer must come back that way.
        Assert.NotNull(await DynoNode.SendAsync(a.Place, null, server, port, isExpected: true));
    }

    private static bool Link(string name)
    {
        using var stack = NetworkStack.Open();
        return stack.Links.Find(name) is not null;
    }

    private static string WithoutCounts(string rules) => string.Join(
        '\n', rules.Split('\n').Where(line => !line.Contains("packets", StringComparison.Ordinal)));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        while (!await condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }
}
