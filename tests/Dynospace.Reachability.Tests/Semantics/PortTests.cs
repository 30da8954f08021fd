using Dynospace.Reachability.Snapshots;
using Dynospace.Reachability.Tests.Fixtures;

namespace Dynospace.Reachability.Tests.Semantics;

public sealed class PortTests
{
    private static readonly string[] Asked = ["80", "81", "8080", "80/udp", "81/udp", "80/sctp"];

    // The destination calls TCP 8080 "web", UDP 81 "dns" and TCP 81 "dns" too.
    [Theory]
    [InlineData("", "80 81 8080 80/udp 81/udp 80/sctp")]
    [InlineData("{port: 80}", "80")]
    [InlineData("{port: '80'}", "80")]
    [InlineData("{port: 80, protocol: TCP}", "80")]
    [InlineData("{port: 80, protocol: UDP}", "80/udp")]
    [InlineData("{port: 80, protocol: SCTP}", "80/sctp")]
    [InlineData("{protocol: UDP}", "80/udp 81/udp")]
    [InlineData("{protocol: TCP}", "80 81 8080")]
    [InlineData("{}", "80 81 8080")]
    [InlineData("{port: 80}, {port: 81, protocol: UDP}", "80 81/udp")]
    [InlineData("{port: 80, endPort: 80}", "80")]
    [InlineData("{port: 81, endPort: 8080}", "81 8080")]
    [InlineData("{port: 1, endPort: 65535}", "80 81 8080")]
    [InlineData("{port: 1, endPort: 80, protocol: UDP}", "80/udp")]
    [InlineData("{port: web}", "8080")]
    [InlineData("{port: web, protocol: UDP}", "")]
    [InlineData("{port: dns, protocol: UDP}", "81/udp")]
    [InlineData("{port: dns}", "81")]
    [InlineData("{port: missing}", "")]
    public void A_rule_admits_its_ports(string ports, string admitted)
    {
        var ingress = Cluster().Policy("y/p", Policies.Ingress($"{{ports: [{ports}]}}"));
        var egress = Cluster().Policy("x/p", Policies.Egress($"{{ports: [{ports}]}}"));

        Assert.Equal(admitted, string.Join(' ', Asked.Where(port => ingress.Allows("x/a", "y/b", port))));
        Assert.Equal(admitted, string.Join(' ', Asked.Where(port => egress.Allows("x/a", "y/b", port))));
    }

    [Fact]
    public void A_named_port_is_the_destinations_in_both_directions()
    {
        var cluster = Cluster().Pod("y/c", ports: "web=9090").Policy("x/p", Policies.Egress("{ports: [{port: web}]}"));

        Assert.True(cluster.Allows("x/a", "y/b", "8080"));
        Assert.False(cluster.Allows("x/a", "y/b", "9090"));
        Assert.True(cluster.Allows("x/a", "y/c", "9090"));
        Assert.False(cluster.Allows("x/a", "y/c", "8080"));
    }

    [Fact]
    public void Outside_of_pods_no_port_has_a_name()
    {
        var cluster = Cluster().Pod("y/host", ip: "192.0.2.10", ports: "web=8080", hostNetwork: true)
            .Policy("x/p", Policies.Egress("{ports: [{port: web}]}"));

        Assert.False(cluster.Allows("x/a", "198.51.100.1", "8080"));
        Assert.False(cluster.Allows("x/a", "y/host", "8080"));
    }

    [Theory]
    [InlineData("Always", true)]
    [InlineData(null, false)]
    public void Names_of_sidecars_count_and_those_of_other_init_containers_do_not(string? restartPolicy, bool allowed)
    {
        var cluster = Cluster().Policy("y/p", Policies.Ingress("{ports: [{port: admin}]}")).Add(new k8s.Models.V1Pod
        {
            Metadata = TestCluster.Meta("y/s"),
            Spec = new()
            {
                Containers = [new() { Name = "main" }],
                InitContainers =
                [
                    new()
                    {
                        Name = "init",
                        RestartPolicy = restartPolicy,
                        Ports = [new() { Name = "admin", ContainerPort = 9000 }],
                    },
                ],
            },
        });

        Assert.Equal(allowed, cluster.Allows("x/a", "y/s", "9000"));
    }

    [Fact]
    public void Decisive_ports_are_where_ranges_begin_and_end()
    {
        var cluster = new TestCluster().Pod("y/b", ports: "web=8080").Policy("y/p", Policies.Ingress(
            "{ports: [{port: 80, endPort: 90}, {port: 65535, protocol: UDP}, {protocol: SCTP}, {port: web}]}"));

        Assert.Equal(
            ["TCP 1", "TCP 80", "TCP 91", "TCP 8080", "TCP 8081", "UDP 1", "UDP 65535", "SCTP 1"],
            ClusterSnapshot.From(cluster.Objects).DecisivePorts.Select(port => port.ToString()));
    }

    [Theory]
    [InlineData("80", "TCP 80")]
    [InlineData("65535/udp", "UDP 65535")]
    [InlineData("1/SCTP", "SCTP 1")]
    [InlineData("0", null)]
    [InlineData("65536", null)]
    [InlineData("-1", null)]
    [InlineData("80/icmp", null)]
    [InlineData("80/tcp/x", null)]
    [InlineData("http", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_port_is_read_from_text(string? text, string? port)
    {
        Assert.Equal(port is not null, TransportPort.TryParse(text, out var parsed));
        Assert.Equal(port ?? "TCP 0", parsed.ToString());
    }

    private static TestCluster Cluster() =>
        new TestCluster().Pod("x/a", ip: "10.0.0.1")
            .Pod("y/b", ip: "10.0.0.2", ports: "web=8080,dns=81/udp,dns=81/tcp");
}
