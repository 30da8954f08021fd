using Dynospace.Reachability.Tests.Fixtures;
using k8s.Models;

namespace Dynospace.Reachability.Tests.Semantics;

public sealed class IsolationTests
{
    [Fact]
    public void Without_policies_everyone_reaches_everyone()
    {
        var cluster = Pair();

        Assert.True(cluster.Allows("x/a", "y/b"));
        Assert.True(cluster.Allows("198.51.100.1", "y/b", "53/udp"));
        Assert.True(cluster.Allows("x/a", "198.51.100.1"));
    }

    // policyTypes by default: ingress always, egress where there are egress rules.
    [Theory]
    [InlineData("{podSelector: {}}", true, false)]
    [InlineData("{podSelector: {}, ingress: []}", true, false)]
    [InlineData("{podSelector: {}, egress: []}", true, false)]
    [InlineData("{podSelector: {}, policyTypes: []}", true, false)]
    [InlineData("{podSelector: {}, egress: [{ports: [{port: 1}]}]}", true, true)]
    [InlineData("{podSelector: {}, policyTypes: [Ingress]}", true, false)]
    [InlineData("{podSelector: {}, policyTypes: [Egress]}", false, true)]
    [InlineData("{podSelector: {}, policyTypes: [Ingress, Egress]}", true, true)]
    [InlineData("{podSelector: {}, policyTypes: [Ingress], egress: [{ports: [{port: 1}]}]}", true, false)]
    [InlineData("{podSelector: {}, policyTypes: [Egress], ingress: [{ports: [{port: 1}]}]}", false, true)]
    [InlineData("{policyTypes: [Ingress]}", true, false)]
    [InlineData("{podSelector: {matchLabels: {app: other}}, policyTypes: [Ingress, Egress]}", false, false)]
    public void A_policy_isolates_in_the_directions_of_its_types(string spec, bool ingress, bool egress)
    {
        var cluster = Pair().Policy("x/p", spec);

        Assert.Equal(!ingress, cluster.Allows("y/b", "x/a"));
        Assert.Equal(!egress, cluster.Allows("x/a", "y/b"));
    }

    [Theory]
    [InlineData("{podSelector: {}, policyTypes: [Ingress], ingress: [{}]}", true)]
    [InlineData("{podSelector: {}, policyTypes: [Ingress], ingress: [{from: []}]}", true)]
    [InlineData("{podSelector: {}, policyTypes: [Ingress], ingress: [{ports: []}]}", true)]
    [InlineData("{podSelector: {}, policyTypes: [Ingress], ingress: []}", false)]
    public void An_empty_rule_admits_all_and_no_rule_admits_none(string spec, bool allowed)
    {
        var cluster = Pair().Policy("x/p", spec);

        Assert.Equal(allowed, cluster.Allows("y/b", "x/a", "4711/udp"));
        Assert.Equal(allowed, cluster.Allows("198.51.100.1", "x/a", "9/sctp"));
    }

    [Fact]
    public void A_null_rule_is_an_empty_one_as_for_the_API_server()
    {
        var policy = new V1NetworkPolicy
        {
            Metadata = TestCluster.Meta("x/p"),
            Spec = new() { PodSelector = new(), PolicyTypes = ["Ingress"], Ingress = [null!] },
        };

        Assert.True(Pair().Policy("x/deny", Policies.DenyIngress).Add(policy).Allows("y/b", "x/a"));
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, true, false)]
    public void Both_the_source_and_the_destination_must_admit_a_connection(
        bool sourceDenies, bool targetDenies, bool allowed)
    {
        var cluster = Pair();
        if (sourceDenies)
        {
            cluster.Policy("x/out", Policies.DenyEgress);
        }

        if (targetDenies)
        {
            cluster.Policy("y/in", Policies.DenyIngress);
        }

        Assert.Equal(allowed, cluster.Allows("x/a", "y/b"));
    }

    [Fact]
    public void Policies_add_up()
    {
        var cluster = Pair()
            .Policy("x/deny", Policies.DenyIngress)
            .Policy("x/eighty", Policies.Ingress("{ports: [{port: 80}]}"))
            .Policy("x/dns", Policies.Ingress("{ports: [{port: 53, protocol: UDP}]}"));

        Assert.True(cluster.Allows("y/b", "x/a", "80"));
        Assert.True(cluster.Allows("y/b", "x/a", "53/udp"));
        Assert.False(cluster.Allows("y/b", "x/a", "53"));
        Assert.False(cluster.Allows("y/b", "x/a", "81"));
    }

    [Fact]
    public void Rules_of_one_policy_add_up_but_peers_and_ports_of_one_rule_belong_together()
    {
        var cluster = new TestCluster().Pod("x/a").Pod("y/b").Pod("z/c")
            .Policy("x/p", Policies.Ingress("""
                {from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: y}}}], ports: [{port: 80}]},
                {from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: z}}}], ports: [{port: 81}]}
                """));

        Assert.True(cluster.Allows("y/b", "x/a", "80"));
        Assert.False(cluster.Allows("y/b", "x/a", "81"));
        Assert.False(cluster.Allows("z/c", "x/a", "80"));
        Assert.True(cluster.Allows("z/c", "x/a", "81"));
    }

    [Fact]
    public void Replies_need_no_rule()
    {
        var cluster = Pair()
            .Policy("x/out-only", """{podSelector: {}, policyTypes: [Ingress, Egress], egress: [{}]}""")
            .Policy("y/in-only", """{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{}]}""");

        Assert.True(cluster.Allows("x/a", "y/b"));
        Assert.False(cluster.Allows("y/b", "x/a"));
    }

    [Fact]
    public void A_policy_concerns_pods_of_its_own_namespace_only()
    {
        var cluster = Pair().Pod("x/c").Policy("y/deny", Policies.DenyAll);

        Assert.True(cluster.Allows("x/c", "x/a"));
        Assert.False(cluster.Allows("x/a", "y/b"));
    }

    [Fact]
    public void A_pod_always_reaches_itself()
    {
        var cluster = Pair().Policy("x/deny", Policies.DenyAll);

        Assert.True(cluster.Allows("x/a", "x/a"));
        Assert.True(cluster.Allows("x/a", "127.0.0.1"));
        Assert.True(cluster.Allows("x/a", "::1"));
    }

    [Theory]
    [InlineData("Running", true)]
    [InlineData("Pending", true)]
    [InlineData("Unknown", true)]
    [InlineData("Succeeded", false)]
    [InlineData("Failed", false)]
    public void A_pod_that_has_ended_is_not_an_endpoint(string phase, bool endpoint)
    {
        var cluster = Pair().Pod("x/old", phase: phase);

        Assert.Equal(endpoint, cluster.Allows("y/b", "x/old"));
        Assert.Equal(endpoint, cluster.Allows("x/old", "y/b"));
    }

    private static TestCluster Pair() =>
        new TestCluster().Pod("x/a", "app=a", "10.0.0.1").Pod("y/b", "app=b", "10.0.0.2");
}
