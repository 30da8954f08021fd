using Dynospace.Reachability.Tests.Fixtures;
using k8s.Models;

namespace Dynospace.Reachability.Tests.Semantics;

public sealed class ServiceTests
{
    private const string Web = """
        clusterIP: 10.96.0.10
        selector: {app: web}
        ports:
        - {port: 80, targetPort: 8080}
        - {name: m, port: 81, targetPort: metrics}
        """;

    [Fact]
    public void Policies_see_the_backends_port_and_not_the_services()
    {
        var cluster = Cluster().Policy("y/p", Policies.Ingress("{ports: [{port: 8080}]}"));

        Assert.True(cluster.Allows("x/a", "svc:y/web", "80"));
        Assert.False(cluster.Allows("x/a", "y/web-1", "80"));
        Assert.Equal(TransportPort.Tcp(8080), cluster.Ask("x/a", "svc:y/web", "80").Backends[0].Port);
    }

    [Fact]
    public void Policies_see_the_backends_address_and_not_the_services()
    {
        var service = Cluster().Policy("x/p", Policies.Egress("{to: [{ipBlock: {cidr: 10.96.0.0/16}}]}"));
        var pods = Cluster().Policy("x/p", Policies.Egress("{to: [{namespaceSelector: {}}]}"));

        Assert.False(service.Allows("x/a", "svc:y/web"));
        Assert.False(service.Allows("x/a", "10.96.0.10"));
        Assert.True(pods.Allows("x/a", "svc:y/web"));
        Assert.True(pods.Allows("x/a", "10.96.0.10"));
    }

    [Fact]
    public void A_named_target_port_is_each_pods_own()
    {
        var backends = Cluster().Ask("x/a", "svc:y/web", "81").Backends;

        Assert.Equal(
            ["y/web-1 TCP 9100", "y/web-2 TCP 9200"], backends.Select(backend => $"{backend.Backend} {backend.Port}"));
    }

    [Fact]
    public void A_port_that_the_service_lacks_leads_nowhere()
    {
        var cluster = Cluster();

        Assert.Equal(
            "denied: service y/web has no backend for TCP 8080", cluster.Ask("x/a", "svc:y/web", "8080").Reason);
        Assert.Equal(
            "denied: service y/web has no backend for UDP 80", cluster.Ask("x/a", "svc:y/web", "80/udp").Reason);
    }

    [Fact]
    public void Where_some_backends_refuse_the_verdict_is_partial()
    {
        var cluster = Cluster().Policy("y/p", "{podSelector: {matchLabels: {n: '2'}}, policyTypes: [Ingress]}");
        var verdict = cluster.Ask("x/a", "svc:y/web");

        Assert.True(verdict.Allowed);
        Assert.True(verdict.IsPartial);
        Assert.Equal([true, false], verdict.Backends.Select(backend => backend.Verdict.Allowed));
        Assert.Equal(
            "allowed to 1 of 2 backends only; y/web-2: denied by ingress of y/p: no rule admits x/a on TCP 8080",
            verdict.Reason);
    }

    [Fact]
    public void Pods_that_have_ended_and_pods_of_other_namespaces_are_not_backends()
    {
        var cluster = Cluster().Pod("y/old", "app=web", phase: "Failed").Pod("z/web", "app=web");

        Assert.Equal(
            ["y/web-1", "y/web-2"], cluster.Ask("x/a", "svc:y/web").Backends.Select(backend => backend.Backend));
    }

    [Fact]
    public void A_headless_service_translates_nothing()
    {
        var cluster = Cluster()
            .Service("y/direct", "{clusterIP: None, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}")
            .Policy("y/p", Policies.Ingress("{ports: [{port: 8080}]}"));

        Assert.False(cluster.Allows("x/a", "svc:y/direct", "80"));
        Assert.True(cluster.Allows("x/a", "svc:y/direct", "8080"));
    }

    [Fact]
    public void Endpoint_slices_count_before_the_selector()
    {
        var cluster = Cluster()
            .Service(
                "y/db",
                "{clusterIP: 10.96.0.11, selector: {app: web}, ports: [{name: sql, port: 5432}, {name: other, port: "
                + "1}]}")
            .Add(new V1EndpointSlice
            {
                Metadata = TestCluster.Meta("y/db-1", "kubernetes.io/service-name=db"),
                AddressType = "IPv4",
                Ports = [new() { Name = "sql", Port = 6432, Protocol = "TCP" }],
                Endpoints =
                [
                    new()
                    {
                        Addresses = ["10.0.0.2"],
                        TargetRef = new() { Kind = "Pod", Name = "web-1", NamespaceProperty = "y" },
                    },
                    new() { Addresses = ["198.51.100.7"], Conditions = new() { Ready = false } },
                ],
            })
            .Policy("x/p", Policies.Egress("{to: [{ipBlock: {cidr: 198.51.100.0/24}}], ports: [{port: 6432}]}"));

        var verdict = cluster.Ask("x/a", "svc:y/db", "5432");

        Assert.Equal(["198.51.100.7", "y/web-1"], verdict.Backends.Select(backend => backend.Backend));
        Assert.Equal([true, false], verdict.Backends.Select(backend => backend.Verdict.Allowed));
        Assert.Equal("denied: service y/db has no backend for TCP 1", cluster.Ask("x/a", "svc:y/db", "1").Reason);
    }

    [Fact]
    public void A_service_is_found_by_any_of_its_addresses()
    {
        var cluster = Cluster().Add(new V1Service
        {
            Metadata = TestCluster.Meta("y/lb"),
            Spec = new()
            {
                Type = "LoadBalancer",
                ClusterIPs = ["10.96.0.12", "fd00:96::12"],
                ExternalIPs = ["203.0.113.8"],
                Selector = new Dictionary<string, string> { ["app"] = "web" },
                Ports = [new() { Port = 80, TargetPort = 8080 }],
            },
            Status = new()
            {
                LoadBalancer = new() { Ingress = [new() { Ip = "203.0.113.9" }, new() { Hostname = "lb.example" }] },
            },
        });

        foreach (var address in new[] { "10.96.0.12", "fd00:96::12", "203.0.113.8", "203.0.113.9" })
        {
            Assert.Equal("service y/lb", cluster.Ask("x/a", address).Target);
        }
    }

    [Fact]
    public void A_pod_reaches_itself_behind_its_own_service()
    {
        var cluster = Cluster().Policy("y/deny", Policies.DenyAll);

        Assert.Equal(
            [true, false], cluster.Ask("y/web-1", "svc:y/web").Backends.Select(backend => backend.Verdict.Allowed));
    }

    [Fact]
    public void An_alias_is_not_followed()
    {
        var cluster = Cluster().Service("y/alias", "{type: ExternalName, externalName: db.example.com}");

        Assert.Equal(
            "denied: service y/alias is an alias for db.example.com; ask about the address behind that name",
            cluster.Ask("x/a", "svc:y/alias").Reason);
    }

    [Fact]
    public void A_service_opens_no_connections() =>
        Assert.Throws<ArgumentException>(() => Cluster().Ask("svc:y/web", "x/a"));

    private static TestCluster Cluster() => new TestCluster()
        .Pod("x/a", ip: "10.0.0.1")
        .Pod("y/web-1", "app=web,n=1", "10.0.0.2", ports: "metrics=9100")
        .Pod("y/web-2", "app=web,n=2", "10.0.0.3", ports: "metrics=9200")
        .Pod("y/other", "app=other", "10.0.0.4")
        .Service("y/web", Web);
}
