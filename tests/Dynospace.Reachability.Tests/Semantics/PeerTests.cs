using Dynospace.Reachability.Tests.Fixtures;

namespace Dynospace.Reachability.Tests.Semantics;

public sealed class PeerTests
{
    private static readonly string[] Sources = ["x/a", "x/b", "y/a", "y/b", "z/a", "203.0.113.5", "node:n1"];

    // A peer and which of the sources it names. The policy is in namespace x; y and z are labelled team=y and team=z.
    [Theory]
    [InlineData("{podSelector: {}}", "x/a x/b")]
    [InlineData("{podSelector: {matchLabels: {pod: a}}}", "x/a")]
    [InlineData("{namespaceSelector: {}}", "x/a x/b y/a y/b z/a")]
    [InlineData("{namespaceSelector: {}, podSelector: {}}", "x/a x/b y/a y/b z/a")]
    [InlineData("{namespaceSelector: {matchLabels: {team: y}}}", "y/a y/b")]
    [InlineData("{namespaceSelector: {matchLabels: {team: y}}, podSelector: {matchLabels: {pod: a}}}", "y/a")]
    [InlineData("{namespaceSelector: {matchLabels: {team: y}}}, {podSelector: {matchLabels: {pod: a}}}", "x/a y/a y/b")]
    [InlineData("{namespaceSelector: {matchExpressions: [{key: team, operator: In, values: [y, z]}]}}", "y/a y/b z/a")]
    [InlineData("{namespaceSelector: {matchExpressions: [{key: team, operator: DoesNotExist}]}}", "x/a x/b")]
    [InlineData("{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: z}}}", "z/a")]
    [InlineData("{namespaceSelector: {matchLabels: {team: nobody}}}", "")]
    [InlineData("{namespaceSelector: {}, podSelector: {matchLabels: {pod: a}}}", "x/a y/a z/a")]
    [InlineData("{ipBlock: {cidr: 203.0.113.0/24}}", "203.0.113.5")]
    [InlineData("{ipBlock: {cidr: 203.0.113.0/24}}, {podSelector: {matchLabels: {pod: b}}}", "x/b 203.0.113.5")]
    [InlineData("{ipBlock: {cidr: 192.0.2.10/32}}", "node:n1")]
    public void A_peer_names_its_pods_and_addresses(string peers, string admitted)
    {
        var ingress = Cluster().Policy(
            "x/p", $"{{podSelector: {{matchLabels: {{pod: target}}}}, ingress: [{{from: [{peers}]}}]}}");
        var egress = Cluster().Policy(
            "x/p",
            $"{{podSelector: {{matchLabels: {{pod: target}}}}, policyTypes: [Egress], egress: [{{to: [{peers}]}}]}}");

        Assert.Equal(admitted, string.Join(' ', Sources.Where(source => ingress.Allows(source, "x/target"))));
        Assert.Equal(admitted, string.Join(' ', Sources.Where(target => egress.Allows("x/target", target))));
    }

    [Fact]
    public void A_namespace_cannot_pass_for_another_by_its_name_label()
    {
        var cluster = new TestCluster()
            .Namespace("z", "kubernetes.io/metadata.name=y").Pod("z/a").Pod("y/a").Pod("x/target")
            .Policy(
                "x/p",
                Policies.Ingress("{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: y}}}]}"));

        Assert.False(cluster.Allows("z/a", "x/target"));
        Assert.True(cluster.Allows("y/a", "x/target"));
    }

    private static TestCluster Cluster() => new TestCluster()
        .Namespace("x").Namespace("y", "team=y").Namespace("z", "team=z")
        .Node("n1", "192.0.2.10").Node("n2", "192.0.2.11")
        .Pod("x/target", "pod=target", "10.0.0.1", "n2")
        .Pod("x/a", "pod=a", "10.0.0.2", "n2").Pod("x/b", "pod=b", "10.0.0.3", "n2")
        .Pod("y/a", "pod=a", "10.0.0.4", "n2").Pod("y/b", "pod=b", "10.0.0.5", "n2")
        .Pod("z/a", "pod=a", "10.0.0.6", "n2");
}
