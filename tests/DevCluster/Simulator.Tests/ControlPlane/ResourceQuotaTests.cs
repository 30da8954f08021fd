using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.Simulator.Tests.ControlPlane;

/// <summary>
/// What the control plane does about ResourceQuotas: puts them into force, counts, and waits for room.
/// </summary>
public sealed class ResourceQuotaTests
{
    private const string Quota =
        "{metadata: {name: q}, spec: {hard: {pods: \"2\", requests.cpu: \"1\", count/services: \"9\"}}}";

    private const string Workload =
        """
        metadata: {name: w}
        spec:
          replicas: 3
          selector: {matchLabels: {app: w}}
          template:
            metadata: {labels: {app: w}}
            spec:
              automountServiceAccountToken: false
              containers: [{name: c, image: "x:1", resources: {requests: {cpu: 100m}}}]
        """;

    [Fact]
    public void What_exists_counts_from_the_start()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Pods, PodTests.Simple("a"));
        cluster.Apply(KnownResources.ResourceQuotas, Quota);

        Assert.Equal(("1", "0", "1"), Used(cluster));
        Assert.Equal("2", cluster.Read(KnownResources.ResourceQuotas, "q").Text("status", "hard", "pods"));
    }

    [Fact]
    public void A_workload_beyond_the_quota_goes_on_when_there_is_room()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.ResourceQuotas, Quota);
        cluster.Apply(KnownResources.ReplicaSets, Workload);

        Assert.Equal(2, cluster.Pods("app", "w").Count);
        Assert.Equal(("2", "200m", "1"), Used(cluster));
        Assert.Contains("FailedCreate", cluster.EventsAbout("w"));

        cluster.Edit(KnownResources.ResourceQuotas, "q", quota => quota["spec"]!["hard"]!["pods"] = "3");
        cluster.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, cluster.Pods("app", "w").Count);
        Assert.Equal(("3", "300m", "1"), Used(cluster));

        cluster.Delete(KnownResources.ReplicaSets, "w");
        cluster.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(("0", "0", "1"), Used(cluster));
    }

    private static (string?, string?, string?) Used(SimulatedCluster cluster)
    {
        var used = cluster.Read(KnownResources.ResourceQuotas, "q").Map("status", "used");
        return (used.Text("pods"), used.Text("requests.cpu"), used.Text("count/services"));
    }
}
