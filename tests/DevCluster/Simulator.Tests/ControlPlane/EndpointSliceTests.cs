using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.Simulator.Tests.ControlPlane;

public sealed class EndpointSliceTests
{
    [Fact]
    public void A_service_without_pods_has_an_empty_slice()
    {
        using var cluster = new SimulatedCluster();

        Serve(cluster);

        var slice = Assert.Single(Slices(cluster));
        Assert.Empty(slice.Items("endpoints"));
        Assert.Equal(
            "endpointslice-controller.k8s.io",
            slice.Text("metadata", "labels", "endpointslice.kubernetes.io/managed-by"));
        Assert.Equal("Service", Assert.Single(slice.Items("metadata", "ownerReferences")).Text("kind"));
    }

    [Fact]
    public void Endpoints_follow_their_pods()
    {
        using var cluster = new SimulatedCluster();
        Serve(cluster);
        cluster.Apply(KnownResources.Pods, Pod("a"));
        cluster.Apply(KnownResources.Pods, Pod("b", "{devcluster.dev/simulate: unready}"));

        var endpoints = Assert.Single(Slices(cluster)).Items("endpoints").ToList();
        Assert.Equal(["a", "b"], endpoints.Select(endpoint => endpoint.Text("targetRef", "name")));
        Assert.Equal([true, false], endpoints.Select(endpoint => endpoint.Flag("conditions", "ready")));
        Assert.Equal("dev-node-1", endpoints[0].Text("nodeName"));
        Assert.Equal("local-a", endpoints[0].Text("zone"));
        Assert.Equal(
            cluster.Read(KnownResources.Pods, "a").Text("status", "podIP"), endpoints[0].Texts("addresses").Single());

        cluster.Edit(KnownResources.Pods, "a", pod => pod["metadata"]!["labels"]!["app"] = "other");
        cluster.Delete(KnownResources.Pods, "b");
        Assert.Empty(Assert.Single(Slices(cluster)).Items("endpoints"));
    }

    [Fact]
    public void A_terminating_pod_serves_but_is_not_ready()
    {
        using var cluster = new SimulatedCluster();
        Serve(cluster);
        cluster.Apply(KnownResources.Pods, Pod("a", "{devcluster.dev/simulate: never-terminates}"));

        cluster.Delete(KnownResources.Pods, "a");

        var conditions = Assert.Single(Assert.Single(Slices(cluster)).Items("endpoints")).Map("conditions");
        Assert.Equal(
            (false, true, true),
            (conditions.Flag("ready"), conditions.Flag("serving"), conditions.Flag("terminating")));
    }

    [Fact]
    public void Named_target_ports_may_differ_from_pod_to_pod()
    {
        using var cluster = new SimulatedCluster();
        Serve(cluster, "ports: [{port: 80, name: w, targetPort: http}]");
        cluster.Apply(KnownResources.Pods, Pod("a", port: 5000));
        cluster.Apply(KnownResources.Pods, Pod("b", port: 6000));

        var ports = Slices(cluster).ToDictionary(
            slice => slice.Items("ports").Single().Number("port") ?? 0,
            slice => slice.Items("endpoints").Single().Text("targetRef", "name"));
        Assert.Equal("a", ports[5000]);
        Assert.Equal("b", ports[6000]);
    }

    [Fact]
    public void A_headless_service_says_so_and_may_publish_pods_that_are_not_ready()
    {
        using var cluster = new SimulatedCluster();
        Serve(cluster, "clusterIP: None, publishNotReadyAddresses: true");
        cluster.Apply(KnownResources.Pods, Pod("a", "{devcluster.dev/simulate: unready}"));

        var slice = Assert.Single(Slices(cluster));
        Assert.True(slice.Map("metadata", "labels")!.ContainsKey("service.kubernetes.io/headless"));
        Assert.True(Assert.Single(slice.Items("endpoints")).Flag("conditions", "ready"));
        Assert.False(slice.Items("endpoints").Single().Flag("conditions", "serving"));
    }

    [Fact]
    public void A_slice_holds_a_hundred_endpoints()
    {
        using var cluster = new SimulatedCluster();
        Serve(cluster);
        for (var i = 0; i < 250; i++)
        {
            cluster.Create(KnownResources.Pods, Pod($"p{i}"));
        }

        cluster.Settle();

        var slices = Slices(cluster);
        Assert.Equal([50, 100, 100], slices.Select(slice => slice.Items("endpoints").Count).Order());
        Assert.Equal(
            250,
            slices.SelectMany(slice => slice.Items("endpoints"))
                .Select(endpoint => endpoint.Text("targetRef", "name"))
                .Distinct()
                .Count());
    }

    [Fact]
    public void Slices_go_with_their_service_and_foreign_ones_are_left_alone()
    {
        using var cluster = new SimulatedCluster();
        Serve(cluster);
        cluster.Apply(
            KnownResources.EndpointSlices,
            "{metadata: {name: mine, labels: {kubernetes.io/service-name: web}}, addressType: IPv4, endpoints: []}");

        cluster.Delete(KnownResources.Services, "web");

        Assert.Equal("mine", Assert.Single(Slices(cluster)).Text("metadata", "name"));
    }

    [Fact]
    public void Ended_pods_are_not_endpoints()
    {
        using var cluster = new SimulatedCluster();
        Serve(cluster);
        cluster.Apply(KnownResources.Pods, PodTests.Simple("web", "restartPolicy: Never"));
        Assert.Single(Assert.Single(Slices(cluster)).Items("endpoints"));

        cluster.Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(Assert.Single(Slices(cluster)).Items("endpoints"));
    }

    private static void Serve(SimulatedCluster cluster, string spec = "ports: [{port: 80, targetPort: 5000}]") =>
        cluster.Apply(
            KnownResources.Services, $"{{metadata: {{name: web}}, spec: {{selector: {{app: web}}, {spec}}}}}");

    private static string Pod(string name, string annotations = "{}", int port = 5000) => $$"""
        metadata: {name: {{name}}, labels: {app: web}, annotations: {{annotations}}}
        spec:
          automountServiceAccountToken: false
          containers: [{name: c, image: x, ports: [{name: http, containerPort: {{port}}}]}]
        """;

    private static List<JsonObject> Slices(SimulatedCluster cluster) =>
    [
        .. cluster.Registry.List(KnownResources.EndpointSlices, "default")
            .Where(slice => slice.Content.Text("metadata", "labels", "kubernetes.io/service-name") == "web")
                .Select(slice => slice.Content),
    ];
}
