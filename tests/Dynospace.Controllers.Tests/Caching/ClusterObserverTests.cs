using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Tests.Support;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Pods;
using Xunit;

namespace Dynospace.Controllers.Tests.Caching;

/// <summary>What is found out about clusters unlike the first one.</summary>
public sealed class ClusterObserverTests
{
    [Fact]
    public async Task A_node_without_a_usable_address_is_named_and_the_others_count()
    {
        var cluster = new ObservedCluster();
        cluster.Put(
            Kinds.Node,
            """{ "metadata": { "name": "good" }, "status": { "addresses": [{ "type": "InternalIP", "address": "10.0.0.1" }] } }""");
        cluster.Put(
            Kinds.Node,
            """{ "metadata": { "name": "named" }, "status": { "addresses": [{ "type": "Hostname", "address": "named" }] } }""");
        cluster.Put(Kinds.Node, """{ "metadata": { "name": "bare" } }""");
        cluster.Put(Kinds.Node, """
            { "metadata": { "name": "odd" }, "spec": { "podCIDRs": ["10.1.0.0/16"] },
              "status": { "addresses": [
                { "type": "ExternalIP", "address": "ec2-1-2-3-4.compute.example" }, { "type": "InternalIP", "address": "fe80::1%eth0" },
                { "type": "InternalIP", "address": "10.0.0.2" }, { "type": "InternalIP" }, null ] } }
            """);

        var facts = await ObserveAsync(cluster);

        Assert.Equal(
            [
                "node bare (no address)",
                "node named (no address)",
                "node odd (ec2-1-2-3-4.compute.example)",
                "node odd (fe80::1%eth0)",
            ],
            facts.Unusable);
        Assert.Contains("10.0.0.1", facts.NodeAddresses);
        Assert.Contains("10.0.0.2", facts.NodeAddresses);
        Assert.Equal(["10.1.0.0/16"], facts.PodRanges);
    }

    [Theory]
    [InlineData(
        """{ "metadata": { "name": "n", "labels": null }, "status": { "addresses": null, "capacity": { "cpu": "1e3", "x": "0.5Ei" } } }""")]
    [InlineData(
        """{ "metadata": { "name": "n", "creationTimestamp": "0001-01-01T00:00:00Z" }, "spec": { "podCIDRs": [] }, "status": null }""")]
    public async Task A_node_that_the_API_server_accepts_is_read(string node)
    {
        var cluster = new ObservedCluster();
        cluster.Put(Kinds.Node, node);

        Assert.Single((await ObserveAsync(cluster)).Unusable);
    }

    [Fact]
    public async Task Service_ranges_are_those_of_all_ServiceCIDRs()
    {
        var cluster = new ObservedCluster();
        cluster.Put(
            Kinds.ServiceCidr,
            """{ "metadata": { "name": "kubernetes" }, "spec": { "cidrs": ["10.96.0.0/12", "fd00::/112"] } }""");
        cluster.Put(
            Kinds.ServiceCidr, """{ "metadata": { "name": "more" }, "spec": { "cidrs": ["198.51.100.0/24"] } }""");

        Assert.Equal(["10.96.0.0/12", "198.51.100.0/24", "fd00::/112"], (await ObserveAsync(cluster)).ServiceRanges);
    }

    [Fact]
    public async Task Pods_and_services_outside_known_ranges_are_learnt_and_those_inside_are_not()
    {
        var cluster = new ObservedCluster { Options = new() { Cluster = new() { Ranges = ["2001:db8:9::/48"] } } };
        cluster.Put(Kinds.Node, """
            { "metadata": { "name": "n" }, "spec": { "podCIDRs": ["10.1.0.0/16"] }, "status": { "addresses": [{ "type": "InternalIP", "address": "203.0.113.1" }] } }
            """);
        cluster.Put(Kinds.Pod, Pod("inside", "10.1.0.5", "2001:db8:9::5"));
        cluster.Put(Kinds.Pod, Pod("outside", "10.1.0.6", "2600:1f18:1:2::6"));
        cluster.Put(Kinds.Pod, Pod("host", "198.51.100.4", "2600:dead::4", "\"hostNetwork\": true"));
        cluster.Put(
            Kinds.Service,
            """{ "metadata": { "name": "s", "namespace": "x" }, "spec": { "clusterIPs": ["192.0.2.9"] } }""");

        var caches = await cluster.CachesAsync();
        var observer = new ClusterObserver(caches, cluster.Options);

        Assert.Equal(["192.0.2.0/24", "2600:1f18:1:2::/64"], observer.Observe().LearntRanges);
        Assert.False(observer.IsNews(Facts("2600:1f18:1:2::77")));
        Assert.True(observer.IsNews(Facts("2600:1f18:1:3::77")));
        Assert.False(observer.IsNews(Facts("2600:1f18:1:3::77") with { IsInHostNetwork = true }));
    }

