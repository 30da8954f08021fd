using System.Net;
using Dynospace.Reachability.Addresses;
using Dynospace.Reachability.Evaluation;
using Dynospace.Reachability.Snapshots;
using Dynospace.Reachability.Tests.Fixtures;
using k8s.Models;

namespace Dynospace.Reachability.Tests.Semantics;

public sealed class IpBlockTests
{
    private const string Internet =
        "{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8, 169.254.0.0/16]}}, {ipBlock: {cidr: '::/0', except: "
        + "['fd00::/8']}}]}";

    [Theory]
    [InlineData("{cidr: 203.0.113.0/24}", "203.0.113.255", true)]
    [InlineData("{cidr: 203.0.113.0/24}", "203.0.114.0", false)]
    [InlineData("{cidr: 203.0.113.0/24, except: [203.0.113.64/26]}", "203.0.113.63", true)]
    [InlineData("{cidr: 203.0.113.0/24, except: [203.0.113.64/26]}", "203.0.113.64", false)]
    [InlineData("{cidr: 203.0.113.0/24, except: [203.0.113.64/26]}", "203.0.113.127", false)]
    [InlineData("{cidr: 203.0.113.0/24, except: [203.0.113.64/26]}", "203.0.113.128", true)]
    [InlineData("{cidr: 203.0.113.0/24, except: [203.0.113.0/25, 203.0.113.128/25]}", "203.0.113.9", false)]
    [InlineData("{cidr: 203.0.113.77/24}", "203.0.113.1", true)]
    [InlineData("{cidr: 203.0.113.7/32}", "203.0.113.7", true)]
    [InlineData("{cidr: 0.0.0.0/0}", "2001:db8::1", false)]
    [InlineData("{cidr: '::/0'}", "203.0.113.1", false)]
    [InlineData("{cidr: '::/0'}", "2001:db8::1", true)]
    [InlineData("{cidr: '2001:db8::/32', except: ['2001:db8:1::/48']}", "2001:db8:1::1", false)]
    [InlineData("{cidr: '2001:db8::/32', except: ['2001:db8:1::/48']}", "2001:db8:2::1", true)]
    public void A_block_holds_its_range_less_its_exceptions(string block, string address, bool held)
    {
        var ip = address.Contains(':', StringComparison.Ordinal) ? "fd00::1" : "10.0.0.1";
        var cluster = new TestCluster().Pod("x/a", ip: ip)
            .Policy("x/in", Policies.Ingress($"{{from: [{{ipBlock: {block}}}]}}"))
            .Policy("x/out", Policies.Egress($"{{to: [{{ipBlock: {block}}}]}}"));

        Assert.Equal(held, cluster.Allows(address, "x/a"));
        Assert.Equal(held, cluster.Allows("x/a", address));
    }

