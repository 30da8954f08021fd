using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CsCheck;
using Dynospace.Linux.Filtering;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.NodeAgent.Policies;
using Dynospace.NodeAgent.Tests.Policies;
using Dynospace.Reachability.Addresses;
using Dynospace.Reachability.Tests.Laws;
using Dynospace.Testing.Networks;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using static Dynospace.NodeAgent.Tests.Policies.RulesetTests;

namespace Dynospace.NodeAgent.Tests.Packets;

public sealed class EnforcerPacketTests
{
    private const string FromBoth =
        "{podSelector: {matchLabels: {app: server}}, ingress: [{from: [{podSelector: {matchExpressions: [{key: app, "
        + "operator: In, values: [a, b]}]}}]}]}";
    private const string DenyAll = "{podSelector: {}, policyTypes: [Ingress, Egress]}";

    private static readonly IPEndPoint Service = new(IPAddress.Parse("10.96.0.1"), 8080);

    /// <summary>
    /// What kube-proxy does for a Service with one backend, a call of the backend to itself included.
    /// </summary>
    private const string ServiceRules = """
        table ip services {
          chain pre {
            type nat hook prerouting priority dstnat
            ip daddr 10.96.0.1 tcp dport 8080 dnat to 10.0.0.10:80
          }
          chain post { type nat hook postrouting priority srcnat; ip saddr 10.0.0.10 ip daddr 10.0.0.10 masquerade; }
        }

        """;

    private static V1Pod[] Pods =>
        [Pod("a", "10.0.0.2", "a"), Pod("b", "10.0.0.6", "b"), Pod("server", "10.0.0.10", "server")];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_narrowed_policy_ends_the_connections_that_it_no_longer_admits_and_no_other(bool viaService)
    {
        NetworkNamespace.Require();
        using var node = new EnforcedNode([.. Pods, Policy("server", FromBoth)]);
        var (a, b, _) = (node.Place("10.0.0.2"), node.Place("10.0.0.6"), node.Place("10.0.0.10"));
        node.Node.Namespace.Nft(ServiceRules);
        var listener = node.Listen("10.0.0.10", 80);
        var target = viaService ? Service : EnforcedNode.Server;
        var kept = await node.ConnectAsync(a, target, listener);
        var cut = await node.ConnectAsync(b, target, listener);
        await EnforcedNode.PassAsync(cut.Client, cut.Server);

        node.Set(Policy("server", EnforcedNode.FromA));

        // The server speaks first: that must not bring the connection back with the roles exchanged.
        Assert.False(await EnforcedNode.PassesAsync(cut.Server, cut.Client));
        Assert.False(await EnforcedNode.PassesAsync(cut.Client, cut.Server));
        Assert.False(await node.OpensAsync(b, target));
        await EnforcedNode.PassAsync(kept.Client, kept.Server);
        await EnforcedNode.PassAsync(kept.Server, kept.Client);
        Assert.True(await node.OpensAsync(a, target));
    }

    [Fact]
    public async Task A_first_policy_ends_what_was_open_and_a_label_that_goes_does_too()
    {
        NetworkNamespace.Require();
        using var node = new EnforcedNode(Pods);
        var (a, b, _) = (node.Place("10.0.0.2"), node.Place("10.0.0.6"), node.Place("10.0.0.10"));
        var listener = node.Listen("10.0.0.10", 80);
        var fromA = await node.ConnectAsync(a, EnforcedNode.Server, listener);
        var fromB = await node.ConnectAsync(b, EnforcedNode.Server, listener);

        node.Set(Policy("server", EnforcedNode.FromA));
        Assert.False(await EnforcedNode.PassesAsync(fromB.Client, fromB.Server));
        await EnforcedNode.PassAsync(fromA.Client, fromA.Server);

        node.Set(Pod("a", "10.0.0.2", "other"));
        Assert.False(await EnforcedNode.PassesAsync(fromA.Client, fromA.Server));
    }

    [Fact]
    public async Task The_own_node_reaches_its_pods_and_a_pod_itself_through_its_service()
    {
        NetworkNamespace.Require();
        using var node = new EnforcedNode([.. Pods, Policy("deny", DenyAll)]);
        var (a, server) = (node.Place("10.0.0.2"), node.Place("10.0.0.10"));
        node.Node.Namespace.Nft(ServiceRules);
        node.Listen("10.0.0.10", 80);
        using var onNode = node.Node.Namespace.Run(() =>
        {
            var listener = new TcpListener(EnforcedNode.Address, 10250);
            listener.Start();
            return listener;
        });

        Assert.True(await node.OpensAsync(node.Node.Namespace, EnforcedNode.Server));
        Assert.True(await node.OpensAsync(server, new IPEndPoint(EnforcedNode.Address, 10250)));
        Assert.True(await node.OpensAsync(server, Service));
        Assert.False(await node.OpensAsync(a, EnforcedNode.Server));
        Assert.False(await node.OpensAsync(a, Service));
    }

