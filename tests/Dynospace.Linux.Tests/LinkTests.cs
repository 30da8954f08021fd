using System.Net;
using System.Net.NetworkInformation;
using Dynospace.Linux.Netlink;
using Dynospace.Linux.Networking;

namespace Dynospace.Linux.Tests;

public sealed class LinkTests
{
    private static readonly PhysicalAddress Mac = PhysicalAddress.Parse("02:77:00:00:00:01");

    public static TheoryData<LinkDefinition, string> Kinds => new()
    {
        { new BridgeLink("a") { Mtu = 1400, Mac = Mac, IsUp = true }, "bridge" },
        { new VethLink("a", new VethPeer("b")) { Mtu = 1400, Mac = Mac, IsUp = true }, "veth" },
        { new VxlanLink("a", new VxlanSettings { Id = 7 }) { Mtu = 1400, Mac = Mac, IsUp = true }, "vxlan" },
    };

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Kinds))]
    public void A_link_is_made_as_it_is_described(LinkDefinition definition, string kind)
    {
        using var place = new Place();

        var link = place.Add(definition);

        var shown = place.IpOne("link show a");
        Assert.Equal(kind, (string?)shown["linkinfo"]!["info_kind"]);
        Assert.Equal(1400, (int)shown["mtu"]!);
        Assert.Equal("02:77:00:00:00:01", (string?)shown["address"]);
        Assert.Contains("UP", shown["flags"]!.AsArray().Select(flag => (string?)flag));
        Assert.Equal(
            (kind, 1400, Mac, true, (int)shown["ifindex"]!), (link.Kind, link.Mtu, link.Mac, link.IsUp, link.Index));
    }

    [Fact]
    public void A_link_that_is_there_is_refused_with_the_reason()
    {
        using var place = new Place();
        place.Add(new BridgeLink("a"));

        var refusal = Assert.Throws<NetlinkException>(() => place.Stack.Links.Add(new BridgeLink("a")));

        Assert.True(refusal.IsExisting);
        Assert.Contains("exists", refusal.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Throws<ArgumentException>(() => place.Stack.Links.Add(new BridgeLink("a-name-of-16-byt")));
    }

    [Fact]
    public void Each_end_of_a_pair_can_be_in_a_namespace_of_its_own()
    {
        using var node = new Place();
        using var pod = new Place();

        var link = node.Add(new VethLink("veth0", new VethPeer("eth0") { Namespace = pod.Namespace, IsUp = true })
        {
            IsUp = true,
        });

        var peer = pod.Link("eth0");
        Assert.Equal((peer.Index, link.Index), (link.Peer, peer.Peer));
        Assert.NotNull(link.PeerNamespace);
        Assert.True(link.IsRunning && peer.IsRunning);

        pod.Stack.Links.Delete(peer.Index);
        Assert.Null(node.Stack.Links.Find("veth0"));
        node.Stack.Links.Delete(link.Index);
    }

    [Fact]
    public void A_link_changes_and_moves()
    {
        using var node = new Place();
        using var pod = new Place();
        var bridge = node.Add(new BridgeLink("br0") { IsUp = true });
        var link = node.Add(new VethLink("a", new VethPeer("z")));

        node.Stack.Links.Change(
            link.Index, new LinkChange { Name = "b", Mtu = 1300, Mac = Mac, Master = bridge.Index, IsUp = true });

        var changed = node.Link("b");
        Assert.Equal(
            (link.Index, 1300, Mac, bridge.Index, true),
            (changed.Index, changed.Mtu, changed.Mac, changed.Master, changed.IsUp));

        node.Stack.Links.Change(link.Index, new LinkChange { Master = 0, IsUp = false });
        Assert.Equal((null, false), (node.Link("b").Master, node.Link("b").IsUp));

        node.Stack.Links.Change(link.Index, new LinkChange { Namespace = pod.Namespace, Name = "eth0" });
        Assert.Null(node.Stack.Links.Find("b"));
        Assert.Equal(1300, pod.Link("eth0").Mtu);
    }

    [Fact]
    public void A_link_without_link_local_addresses_gets_none()
    {
        using var place = new Place();
        var link = place.Add(new VxlanLink("a", new VxlanSettings { Id = 7 }));

        place.Stack.Links.Change(link.Index, new LinkChange { HasLinkLocal = false, IsUp = true });

        Assert.DoesNotContain(place.Stack.Addresses.List(), address => address.Link == link.Index);
    }

    /// <summary>Some kernels have no such links; the refusal says that, not that the request is wrong.</summary>
    [Fact]
    public void A_link_that_leads_nowhere_is_made_where_the_kernel_can()
    {
        using var place = new Place();
        try
        {
            Assert.Equal("dummy", place.Add(new DummyLink("a")).Kind);
        }
        catch (NetlinkException e)
        {
            Assert.True(e.IsUnsupported);
            Assert.Contains("Unknown device type", e.Message, StringComparison.Ordinal);
        }
    }

    public static TheoryData<VxlanSettings> Tunnels =>
    [
        new VxlanSettings { Id = 7777, Port = 4790, HasGroupPolicy = true },
        new VxlanSettings { Id = 1, IsLearning = true, Local = IPAddress.Parse("192.0.2.1") },
        new VxlanSettings { Id = 1, Port = 8472, Local = IPAddress.Parse("2001:db8::1") },
        new VxlanSettings { Port = 4790, IsExternal = true },
        new VxlanSettings { Port = 4790, IsExternal = true, HasGroupPolicy = true },
    ];

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Tunnels))]
    public void A_tunnel_reads_as_it_was_set(VxlanSettings settings)
    {
        using var place = new Place();

        var link = place.Add(new VxlanLink("vx", settings));

        Assert.Equal(settings, link.Vxlan);
        var shown = place.IpOne("link show vx")["linkinfo"]!["info_data"]!;
        Assert.Equal(settings.Port, (int)shown["port"]!);
        Assert.Equal(settings.HasGroupPolicy, (bool?)shown["gbp"] ?? false);
        Assert.Equal(settings.IsExternal, (bool?)shown["external"] ?? false);
    }

    [Fact]
    public void A_tunnel_on_a_link_reads_as_it_was_set()
    {
        using var place = new Place();
        var under = place.Add(new BridgeLink("a") { IsUp = true });
        var settings = new VxlanSettings { Id = 3, Underlying = under.Index };

        Assert.Equal(settings, place.Add(new VxlanLink("vx", settings)).Vxlan);
    }

    [Fact]
    public void The_loopback_is_known()
    {
        using var place = new Place();

        var link = Assert.Single(place.Stack.Links.List(), link => link.IsLoopback);

        Assert.Equal("lo", link.Name);
        Assert.Null(link.Kind);
    }
}