    [Fact]
    public void What_one_block_excepts_another_may_admit()
    {
        var cluster = new TestCluster().Pod("x/a", ip: "10.0.0.1")
            .Policy("x/p", Policies.Egress("{to: [{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.7/32]}}]}"))
            .Policy("x/q", Policies.Egress("{to: [{ipBlock: {cidr: 203.0.113.7/32}}]}"));

        Assert.True(cluster.Allows("x/a", "203.0.113.7"));
        Assert.Equal(
            "allowed: egress by x/q rule 0; ingress not subject to policy", cluster.Ask("x/a", "203.0.113.7").Reason);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Whether_a_block_holds_pods_is_the_plugins_choice(bool matchesPods, bool allowed)
    {
        var cluster = new TestCluster { Options = new() { IpBlockMatchesPods = matchesPods } }
            .Node("n1", "192.0.2.10").Pod("x/a", ip: "10.0.0.1").Pod("y/b", ip: "10.0.0.2", node: "n1")
            .Policy("x/p", Policies.Egress("{to: [{ipBlock: {cidr: 10.0.0.0/8}}, {ipBlock: {cidr: 192.0.2.0/24}}]}"));

        Assert.Equal(allowed, cluster.Allows("x/a", "y/b"));
        Assert.Equal(allowed, cluster.Allows("x/a", "10.0.0.2"));
        Assert.True(cluster.Allows("x/a", "10.0.0.77"));
        Assert.True(cluster.Allows("x/a", "node:n1"));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Whether_a_block_holds_nodes_is_the_plugins_choice(bool matchesNodes, bool allowed)
    {
        var cluster = new TestCluster { Options = new() { IpBlockMatchesNodes = matchesNodes } }
            .Node("n1", "192.0.2.10")
                .Pod("x/a", ip: "10.0.0.1", node: "n2")
                .Pod("y/host", ip: "192.0.2.10", node: "n1", hostNetwork: true)
                .Policy("x/p", Policies.Egress("{to: [{ipBlock: {cidr: 192.0.2.0/24}}]}"));

        Assert.Equal(allowed, cluster.Allows("x/a", "node:n1"));
        Assert.Equal(allowed, cluster.Allows("x/a", "y/host"));
        Assert.Equal(allowed, cluster.Allows("x/a", "192.0.2.10"));
        Assert.True(cluster.Allows("x/a", "192.0.2.99"));
    }

    // A pod that has no address yet may get any of the cluster's pod ranges: only what holds none of them is sure not
    // to hold it.
    [Theory]
    [InlineData("10.0.0.0/8", false)]
    [InlineData("10.0.0.0/8,fd00:1::/64", false)]
    [InlineData("192.168.0.0/16", true)]
    [InlineData("10.0.0.0/8,2001:db8::/64", true)]
    [InlineData(null, true)]
    public void A_pod_without_an_address_may_get_any_of_the_pod_ranges(string? podRanges, bool mayBeHeld)
    {
        var cluster = new TestCluster().Pod("x/a").Pod("y/b").Policy("x/internet", Policies.Egress(Internet));
        var ranges = podRanges is null ? null : CidrSet.FromRanges(podRanges.Split(',').Select(AddressRange.Parse));
        var evaluator = new ReachabilityEvaluator(ClusterSnapshot.From(cluster.Objects, ranges));

        Assert.Equal(
            mayBeHeld,
            evaluator.Evaluate(Endpoint.Pod("x", "a"), Endpoint.Pod("y", "b"), TransportPort.Tcp(80)).Allowed);
    }

    [Fact]
    public void Nodes_provide_the_pod_ranges()
    {
        var cluster = new TestCluster().Pod("x/a").Pod("y/b").Policy("x/internet", Policies.Egress(Internet));
        Assert.True(cluster.Allows("x/a", "y/b"));

        cluster.Add(
            new V1Node
            {
                Metadata = new() { Name = "n1" },
                Spec = new() { PodCIDRs = ["10.244.0.0/24", "fd00:1::/64"] },
            });

        Assert.False(cluster.Allows("x/a", "y/b"));
        Assert.Equal("10.244.0.0/24, fd00:1::/64", ClusterSnapshot.From(cluster.Objects).PodRanges.ToString());
    }

    [Fact]
    public void A_connection_uses_one_address_family_on_both_sides()
    {
        var cluster = new TestCluster()
            .Pod("x/a", ip: "10.0.0.1,fd00::1").Pod("y/b", ip: "10.0.0.2,fd00::2")
            .Policy("x/out", Policies.Egress("{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}"))
            .Policy("y/in", Policies.Ingress("{from: [{ipBlock: {cidr: 'fd00::/8'}}]}"));
        Assert.False(cluster.Allows("x/a", "y/b"));

        cluster.Policy("y/in-too", Policies.Ingress("{from: [{ipBlock: {cidr: 10.0.0.1/32}}]}"));

        Assert.True(cluster.Allows("x/a", "y/b"));
        Assert.True(cluster.Allows("x/a", "10.0.0.2"));
        Assert.False(cluster.Allows("x/a", "fd00::2"));
    }

    [Fact]
    public void Ends_without_a_common_address_family_never_meet()
    {
        var verdict = new TestCluster().Pod("x/a", ip: "10.0.0.1").Ask("x/a", "2001:db8::1");

        Assert.False(verdict.Allowed);
        Assert.Equal("denied: x/a and 2001:db8::1 have no address family in common", verdict.Reason);
    }

    [Fact]
    public void An_address_stands_for_the_pod_or_node_that_has_it()
    {
        var cluster = new TestCluster().Node("n1", "192.0.2.10")
            .Pod("x/a", ip: "10.0.0.1")
            .Pod("y/b", "app=b", "10.0.0.2")
                .Pod("y/ended", ip: "10.0.0.3", phase: "Succeeded")
                .Policy("x/p", Policies.Egress("{to: [{namespaceSelector: {}}]}"))
                .Policy("y/p", Policies.Ingress("{from: [{podSelector: {}}]}"));

        Assert.Equal("denied by ingress of y/p: no rule admits x/a on TCP 80", cluster.Ask("x/a", "10.0.0.2").Reason);
        Assert.Equal("y/b (10.0.0.2)", cluster.Ask("x/a", "10.0.0.2").Target);
        Assert.Equal("node n1 (192.0.2.10)", cluster.Ask("x/a", "192.0.2.10").Target);
        Assert.Equal("10.0.0.3", cluster.Ask("x/a", "10.0.0.3").Target);

        var mapped = Endpoint.At(IPAddress.Parse("::ffff:10.0.0.2"));
        Assert.Equal(
            "y/b (10.0.0.2)",
            cluster.Evaluator().Evaluate(Endpoint.Pod("x", "a"), mapped, TransportPort.Tcp(80)).Target);
    }
}
