using Dynospace.Reachability.Addresses;
using Dynospace.Reachability.Snapshots;
using Dynospace.Reachability.Tests.Fixtures;
using k8s.Models;

namespace Dynospace.Reachability.Tests.Semantics;

/// <summary>What a connection to an address or a node becomes before policies see it.</summary>
public sealed class TranslationTests
{
    [Theory]
    [InlineData("203.0.113.8", "80", "y/one")]
    [InlineData("203.0.113.8", "90", "y/two")]
    [InlineData("203.0.113.8", "80/udp", null)]
    [InlineData("203.0.113.8", "443", null)]
    [InlineData("10.96.0.10", "80", "y/one")]
    public void An_address_that_services_share_is_translated_for_its_address_protocol_and_port(
        string address, string port, string? service)
    {
        var cluster = Cluster()
            .Service(
                "y/one",
                "{clusterIP: 10.96.0.10, externalIPs: [203.0.113.8], selector: {app: web}, ports: [{port: 80, "
                + "targetPort: 8080}]}")
            .Service(
                "y/two",
                "{clusterIP: 10.96.0.11, externalIPs: [203.0.113.8], selector: {app: web}, ports: [{port: 90, "
                + "targetPort: 8080}]}");

        var verdict = cluster.Ask("x/a", address, port);

        Assert.Equal(service is null ? address : $"service {service}", verdict.Target);
    }

    [Fact]
    public void A_cluster_address_answers_on_the_services_ports_alone() => Assert.Equal(
        "denied: service y/one has no backend for TCP 443",
        Cluster().Service("y/one", "{clusterIP: 10.96.0.10, selector: {app: web}, ports: [{port: 80}]}")
            .Ask("x/a", "10.96.0.10", "443").Reason);

    [Theory]
    [InlineData("node:n1", "Cluster", "y/web-1", "y/web-2")]
    [InlineData("192.168.0.1", "Cluster", "y/web-1", "y/web-2")]
    [InlineData("node:n1", "Local", "y/web-1")]
    [InlineData("node:n2", "Local", "y/web-2")]
    public void A_node_port_stands_for_its_backends(string node, string policy, params string[] backends)
    {
        var cluster = Cluster()
            .Service(
                "y/np",
                $"{{type: NodePort, externalTrafficPolicy: {policy}, selector: {{app: web}}, ports: [{{port: 80, "
                + $"targetPort: 8080, nodePort: 30080}}]}}")
            .Policy("y/deny", Policies.DenyAll);

        var verdict = cluster.Ask("198.51.100.7", node, "30080");

        Assert.Equal(backends, verdict.Backends.Select(backend => backend.Backend));
        Assert.False(verdict.Allowed);
        Assert.True(cluster.Ask("198.51.100.7", node, "30081").Allowed);
    }

    [Fact]
    public void A_host_port_stands_for_its_pod()
    {
        var cluster = Cluster().Policy("y/deny", Policies.DenyAll)
            .Add(Pod("y/agent", "n1", null))
            .Add(Pod("y/local", "n2", "127.0.0.1"));

        Assert.Equal("y/agent", cluster.Ask("198.51.100.7", "192.168.0.1", "9999").Target);
        Assert.False(cluster.Allows("198.51.100.7", "node:n1", "9999"));
        Assert.True(cluster.Allows("198.51.100.7", "node:n2", "9999"));
        Assert.True(cluster.Allows("198.51.100.7", "node:n1", "8080"));
        Assert.Contains(TransportPort.Tcp(9999), ClusterSnapshot.From(cluster.Objects).DecisivePorts);
    }

    /// <summary>The API server checks the number of a slice's port for nothing.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(70000)]
    public void A_slice_with_a_port_that_is_none_leads_nowhere(int port)
    {
        var cluster = Cluster()
            .Service("y/db", "{clusterIP: 10.96.0.11, ports: [{port: 5432}]}")
            .Add(new V1EndpointSlice
            {
                Metadata = TestCluster.Meta("y/db-1", "kubernetes.io/service-name=db"),
                AddressType = "IPv4",
                Ports = [new() { Name = "", Port = port, Protocol = "TCP" }],
                Endpoints = [new() { Addresses = ["10.0.0.2"] }],
            });

        Assert.Equal("denied: service y/db has no backend for TCP 5432", cluster.Ask("x/a", "svc:y/db", "5432").Reason);
    }

    [Fact]
    public void An_object_that_cannot_be_understood_is_left_out_where_that_is_wanted()
    {
        var cluster = Cluster()
            .Policy("z/odd", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/99}}]}]}")
            .Service("z/odd", "{clusterIP: nowhere, ports: [{port: 80}]}")
            .Node("odd", "fe80::1%eth0")
            .Pod("z/odd", ip: "10.0.0.010");
        var skipped = new List<string>();

        var snapshot = ClusterSnapshot.From(cluster.Objects, skipped: e => skipped.Add($"{e.Kind} {e.Name}"));

        Assert.Equal(["Node odd", "NetworkPolicy z/odd", "Pod z/odd", "Service z/odd"], skipped);
        Assert.Equal(3, snapshot.Pods.Length);
        Assert.Throws<InvalidObjectException>(() => ClusterSnapshot.From(cluster.Objects));
    }

    [Fact]
    public void A_range_is_evaluated_in_the_parts_that_policies_tell_apart()
    {
        var cluster = Cluster().Policy(
            "y/p", Policies.Ingress("{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [8.0.0.0/8]}}]}"));

        var parts = cluster.Evaluator()
            .EvaluateParts(PublicAddresses.All, Endpoint.Pod("y", "web-1"), isSource: true, TransportPort.Tcp(8080));

        var closed = Assert.Single(parts, part => !part.Verdict.Allowed);
        Assert.Equal("8.0.0.0/8", closed.Addresses.ToString());
        Assert.Equal(
            PublicAddresses.All.Intersect(CidrSet.FromRanges(AddressRange.EveryIPv4)),
            parts[0].Addresses.Union(parts[1].Addresses));
    }

    private static TestCluster Cluster() => new TestCluster()
        .Node("n1", "192.168.0.1").Node("n2", "192.168.0.2")
        .Pod("x/a", ip: "10.0.0.1", node: "n1")
        .Pod("y/web-1", "app=web", "10.0.0.2", "n1")
        .Pod("y/web-2", "app=web", "10.0.0.3", "n2");

    private static V1Pod Pod(string name, string node, string? hostIp) => new()
    {
        Metadata = TestCluster.Meta(name),
        Spec = new()
        {
            NodeName = node,
            Containers =
            [
                new() { Name = "main", Ports = [new() { ContainerPort = 9000, HostPort = 9999, HostIP = hostIp }] },
            ],
        },
        Status = new() { Phase = "Running", PodIPs = [new() { Ip = "10.0.1.1" }] },
    };
}
