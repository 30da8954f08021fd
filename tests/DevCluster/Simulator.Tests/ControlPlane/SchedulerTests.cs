using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Tests.ControlPlane;

public sealed class SchedulerTests
{
    private const string Help = " preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";

    [Theory]
    [InlineData(
        "nodeSelector: {disk: ssd}", "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.")]
    [InlineData(
        "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: "
        + "[{matchExpressions: [{key: disk, operator: Exists}]}]}}}",
        "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.")]
    public void What_no_node_takes_stays_pending_and_says_why_until_one_does(string spec, string message)
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a", spec));

        var scheduled = PodTests.ConditionOf(cluster, "a", "PodScheduled");
        Assert.Equal("Unschedulable", scheduled.Text("reason"));
        Assert.Equal(message + Help, scheduled.Text("message"));
        Assert.Equal(["FailedScheduling"], cluster.EventsAbout("a"));
        cluster.Edit(
            KnownResources.Nodes, "dev-node-1", node => node["metadata"]!["labels"]!["disk"] = "ssd", ns: null);

        Assert.True(PodTests.IsReady(cluster, "a"));
    }

    [Fact]
    public void Requests_beyond_the_room_wait_until_there_is_room()
    {
        using var cluster = new SimulatedCluster(new ControlPlaneOptions
        {
            NodeCapacity = new Dictionary<string, string> { ["cpu"] = "2", ["memory"] = "4Gi", ["pods"] = "10" },
        });
        cluster.Apply(KnownResources.Pods, Asking("a", "1500m"));
        cluster.Apply(KnownResources.Pods, Asking("b", "0.6"));
        Assert.Contains(
            "1 Insufficient cpu",
            PodTests.ConditionOf(cluster, "b", "PodScheduled").Text("message"),
            StringComparison.Ordinal);

        cluster.Delete(KnownResources.Pods, "a");

        Assert.True(PodTests.IsReady(cluster, "b"));
    }

    [Theory]
    [InlineData(
        "containers: [{name: web, image: x, resources: {requests: {cpu: 100m}}}], "
        + "initContainers: [{name: side, image: x, restartPolicy: Always, resources: {requests: {cpu: 1950m}}}]")]
    [InlineData(
        "containers: [{name: web, image: x}], "
        + "initContainers: [{name: first, image: x, resources: {requests: {cpu: 2100m}}}]")]
    [InlineData("resources: {requests: {cpu: 2100m}}, containers: [{name: web, image: x}]")]
    public void Sidecars_init_containers_and_requests_of_the_whole_pod_take_room(string spec)
    {
        using var cluster = new SimulatedCluster(new ControlPlaneOptions
        {
            NodeCapacity = new Dictionary<string, string> { ["cpu"] = "2", ["memory"] = "4Gi", ["pods"] = "10" },
        });

        cluster.Apply(KnownResources.Pods, $"{{metadata: {{name: a, namespace: default}}, spec: {{{spec}}}}}");

        Assert.Contains(
            "1 Insufficient cpu",
            PodTests.ConditionOf(cluster, "a", "PodScheduled").Text("message"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Pods_spread_over_nodes()
    {
        using var cluster = new SimulatedCluster(new ControlPlaneOptions { Nodes = 2 });
        for (var i = 0; i < 6; i++)
        {
            cluster.Apply(KnownResources.Pods, PodTests.Simple($"p{i}"));
        }

        var counts = cluster.Registry.List(KnownResources.Pods)
            .CountBy(pod => pod.Content.Text("spec", "nodeName")!)
            .Select(count => count.Value)
            .ToList();
        Assert.Equal(2, counts.Count);
        Assert.True(Math.Abs(counts[0] - counts[1]) <= 1);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("tolerations: [{key: team, operator: Equal, value: red, effect: NoSchedule}]", true)]
    [InlineData("tolerations: [{key: team, operator: Equal, value: blue, effect: NoSchedule}]", false)]
    [InlineData("tolerations: [{operator: Exists}]", true)]
    public void A_taint_keeps_out_pods_that_do_not_tolerate_it(string spec, bool isBound)
    {
        using var cluster = new SimulatedCluster();
        cluster.Edit(
            KnownResources.Nodes,
            "dev-node-1",
            node => node.Ensure("spec")
                .EnsureList("taints")
                .Add(
                    new System.Text.Json.Nodes.JsonObject
                    {
                        ["key"] = "team",
                        ["value"] = "red",
                        ["effect"] = "NoSchedule",
                    }),
            ns: null);

        cluster.Apply(KnownResources.Pods, PodTests.Simple("a", spec));

        Assert.Equal(isBound, cluster.Read(KnownResources.Pods, "a").Has("spec", "nodeName"));
    }

    [Fact]
    public void A_cordoned_node_takes_no_new_pods_and_keeps_its_own()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a"));

        cluster.Edit(KnownResources.Nodes, "dev-node-1", node => node["spec"]!["unschedulable"] = true, ns: null);
        cluster.Apply(KnownResources.Pods, PodTests.Simple("b"));

        Assert.True(PodTests.IsReady(cluster, "a"));
        Assert.False(cluster.Read(KnownResources.Pods, "b").Has("spec", "nodeName"));
        cluster.Edit(
            KnownResources.Nodes, "dev-node-1", node => node["spec"]!.AsObject().Remove("unschedulable"), ns: null);
        Assert.True(PodTests.IsReady(cluster, "b"));
    }

    private static string Asking(string name, string cpu) => $$"""
        metadata: {name: {{name}}}
        spec: {automountServiceAccountToken: false, containers: [{name: c, image: x, resources: {requests: {cpu: "{{cpu}}"} } }]}
        """;
}
