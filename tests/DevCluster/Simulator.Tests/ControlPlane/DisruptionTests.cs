using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.Simulator.Tests.ControlPlane;

/// <summary>What disruptions do as time passes; what they do at once, DisruptionConformance tests.</summary>
public sealed class DisruptionTests
{
    private const string Budget = "{metadata: {name: b}, spec: {minAvailable: 1, selector: {matchLabels: {app: a}}}}";

    [Fact]
    public void An_evicted_pod_that_is_not_deleted_counts_again_after_two_minutes()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, Pod("p"));
        cluster.Apply(KnownResources.Pods, Pod("q"));
        cluster.Apply(KnownResources.PodDisruptionBudgets, Budget);
        cluster.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((2, 1), Counted(cluster));

        var since = cluster.Clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null);
        cluster.Edit(
            KnownResources.PodDisruptionBudgets,
            "b",
            budget => budget["status"]!.AsObject().Ensure("disruptedPods")["p"] = since,
            "status");
        Assert.Equal((1, 0), Counted(cluster));

        cluster.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((2, 1), Counted(cluster));
        Assert.False(cluster.Read(KnownResources.PodDisruptionBudgets, "b").Has("status", "disruptedPods"));
    }

    [Fact]
    public void The_mark_of_a_pod_that_is_not_deleted_is_withdrawn_after_two_minutes()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, Pod("p"));
        cluster.Advance(TimeSpan.FromSeconds(10));
        var since = cluster.Clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null);
        cluster.Edit(
            KnownResources.Pods,
            "p",
            pod => pod["status"]!.AsObject().EnsureList("conditions").Add(
                new JsonObject
                {
                    ["type"] = "DisruptionTarget",
                    ["status"] = "True",
                    ["lastTransitionTime"] = since,
                }),
            "status");
        Assert.Equal("True", Mark(cluster));

        cluster.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("True", Mark(cluster));
        cluster.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("False", Mark(cluster));
    }

    private static string Pod(string name) =>
        $$"""
        metadata: {name: "{{name}}", labels: {app: a} }
        spec: {automountServiceAccountToken: false, containers: [{name: c, image: "x:1"}]}
        """;

    private static (long Healthy, long Allowed) Counted(SimulatedCluster cluster)
    {
        var status = cluster.Read(KnownResources.PodDisruptionBudgets, "b").Map("status");
        return (status.NumberOrZero("currentHealthy"), status.NumberOrZero("disruptionsAllowed"));
    }

    private static string? Mark(SimulatedCluster cluster) => cluster.Read(KnownResources.Pods, "p")
        .Items("status", "conditions")
        .FirstOrDefault(condition => condition.Text("type") == "DisruptionTarget")
        .Text("status");
}