    /// <summary>The kubelet's probes stay up when another pod's policies are cut.</summary>
    [Fact]
    public async Task Connections_of_the_node_are_not_ended()
    {
        NetworkNamespace.Require();
        using var node = new EnforcedNode(Pods);
        node.Place("10.0.0.10");
        var listener = node.Listen("10.0.0.10", 80);
        var probe = await node.ConnectAsync(node.Node.Namespace, EnforcedNode.Server, listener);

        node.Set(Policy("deny", DenyAll));

        Assert.Equal(0, node.Enforcer.Cut());
        await EnforcedNode.PassAsync(probe.Client, probe.Server);
    }

    [Fact]
    public async Task A_pod_of_a_closed_range_passes_nothing_before_it_is_known()
    {
        NetworkNamespace.Require();
        using var node = new EnforcedNode(CidrSet.FromRanges(AddressRange.Parse("10.0.0.0/28")), Pods);
        var newcomer = node.Place("10.0.0.14");
        node.Place("10.0.0.10");
        node.Listen("10.0.0.10", 80);

        Assert.False(await node.OpensAsync(newcomer, EnforcedNode.Server));
        Assert.True(node.Enforcer.Drops()[TableNames.Unknown] > 0);

        node.Set(Pod("new", "10.0.0.14"));
        Assert.True(await node.OpensAsync(newcomer, EnforcedNode.Server));
    }

    [Theory]
    [InlineData("flush ruleset")]
    [InlineData("delete table inet dynospace_policies")]
    [InlineData("flush table inet dynospace_policies")]
    [InlineData("flush chain inet dynospace_policies forward")]
    [InlineData("insert rule inet dynospace_policies forward accept")]
    [InlineData("flush map inet dynospace_policies ingress4")]
    [InlineData("delete element inet dynospace_policies ingress4 { 10.0.0.10 }")]
    [InlineData("add element inet dynospace_policies self4 { 10.0.0.2 . 10.0.0.10 }")]
    [InlineData("add chain inet dynospace_policies foreign")]
    [InlineData("add set inet dynospace_policies foreign { type ipv4_addr; }")]
    [InlineData("add chain inet dynospace_policies forward { policy drop; }")]
    public async Task What_another_program_does_to_the_table_is_undone(string change)
    {
        NetworkNamespace.Require();
        using var node = new EnforcedNode([.. Pods, Policy("server", FromBoth), Policy("deny", DenyAll)]);
        var (a, _) = (node.Place("10.0.0.2"), node.Place("10.0.0.10"));
        node.Listen("10.0.0.10", 80);
        Assert.False(node.Enforcer.Verify());

        node.Node.Namespace.Nft(change);
        Assert.True(node.Kernel.Monitor.Wait(TimeSpan.FromSeconds(20)));
        node.Enforcer.LookForForeignChanges();

        Assert.False(node.Enforcer.Verify());
        Assert.False(await node.OpensAsync(a, EnforcedNode.Server));
    }

    [Fact]
    public async Task What_opened_while_the_table_was_gone_is_ended_when_it_is_back()
    {
        NetworkNamespace.Require();
        using var node = new EnforcedNode([.. Pods, Policy("deny", DenyAll)]);
        var (a, _) = (node.Place("10.0.0.2"), node.Place("10.0.0.10"));
        var listener = node.Listen("10.0.0.10", 80);
        node.Node.Namespace.Nft("flush ruleset");
        var open = await node.ConnectAsync(a, EnforcedNode.Server, listener);
        await EnforcedNode.PassAsync(open.Client, open.Server);

        node.Enforcer.LookForForeignChanges();
        node.CutIfOwed();

        Assert.False(await EnforcedNode.PassesAsync(open.Client, open.Server));
    }

    /// <summary>Else each of our own writes would cost a dump.</summary>
    [Fact]
    public void Neither_our_own_writes_nor_those_to_other_tables_count_as_foreign()
    {
        NetworkNamespace.Require();
        using var node = new EnforcedNode(Pods);
        node.Set(Policy("deny", DenyAll));
        node.Node.Namespace.Nft("table inet other { chain c { }; }");

        Assert.Equal(0, node.Kernel.Monitor.Take().Writers);

        node.Kernel.Nftables.Run($"add chain {Ruleset.Table} c\ndelete chain {Ruleset.Table} c");
        Assert.False(node.Kernel.Monitor.Take().AreForeign(afterOwn: true));
        node.Kernel.Nftables.Run($"add chain {Ruleset.Table} c\ndelete chain {Ruleset.Table} c");
        node.Node.Namespace.Nft($"add chain {Ruleset.Table} c\ndelete chain {Ruleset.Table} c");
        Assert.True(node.Kernel.Monitor.Take().AreForeign(afterOwn: true));
    }

