using Dynospace.Reachability.Tests.Fixtures;

namespace Dynospace.Reachability.Tests.Semantics;

public sealed class NodeTests
{
    [Fact]
    public void A_pods_own_node_always_reaches_it_and_other_nodes_do_not()
    {
        var cluster = Cluster().Policy("x/deny", Policies.DenyAll);

        Assert.True(cluster.Allows("node:n1", "x/a"));
        Assert.True(cluster.Allows("192.0.2.1", "x/a"));
        Assert.False(cluster.Allows("node:n2", "x/a"));
        Assert.False(cluster.Allows("192.0.2.2", "x/a"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_pod_reaches_its_own_node_unless_the_plugin_sees_that_otherwise(bool reaches)
    {
        var cluster = Cluster(new() { PodsReachOwnNode = reaches }).Policy("x/deny", Policies.DenyAll);

        Assert.Equal(reaches, cluster.Allows("x/a", "node:n1"));
        Assert.Equal(reaches, cluster.Allows("x/a", "192.0.2.1"));
        Assert.Equal(reaches, cluster.Allows("x/a", "sys/proxy-1"));
        Assert.False(cluster.Allows("x/a", "node:n2"));
        Assert.False(cluster.Allows("x/a", "sys/proxy-2"));
        Assert.True(cluster.Allows("node:n1", "x/a"));
    }

    [Fact]
    public void Policies_do_not_apply_to_pods_on_the_host_network()
    {
        var cluster = Cluster().Policy("sys/deny", Policies.DenyAll);

        Assert.True(cluster.Allows("x/a", "sys/proxy-2"));
        Assert.True(cluster.Allows("sys/proxy-2", "x/a"));
        Assert.Equal(
            "allowed: egress not subject to policy; ingress not isolated", cluster.Ask("sys/proxy-2", "x/a").Reason);
    }

    [Fact]
    public void A_pod_on_the_host_network_is_its_node_to_others()
    {
        var cluster = Cluster().Policy("x/p", Policies.Ingress("{from: [{namespaceSelector: {}}]}"));
        Assert.True(cluster.Allows("sys/proxy-1", "x/a"));
        Assert.False(cluster.Allows("sys/proxy-2", "x/a"));

        cluster.Policy("x/nodes", Policies.Ingress("{from: [{ipBlock: {cidr: 192.0.2.0/24}}]}"));

        Assert.True(cluster.Allows("sys/proxy-2", "x/a"));
        Assert.True(cluster.Allows("node:n2", "x/a"));
    }

    [Fact]
    public void A_node_may_use_any_of_its_addresses()
    {
        var cluster = new TestCluster().Node("n2", "192.0.2.2", "203.0.113.2").Pod("x/a", ip: "10.0.0.1", node: "n1")
            .Pod("sys/host", ip: "192.0.2.2", node: "n2", hostNetwork: true)
            .Policy("x/p", Policies.Ingress("{from: [{ipBlock: {cidr: 203.0.113.0/24}}]}"));

        Assert.True(cluster.Allows("node:n2", "x/a"));
        Assert.True(cluster.Allows("sys/host", "x/a"));
        Assert.True(cluster.Allows("203.0.113.2", "x/a"));
        Assert.False(cluster.Allows("192.0.2.2", "x/a"));
    }

    [Fact]
    public void A_pod_that_is_not_scheduled_has_no_own_node()
    {
        var cluster = new TestCluster().Node("n1", "192.0.2.1").Pod("x/a").Pod("sys/host", hostNetwork: true)
            .Policy("x/deny", Policies.DenyAll);

        Assert.False(cluster.Allows("node:n1", "x/a"));
        Assert.False(cluster.Allows("sys/host", "x/a"));
    }

    [Fact]
    public void A_host_whose_address_is_unknown_may_have_any()
    {
        var cluster = new TestCluster().Pod("x/a", ip: "10.0.0.1").Pod("sys/host", hostNetwork: true)
            .Policy("x/p", Policies.Ingress("{from: [{ipBlock: {cidr: 203.0.113.0/24}}]}"));

        Assert.True(cluster.Allows("sys/host", "x/a"));
    }

    private static TestCluster Cluster(EvaluationOptions? options = null) =>
        new TestCluster { Options = options ?? EvaluationOptions.Default }
            .Node("n1", "192.0.2.1").Node("n2", "192.0.2.2")
            .Pod("x/a", ip: "10.0.0.1", node: "n1")
            .Pod("sys/proxy-1", ip: "192.0.2.1", node: "n1", hostNetwork: true)
            .Pod("sys/proxy-2", ip: "192.0.2.2", node: "n2", hostNetwork: true);
}
