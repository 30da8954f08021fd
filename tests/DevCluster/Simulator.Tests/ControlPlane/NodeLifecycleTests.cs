using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Tests.ControlPlane;

public sealed class NodeLifecycleTests
{
    [Fact]
    public void Pods_of_a_failed_node_are_unready_and_evicted_after_their_toleration()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a"));

        SetReady(cluster, "False");
        Assert.False(PodTests.IsReady(cluster, "a"));
        cluster.Advance(TimeSpan.FromSeconds(299));
        Assert.False(cluster.Read(KnownResources.Pods, "a").Has("metadata", "deletionTimestamp"));
        cluster.Advance(TimeSpan.FromSeconds(1));

        Assert.True(cluster.Read(KnownResources.Pods, "a").Has("metadata", "deletionTimestamp"));
        Assert.Equal("DeletionByTaintManager", PodTests.ConditionOf(cluster, "a", "DisruptionTarget").Text("reason"));
    }

    [Fact]
    public void A_node_that_comes_back_finishes_what_was_begun()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a"));
        cluster.Apply(KnownResources.Pods, PodTests.Simple("b"));
        SetReady(cluster, "False");
        cluster.Delete(KnownResources.Pods, "b");
        Assert.NotNull(cluster.Find(KnownResources.Pods, "b"));

        SetReady(cluster, "True");

        Assert.Null(cluster.Find(KnownResources.Pods, "b"));
        Assert.True(PodTests.IsReady(cluster, "a"));
        Assert.Null(cluster.Read(KnownResources.Nodes, "dev-node-1", null).List("spec", "taints"));
    }

    [Fact]
    public void The_pods_of_a_deleted_node_go_with_it()
    {
        using var cluster = new SimulatedCluster(new ControlPlaneOptions { Nodes = 2 });
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a", "nodeSelector: {kubernetes.io/hostname: dev-node-2}"));

        cluster.Delete(KnownResources.Nodes, "dev-node-2", ns: null);

        Assert.Null(cluster.Find(KnownResources.Pods, "a"));
    }

    [Fact]
    public void A_node_that_is_added_by_hand_joins_in()
    {
        using var cluster = new SimulatedCluster();

        cluster.Apply(
            KnownResources.Nodes,
            "{metadata: {name: mine, labels: {devcluster.dev/simulated: \"true\", gpu: \"yes\"}}}");
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a", "nodeSelector: {gpu: \"yes\"}"));

        Assert.True(PodTests.IsReady(cluster, "a"));
        Assert.StartsWith(
            "172.17.", cluster.Read(KnownResources.Pods, "a").Text("status", "podIP"), StringComparison.Ordinal);
    }

    private static void SetReady(SimulatedCluster cluster, string status) =>
        cluster.Edit(
            KnownResources.Nodes,
            "dev-node-1",
            node => ConditionList.Find(node["status"], "Ready")!["status"] = status,
            "status",
            null);
}
