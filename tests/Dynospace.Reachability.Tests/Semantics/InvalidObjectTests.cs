using Dynospace.Reachability.Snapshots;
using Dynospace.Reachability.Tests.Fixtures;
using k8s;
using k8s.Models;

namespace Dynospace.Reachability.Tests.Semantics;

public sealed class InvalidObjectTests
{
    [Theory]
    [InlineData(
        "{egress: [{to: [{podSelector: {}}, {ipBlock: {cidr: 10.0.0.0/33}}]}]}",
        "spec.egress[0].to[1].ipBlock.cidr",
        "10.0.0.0/33")]
    [InlineData(
        "{ingress: [{from: [{ipBlock: {cidr: 10.0.0.1}}]}]}", "spec.ingress[0].from[0].ipBlock.cidr", "10.0.0.1")]
    [InlineData("{ingress: [{from: [{ipBlock: {}}]}]}", "spec.ingress[0].from[0].ipBlock.cidr", "")]
    [InlineData(
        "{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/9, 11.0.0.0/8]}}]}]}",
        "spec.ingress[0].from[0].ipBlock.except[1]",
        "11.0.0.0/8")]
    [InlineData(
        "{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}]}",
        "spec.ingress[0].from[0].ipBlock.except[0]",
        "10.0.0.0/8")]
    [InlineData(
        "{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: ['::/0']}}]}]}",
        "spec.ingress[0].from[0].ipBlock.except[0]",
        "::/0")]
    [InlineData(
        "{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]}]}", "spec.ingress[0].from[0]", null)]
    [InlineData("{ingress: [{from: [{}]}]}", "spec.ingress[0].from[0]", null)]
    [InlineData(
        "{podSelector: {matchExpressions: [{key: a, operator: Like, values: [b]}]}}",
        "spec.podSelector.matchExpressions[0].operator",
        "Like")]
    [InlineData(
        "{podSelector: {matchExpressions: [{key: a, operator: In}]}}",
        "spec.podSelector.matchExpressions[0].values",
        null)]
    [InlineData(
        "{podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b, c]}]}}",
        "spec.podSelector.matchExpressions[0].values",
        "b, c")]
    [InlineData(
        "{podSelector: {matchExpressions: [{operator: Exists}]}}", "spec.podSelector.matchExpressions[0].key", null)]
    [InlineData(
        "{ingress: [{from: [{namespaceSelector: {matchExpressions: [{key: a, operator: x}]}}]}]}",
        "spec.ingress[0].from[0].namespaceSelector.matchExpressions[0].operator",
        "x")]
    [InlineData("{policyTypes: [Ingress, Both]}", "spec.policyTypes[1]", "Both")]
    [InlineData("{ingress: [{ports: [{protocol: tcp}]}]}", "spec.ingress[0].ports[0].protocol", "tcp")]
    [InlineData("{ingress: [{ports: [{port: 0}]}]}", "spec.ingress[0].ports[0].port", "0")]
    [InlineData("{ingress: [{ports: [{port: 65536}]}]}", "spec.ingress[0].ports[0].port", "65536")]
    [InlineData("{ingress: [{ports: [{port: -1}]}]}", "spec.ingress[0].ports[0].port", "-1")]
    [InlineData("{ingress: [{ports: [{port: Web}]}]}", "spec.ingress[0].ports[0].port", "Web")]
    [InlineData("{ingress: [{ports: [{port: a--b}]}]}", "spec.ingress[0].ports[0].port", "a--b")]
    [InlineData("{ingress: [{ports: [{port: 80, endPort: 79}]}]}", "spec.ingress[0].ports[0].endPort", "79")]
    [InlineData("{ingress: [{ports: [{port: web, endPort: 90}]}]}", "spec.ingress[0].ports[0].endPort", "90")]
    [InlineData("{ingress: [{ports: [{endPort: 90}]}]}", "spec.ingress[0].ports[0].endPort", "90")]
    [InlineData("{ingress: [{ports: [{port: 80, endPort: 65536}]}]}", "spec.ingress[0].ports[0].endPort", "65536")]
    [InlineData("{policyTypes: [Egress], ingress: [{ports: [{port: 0}]}]}", "spec.ingress[0].ports[0].port", "0")]
    public void A_policy_that_the_API_server_would_refuse_is_named_with_field_and_value(
        string spec, string field, string? value)
    {
        var cluster = new TestCluster().Policy("acme-prod/bad", spec);

        var exception = Assert.Throws<InvalidObjectException>(() => ClusterSnapshot.From(cluster.Objects));

        Assert.Equal(
            ("NetworkPolicy", "acme-prod/bad", field, value),
            (exception.Kind, exception.Name, exception.Field, exception.Value));
        Assert.StartsWith($"NetworkPolicy acme-prod/bad: {field}: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_objects_are_named_too()
    {
        IKubernetesObject[] objects =
        [
            new V1Pod { Metadata = TestCluster.Meta("x/a"), Status = new() { PodIP = "10.0.0" } },
            new V1Pod
            {
                Metadata = TestCluster.Meta("x/a"),
                Status = new() { PodIPs = [new() { Ip = "10.0.0.1" }, new() { Ip = "no" }] },
            },
            new V1Node
            {
                Metadata = new() { Name = "n" },
                Status = new() { Addresses = [new() { Type = "InternalIP", Address = "n.example" }] },
            },
            new V1Node { Metadata = new() { Name = "n" }, Spec = new() { PodCIDR = "10.0.0.0" } },
            new V1Service { Metadata = TestCluster.Meta("x/s"), Spec = new() { ClusterIP = "none", Ports = [] } },
            new V1Service
            {
                Metadata = TestCluster.Meta("x/s"),
                Spec = new() { Ports = [new() { Port = 80, Protocol = "HTTP" }] },
            },
            new V1Pod { Metadata = new() { NamespaceProperty = "x" } },
        ];

        Assert.Equal(
            [
                "Pod x/a: status.podIP",
                "Pod x/a: status.podIPs[1].ip",
                "Node n: status.addresses[0].address",
                "Node n: spec.podCIDR",
                "Service x/s: spec.clusterIP",
                "Service x/s: spec.ports[0].protocol",
                "Pod without a name: metadata.name",
            ],
            objects.Select(item => Assert.Throws<InvalidObjectException>(() => ClusterSnapshot.From([item])))
                .Select(exception => $"{exception.Kind} {exception.Name}: {exception.Field}"));
    }
}