    [Fact]
    public async Task A_restarted_agent_changes_nothing_that_is_right()
    {
        NetworkNamespace.Require();
        using var node = new EnforcedNode([.. Pods, Policy("server", FromBoth)]);
        var (a, b, _) = (node.Place("10.0.0.2"), node.Place("10.0.0.6"), node.Place("10.0.0.10"));
        var listener = node.Listen("10.0.0.10", 80);
        var kept = await node.ConnectAsync(a, EnforcedNode.Server, listener);
        var cut = await node.ConnectAsync(b, EnforcedNode.Server, listener);

        node.Restart();
        await EnforcedNode.PassAsync(kept.Client, kept.Server);
        await EnforcedNode.PassAsync(cut.Server, cut.Client);

        // Narrowed while no agent was there.
        ClusterOfOneNode.Set(node.Index, Policy("server", EnforcedNode.FromA));
        node.Restart();
        Assert.False(await EnforcedNode.PassesAsync(cut.Server, cut.Client));
        await EnforcedNode.PassAsync(kept.Client, kept.Server);
    }

    [Fact]
    public void A_thousand_updates_leave_no_stray_set_and_no_stray_chain()
    {
        NetworkNamespace.Require();
        using var node = new EnforcedNode();
        var random = new Random(1);
        var clusters = Enumerable.Range(1000, 40)
            .Select(seed => ClusterOfOneNode.Scheduled(
                RandomCluster.Clusters.Generate(new PCG((uint)seed), null, out _), at => at % 4 == 0 ? "n2" : "n1"))
            .ToList();
        var changes = clusters.SelectMany(cluster => cluster.Objects.Where(item => item is not V1Node)).ToArray();
        var known = new Dictionary<string, IKubernetesObject>();
        for (var update = 0; update < 1000; update++)
        {
            var item = changes[random.Next(changes.Length)];
            var isGone = random.Next(3) == 0;
            node.Set(item, isGone);
            var metadata = ((IKubernetesObject<V1ObjectMeta>)item).Metadata;
            known[$"{item.GetType()} {metadata.NamespaceProperty}/{metadata.Name}"] = item;
            if (update % 100 == 0)
            {
                Assert.False(node.Enforcer.Verify(), $"after {update.ToString(CultureInfo.InvariantCulture)} updates");
            }
        }

        Assert.False(node.Enforcer.Verify());
        foreach (var item in known.Values)
        {
            node.Set(item, isGone: true);
        }

        Assert.False(node.Enforcer.Verify());
        Assert.Empty(node.Index.Rules.Chains);
        Assert.DoesNotContain(node.Index.Rules.Sets.Keys, name => name.Contains('_', StringComparison.Ordinal));
    }

    [Fact]
    public void A_policy_may_name_a_hundred_thousand_addresses()
    {
        NetworkNamespace.Require();
        using var node = new EnforcedNode([.. Pods]);
        var policy = Policy("many", "{podSelector: {}, policyTypes: [Egress]}");
        policy.Spec.Egress =
        [
            new V1NetworkPolicyEgressRule
            {
                To =
                [
                    .. Enumerable.Range(0, 100_000).Select(i => new V1NetworkPolicyPeer
                    {
                        IpBlock = new() { Cidr = $"20.{i >> 15}.{(i >> 7) & 255}.{(i & 127) * 2}/32" },
                    }),
                ],
            },
        ];

        node.Set(policy);

        Assert.True(node.Index.Rules.ElementCount > 100_000);
        Assert.False(node.Enforcer.Verify());
    }

    /// <summary>Words of the one are words of the other.</summary>
    [Fact]
    public void Without_the_library_the_program_writes_the_same_table()
    {
        NetworkNamespace.Require();
        using var node = new EnforcedNode([.. Pods, Policy("server", FromBoth), Policy("deny", DenyAll)]);
        var isSame = node.Node.Namespace.Run(() =>
        {
            using var program = new NftablesProgram(Nftables.FindProgram()!);
            var enforcer = new Enforcer(
                node.Kernel with { Nftables = program }, node.Index, NullLogger.Instance);
            enforcer.Apply();
            ClusterOfOneNode.Set(node.Index, Policy("server", EnforcedNode.FromA));
            enforcer.Apply();
            return !enforcer.Verify();
        });

        Assert.True(isSame);
        Assert.False(node.Enforcer.Verify());
    }

    [Fact]
    public void What_nftables_refuses_is_said_in_its_words_and_changes_nothing()
    {
        NetworkNamespace.Require();
        using var node = new EnforcedNode([.. Pods, Policy("deny", DenyAll)]);

        var refusal = Assert.Throws<NftablesException>(
            () => node.Kernel.Nftables.Run($"flush table {Ruleset.Table}\nadd rule {Ruleset.Table} nowhere accept"));

        Assert.True(refusal.IsMissing, refusal.Message);
        Assert.False(node.Enforcer.Verify());
    }
}
