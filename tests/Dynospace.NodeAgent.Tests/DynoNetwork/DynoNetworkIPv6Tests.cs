using System.Net;
using System.Net.Sockets;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.DynoNetwork;
using Dynospace.Reachability.Addresses;

namespace Dynospace.NodeAgent.Tests.DynoNetwork;

/// <summary>Dynos of both families, by the real CNI plugins and real packets.</summary>
public sealed class DynoNetworkIPv6Tests
{
    private static readonly AddressRange Range = AddressRange.Parse("fd79::/64");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>By the link that the nodes share, and by the tunnel.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dynos_of_all_nodes_reach_each_other_by_their_own_addresses_in_both_families(bool isShared)
    {
        await using var nodes = await StartAsync(2, isShared);
        var (a, b, c) = (await nodes[0].AddPodAsync(), await nodes[0].AddPodAsync(), await nodes[1].AddPodAsync());

        Assert.All([a, b, c], pod => Assert.True(Range.Contains(pod.Address6!)));
        Assert.Equal(3, new[] { a, b, c }.Select(pod => new IPNetwork(Masked(pod.Address6!), 126)).Distinct().Count());
        foreach (var (from, to) in new[] { (a, b), (b, a), (a, c), (c, a) })
        {
            Assert.Equal(from.Address6, await DynoNode.SendAsync(from.Place, null, to.Place, to.Address6!));
            Assert.Equal(from.Address, await DynoNode.SendAsync(from.Place, null, to.Place, to.Address));
        }

        // Outside, dynos are their node; and their node reaches them.
        Assert.Equal(
            nodes[0].Address6, await DynoNode.SendAsync(a.Place, null, nodes.Router, DynoNodes.Outside6));
        Assert.NotNull(await DynoNode.SendAsync(nodes[0].Place, null, a.Place, a.Address6!));
    }

    [Fact]
    public async Task A_source_that_is_not_the_dynos_is_dropped()
    {
        await using var nodes = await StartAsync(1, isShared: true);
        var (a, b, c) = (await nodes[0].AddPodAsync(), await nodes[0].AddPodAsync(), await nodes[0].AddPodAsync());
        var gateway = a.Address6!.GetAddressBytes();
        gateway[15]--;

        foreach (var forged in new[]
        {
            b.Address6!, nodes[0].Address6, new IPAddress(gateway), DynoNodes.Outside6, IPAddress.Parse("fd79::99:2"),
            IPAddress.Parse("fd10::fe"),
        })
        {
            a.Place.Ip($"address add {forged}/128 dev lo nodad");
            Assert.Null(await DynoNode.SendAsync(a.Place, forged, c.Place, c.Address6!, isExpected: false));
            a.Place.Ip($"address del {forged}/128 dev lo");
        }

        Assert.Equal(a.Address6, await DynoNode.SendAsync(a.Place, a.Address6, c.Place, c.Address6!));

        // Nor does anybody out there speak as a dyno of this node.
        nodes.Router.Ip($"address add {b.Address6}/128 dev lo nodad");
        nodes.Router.Ip($"route add {c.Address6}/128 via {nodes[0].Address6}");
        Assert.Null(await DynoNode.SendAsync(nodes.Router, b.Address6, c.Place, c.Address6!, isExpected: false));
    }

    [Fact]
    public async Task An_agent_that_is_started_again_changes_nothing_that_is_right()
    {
        await using var nodes = await StartAsync(2, isShared: false);
        var (a, b) = (await nodes[0].AddPodAsync(), await nodes[1].AddPodAsync());
        Assert.Equal(a.Address6, await DynoNode.SendAsync(a.Place, null, b.Place, b.Address6!));
        await nodes[0].StopAsync();
        using var links = nodes[0].Place.Run(() => new NetworkMonitorSocket());
        using var tables = nodes[0].Place.Run(() => new Linux.Filtering.NftablesMonitorSocket(NetworkTable.Name));

        await nodes[0].SettleAsync();

        Assert.True(links.Take().IsEmpty);
        Assert.Equal(0, tables.Take().Writers);
        Assert.Equal(a.Address6, await DynoNode.SendAsync(a.Place, null, b.Place, b.Address6!));

        // The addresses of both are given back.
        await nodes[0].DeletePodAsync(a);
        Assert.Empty(nodes[0].Reservations);
    }

    /// <summary>Dynos that run keep what they have; new ones have both.</summary>
    [Fact]
    public async Task The_second_family_is_added_under_running_dynos()
    {
        await using var nodes = await DynoNodes.StartAsync(1, isShared: true, Token);
        await nodes[0].SettleAsync();
        var before = await nodes[0].AddPodAsync();
        Assert.Null(before.Address6);

        nodes[0].Options = nodes[0].Options with { Range6 = Range };
        await nodes[0].SettleAsync();

        var after = await nodes[0].AddPodAsync();
        Assert.NotNull(after.Address6);
        Assert.Equal(before.Address, await DynoNode.SendAsync(before.Place, null, after.Place, after.Address));

        // Once the range is removed, a dyno with an address of it is still held to its own address.
        nodes[0].Options = nodes[0].Options with { Range6 = null };
        await nodes[0].SettleAsync();
        after.Place.Ip($"address add {DynoNodes.Outside}/32 dev lo");
        Assert.Null(await DynoNode.SendAsync(
            after.Place, DynoNodes.Outside, before.Place, before.Address, isExpected: false));
    }

    [Theory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public async Task A_port_of_the_node_leads_to_its_pod_in_each_family(AddressFamily family)
    {
        await using var nodes = await StartAsync(1, isShared: true);
        var (a, client) = (await nodes[0].AddPodAsync(), await nodes[0].AddPodAsync());
        var isIPv6 = family == AddressFamily.InterNetworkV6;
        using var server = DynoNode.Open(a.Place, family);
        server.Bind(new IPEndPoint(isIPv6 ? a.Address6! : a.Address, 5353));

        await nodes.Cluster.AddHostPortPodAsync(
            "dns", "n1", [a.Address.ToString(), a.Address6!.ToString()], 53, 5353, Token);

        var port = new IPEndPoint(isIPv6 ? nodes[0].Address6 : nodes[0].Address, 53);
        Assert.NotNull(await DynoNode.SendAsync(nodes.Router, null, server, port, isExpected: true));
        Assert.Equal(
            isIPv6 ? client.Address6 : client.Address,
            await DynoNode.SendAsync(client.Place, null, server, port, isExpected: true));
        Assert.NotNull(await DynoNode.SendAsync(nodes[0].Place, null, server, port, isExpected: true));
        // The pod itself, by its node's address: the answer must come back that way.
        Assert.NotNull(await DynoNode.SendAsync(a.Place, null, server, port, isExpected: true));
    }

    private static async Task<DynoNodes> StartAsync(int count, bool isShared)
    {
        var nodes = await DynoNodes.StartAsync(count, isShared, Token);
        for (var i = 0; i < count; i++)
        {
            nodes[i].Options = nodes[i].Options with { Range6 = Range };
            await nodes[i].SettleAsync();
        }

        return nodes;
    }

    private static IPAddress Masked(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        bytes[15] &= 0xfc;
        return new IPAddress(bytes);
    }
}