    public static TheoryData<string, string, string> DnsServices => new()
    {
        { "kubeadm", Service(
            "kube-system", "kube-dns", "\"k8s-app\": \"kube-dns\"", "53"), "kube-system k8s-app=kube-dns 53" },
        { "OpenShift", Service(
            "openshift-dns", "dns-default", "\"dns.operator.openshift.io/daemonset-dns\": \"default\"", "\"dns\""),
            "openshift-dns dns.operator.openshift.io/daemonset-dns=default 5353" },
        { "other labels", Service(
            "kube-system", "coredns", "\"app\": \"coredns\"", "1053"), "kube-system app=coredns 53,1053" },
        { "another pod port", Service(
            "kube-system", "kube-dns", "\"k8s-app\": \"kube-dns\"", "8053"), "kube-system k8s-app=kube-dns 53,8053" },
        { "nothing that answers", Service("monitoring", "grafana", "\"app\": \"grafana\"", "53"), "" },
    };

    [Theory]
    [MemberData(nameof(DnsServices))]
    public async Task The_clusters_DNS_is_found_by_itself(string where, string service, string expected)
    {
        var cluster = new ObservedCluster();
        cluster.Put(Kinds.Service, service);

        var facts = await ObserveAsync(cluster);

        Assert.NotEmpty(where);
        Assert.Equal(expected, string.Join(';', facts.DnsServers.Select(Text)));
        Assert.Equal(expected.Length == 0, facts.IsDnsMissing);
        Assert.Equal(expected.Length == 0 ? [] : ["172.30.0.10"], facts.DnsServiceAddresses);
    }

    [Fact]
    public async Task Options_rule_over_well_known_places()
    {
        var cluster = new ObservedCluster
        {
            Options = new()
            {
                Dns = new()
                {
                    Namespace = "dns",
                    PodLabels = new Dictionary<string, string> { ["app"] = "d" },
                    Ports = [5300],
                },
            },
        };
        cluster.Put(Kinds.Service, Service("kube-system", "kube-dns", "\"k8s-app\": \"kube-dns\"", "53"));
        cluster.Put(Kinds.Service, Service("dns", "any", "\"app\": \"d\"", "5300"));

        Assert.Equal("dns app=d 5300", Text(Assert.Single((await ObserveAsync(cluster)).DnsServers)));
    }

    [Fact]
    public async Task A_node_local_cache_is_found_by_its_argument_and_behind_a_local_redirect_by_its_pods()
    {
        var cluster = new ObservedCluster();
        cluster.Put(Kinds.Service, Service("kube-system", "kube-dns", "\"k8s-app\": \"kube-dns\"", "53"));
        cluster.Put(Kinds.DaemonSet, """
            { "metadata": { "name": "node-local-dns", "namespace": "kube-system" },
              "spec": { "template": { "spec": { "hostNetwork": true, "containers": [
                { "name": "cache", "image": "i", "args": ["-localip", "169.254.25.10,172.30.0.10", "-conf", "/etc/Corefile"] } ] } } } }
            """);
        cluster.Put(
            Kinds.Pod,
            """{ "metadata": { "name": "node-local-dns-x", "namespace": "kube-system", "uid": "l", "labels": { "k8s-app": "node-local-dns" } } }""");

        var facts = await ObserveAsync(cluster);

        Assert.Equal(["169.254.25.10", "172.30.0.10"], facts.DnsServiceAddresses);
        Assert.Equal(
            ["kube-system k8s-app=kube-dns 53", "kube-system k8s-app=node-local-dns 53"],
            facts.DnsServers.Select(Text));
    }

    private static async Task<ClusterFacts> ObserveAsync(ObservedCluster cluster) =>
        new ClusterObserver(await cluster.CachesAsync(), cluster.Options).Observe();

    private static string Text(DnsServer server) =>
        $"{server.Namespace} {string.Join(',', server.PodLabels.Select(label => $"{label.Key}={label.Value}"))} "
        + $"{string.Join(',', server.Ports)}";

    private static PodFacts Facts(string address) => new() { Namespace = "x", Name = "p", Uid = "u", IP = address };

    private static string Pod(string name, string ip, string other, string spec = "") => $$"""
        { "metadata": { "name": "{{name}}", "namespace": "x", "uid": "{{name}}" }, "spec": { {{spec}} },
          "status": { "phase": "Running", "podIP": "{{ip}}", "podIPs": [{ "ip": "{{ip}}" }, { "ip": "{{other}}" }] } }
        """;

    private static string Service(string ns, string name, string selector, string targetPort) => $$"""
        { "metadata": { "name": "{{name}}", "namespace": "{{ns}}" },
          "spec": { "clusterIPs": ["172.30.0.10"], "selector": { {{selector}} }, "ports": [
            { "name": "dns", "protocol": "UDP", "port": 53, "targetPort": {{targetPort}} }, { "name": "metrics", "port": 9153, "targetPort": 9153 } ] } }
        """;
}
