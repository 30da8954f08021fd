using System.Text.Json.Nodes;
using DevCluster.ApiServer.Admission;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;
using DevCluster.Simulator.ControlPlane;

namespace DevCluster.Simulator.Tests.ControlPlane;

public sealed class BootstrapTests
{
    [Theory]
    [InlineData("default")]
    [InlineData("kube-system")]
    [InlineData("kube-public")]
    [InlineData("kube-node-lease")]
    public void Every_namespace_has_its_service_account_and_the_cluster_certificate(string ns)
    {
        using var cluster = new SimulatedCluster();

        Assert.NotNull(cluster.Find(KnownResources.ServiceAccounts, "default", ns));
        Assert.Equal("PEM", cluster.Read(KnownResources.ConfigMaps, "kube-root-ca.crt", ns).Text("data", "ca.crt"));
    }

    [Fact]
    public void A_deleted_service_account_comes_back()
    {
        using var cluster = new SimulatedCluster();

        cluster.Delete(KnownResources.ServiceAccounts, "default");

        Assert.NotNull(cluster.Find(KnownResources.ServiceAccounts, "default"));
    }

    [Fact]
    public void Nodes_are_ready_labelled_and_say_that_they_are_simulated()
    {
        using var cluster = new SimulatedCluster(
            new ControlPlaneOptions { Nodes = 3, Region = "oregon", Zones = ["a", "b"] });

        var nodes = cluster.Registry.List(KnownResources.Nodes).Select(node => node.Content).ToList();

        Assert.Equal(3, nodes.Count);
        Assert.All(nodes, node => Assert.True(ConditionList.IsTrue(node["status"], "Ready")));
        Assert.All(nodes, node => Assert.Null(node.List("spec", "taints")));
        Assert.All(
            nodes,
            node => Assert.Contains(
                "simulated", node.Text("status", "nodeInfo", "osImage"), StringComparison.Ordinal));
        Assert.All(
            nodes, node => Assert.Equal("oregon", node.Text("metadata", "labels", "topology.kubernetes.io/region")));
        Assert.Equal(
            ["a", "b", "a"], nodes.Select(node => node.Text("metadata", "labels", "topology.kubernetes.io/zone")));
        Assert.Equal(3, nodes.Select(node => node.Text("spec", "podCIDR")).Distinct().Count());
        Assert.Equal(3, nodes.Select(node => node.Items("status", "addresses")[0].Text("address")).Distinct().Count());
    }

    [Fact]
    public void Dns_has_its_address_and_a_ready_endpoint()
    {
        using var cluster = new SimulatedCluster();

        Assert.Equal(
            "10.96.0.10", cluster.Read(KnownResources.Services, "kube-dns", "kube-system").Text("spec", "clusterIP"));
        var slice = Assert.Single(cluster.Registry.List(KnownResources.EndpointSlices, "kube-system")).Content;
        Assert.True(Assert.Single(slice.Items("endpoints")).Flag("conditions", "ready"));
        Assert.Equal(["dns", "dns-tcp", "metrics"], slice.Items("ports").Select(port => port.Text("name")));
    }

    [Fact]
    public void The_api_server_has_the_first_service_address()
    {
        using var cluster = new SimulatedCluster();

        Assert.Equal("10.96.0.1", cluster.Read(KnownResources.Services, "kubernetes").Text("spec", "clusterIP"));
        Assert.NotNull(cluster.Find(KnownResources.EndpointSlices, "kubernetes"));
    }

    [Fact]
    public void A_quiet_cluster_writes_nothing()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a"));
        var revision = cluster.Registry.ResourceVersion;

        cluster.Advance(TimeSpan.FromMinutes(30));

        Assert.Equal(revision, cluster.Registry.ResourceVersion);
    }

    [Fact]
    public async Task It_begins_before_it_yields_and_stops_when_cancelled()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var registry = new ResourceRegistry(
            new ResourceCatalog(BuiltInResources.All),
            AdmissionPlugins.Create(TimeProvider.System),
            TimeProvider.System);

        var running = new SimulatedControlPlane(registry, new ControlPlaneOptions(), TimeProvider.System).RunAsync(
            stopping.Token);

        Assert.NotNull(registry.Get(KnownResources.ServiceAccounts, "default", "default"));
        Assert.False(running.IsCompleted);
        await stopping.CancelAsync();
        await running;
    }

    [Fact]
    public async Task It_wakes_up_for_changes_and_for_timers()
    {
        var token = TestContext.Current.CancellationToken;
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(token);
        var registry = new ResourceRegistry(
            new ResourceCatalog(BuiltInResources.All),
            AdmissionPlugins.Create(TimeProvider.System),
            TimeProvider.System);
        var options = new ControlPlaneOptions { StartupDelay = TimeSpan.FromMilliseconds(20) };
        var running = new SimulatedControlPlane(registry, options, TimeProvider.System).RunAsync(stopping.Token);
        var changes = registry.Subscribe(stopping.Token);
        var pod = JsonNode.Parse(
            """{"metadata":{"name":"a","namespace":"default"},"spec":{"containers":[{"name":"c","image":"x:1"}]}}""")!.AsObject();

        registry.Create(KnownResources.Pods, pod, new WriteOptions("test"));

        await foreach (var change in changes.ReadAllAsync(token))
        {
            if (change.Object.Name == "a" && ConditionList.IsTrue(change.Object.Content["status"], "Ready"))
            {
                break;
            }
        }

        await stopping.CancelAsync();
        await running;
    }
}
