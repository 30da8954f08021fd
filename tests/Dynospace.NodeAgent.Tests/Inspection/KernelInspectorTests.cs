using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.Inspection;
using Dynospace.Testing.Networks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.NodeAgent.Tests.Inspection;

/// <summary>What is measured of a node, on a network of the test's own.</summary>
public sealed class KernelInspectorTests
{
    [Fact]
    public void What_the_node_has_is_measured_and_nothing_of_it_is_changed()
    {
        NetworkNamespace.Require();
        using var place = new NetworkNamespace();
        place.Ip("link add eth0 mtu 1400 type veth peer name far");
        place.Ip("address add 192.0.2.2/24 dev eth0");
        place.Ip("link set eth0 up");
        place.Ip("link set far up");
        place.Ip("route add default via 192.0.2.1");
        place.Ip("rule add priority 50 fwmark 0x200/0xf00 lookup 2004");
        place.Ip("rule add priority 60 fwmark 0x40000000/0xf8000000 lookup 7711 protocol 114");
        place.Nft("add table ip filter");
        place.Nft("add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }");
        place.Nft("add chain ip filter helper");
        place.Nft("add table inet dynospace_policies");
        place.Nft("add chain inet dynospace_policies forward { type filter hook forward priority 0; }");
        place.Set("ipv4/conf/eth0/rp_filter", "1");
        var links = LinksOf(place);

        var kernel = place.Run(() => Inspector(triesTunnel: true).Measure());

        Assert.Equal(File.ReadAllText("/proc/sys/kernel/osrelease").Trim(), kernel.Release);
        Assert.Matches(@"^\d+\.\d+", kernel.Nftables);
        Assert.True(kernel.VxlanGroupPolicy);
        Assert.Equal([("eth0", 1400)], kernel.Links!.Select(link => (link.Name, link.Mtu)));
        Assert.Equal("1", kernel.Settings!["ipv4/conf/eth0/rp_filter"]);
        Assert.Equal(
            [("ip filter", "FORWARD", "forward", 0, "drop")],
            kernel.ForeignChains!.Select(chain => (chain.Table, chain.Name, chain.Hook, chain.Priority, chain.Policy)));
        Assert.Equal(
            [(50, "IPv4 fwmark 0x200/0xf00 lookup 2004")],
            kernel.ForeignRules!.Select(rule => (rule.Priority, rule.Rule)));
        Assert.Equal(links, LinksOf(place));
    }

    [Fact]
    public void Without_the_part_egress_no_link_is_made_to_find_out()
    {
        NetworkNamespace.Require();
        using var place = new NetworkNamespace();

        var kernel = place.Run(() => Inspector(triesTunnel: false).Measure());

        Assert.Null(kernel.VxlanGroupPolicy);
        Assert.Empty(kernel.Links!);
    }

    [Fact]
    public void A_tunnel_that_stands_shows_that_the_kernel_can_make_it()
    {
        NetworkNamespace.Require();
        using var place = new NetworkNamespace();
        using var network = place.Run(NetworkStack.Open);
        network.Links.Add(new VxlanLink(
            "dynoegress", new VxlanSettings { Id = 7777, Port = 4790, HasGroupPolicy = true }));

        var kernel = place.Run(() => Inspector(triesTunnel: false).Measure());

        Assert.True(kernel.VxlanGroupPolicy);
        Assert.Equal("dynoegress", Assert.Single(kernel.Links!).Name);
    }

    [Fact]
    public void Chains_that_drop_come_first_and_the_agents_own_are_left_out()
    {
        var (version, chains) = KernelInspector.Read("""
            {"nftables": [
              {"metainfo": {"version": "1.0.9", "release_name": "x", "json_schema_version": 1}},
              {"table": {"family": "ip", "name": "nat"}},
              {"chain": {"family": "ip", "table": "nat", "name": "POSTROUTING", "handle": 1, "type": "nat",
               "hook": "postrouting", "prio": 100, "policy": "accept"}},
              {"chain": {"family": "inet", "table": "firewalld", "name": "filter_INPUT", "handle": 2, "type": "filter",
               "hook": "input", "prio": 10, "policy": "drop"}},
              {"chain": {"family": "inet", "table": "dynospace_egress", "name": "guard", "handle": 3,
               "type": "filter", "hook": "postrouting", "prio": 310, "policy": "accept"}},
              {"chain": {"family": "bridge", "table": "b", "name": "c", "handle": 4, "type": "filter",
               "hook": "forward", "prio": 0, "policy": "drop"}}
            ]}
            """);

        Assert.Equal("1.0.9", version);
        Assert.Equal(
            ["inet firewalld filter_INPUT 10 drop", "ip nat POSTROUTING 100 accept"],
            chains.Select(chain => $"{chain.Table} {chain.Name} {chain.Priority} {chain.Policy}"));
    }

    private static List<string> LinksOf(NetworkNamespace place)
    {
        using var network = place.Run(NetworkStack.Open);
        return [.. network.Links.List().Select(link => $"{link.Index} {link.Name} {link.Mtu} {link.IsUp}")];
    }

    private static KernelInspector Inspector(bool triesTunnel) =>
        new(triesTunnel, TimeProvider.System, NullLogger<KernelInspector>.Instance);
}
