using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Tests.ControlPlane;

/// <summary>Daemon sets, stateful sets and jobs.</summary>
public sealed class OtherWorkloadTests
{
    private const string Template =
        "template: {metadata: {labels: {app: w}}, spec: {automountServiceAccountToken: false, containers: [{name: c, "
        + "image: \"x:1\"}]}}";

    [Fact]
    public void A_daemon_set_has_one_pod_on_every_node_that_takes_it()
    {
        using var cluster = new SimulatedCluster(new ControlPlaneOptions { Nodes = 3 });
        cluster.Apply(
            KnownResources.DaemonSets,
            $"{{metadata: {{name: w}}, spec: {{selector: {{matchLabels: {{app: w}}}}, {Template}}}}}");

        var pods = cluster.Pods("app", "w");
        Assert.Equal(3, pods.Select(pod => pod.Content.Text("spec", "nodeName")).Distinct().Count());
        Assert.Equal(3, pods.Count);
        var status = cluster.Read(KnownResources.DaemonSets, "w").Map("status");
        Assert.Equal(
            (3, 3, 3),
            (status.Number(
                "desiredNumberScheduled"), status.Number("numberAvailable"), status.Number("updatedNumberScheduled")));

        cluster.Delete(KnownResources.Nodes, "dev-node-3", ns: null);
        Assert.Equal(2, cluster.Pods("app", "w").Count);
    }

    [Fact]
    public void A_daemon_set_rolls_its_pods()
    {
        using var cluster = new SimulatedCluster(new ControlPlaneOptions { Nodes = 3 });
        cluster.Apply(
            KnownResources.DaemonSets,
            $"{{metadata: {{name: w}}, spec: {{selector: {{matchLabels: {{app: w}}}}, {Template}}}}}");

        cluster.Edit(
            KnownResources.DaemonSets,
            "w",
            found => found["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "x:2");

        Assert.All(
            cluster.Pods("app", "w"), pod => Assert.Equal("x:2", pod.Content["spec"]!["containers"]![0].Text("image")));
        Assert.Equal(3, cluster.Read(KnownResources.DaemonSets, "w").Number("status", "updatedNumberScheduled"));
    }

    [Fact]
    public void A_stateful_set_numbers_its_pods_and_waits_for_each()
    {
        using var cluster = new SimulatedCluster(new ControlPlaneOptions { StartupDelay = TimeSpan.FromSeconds(1) });
        cluster.Apply(
            KnownResources.StatefulSets,
            $"{{metadata: {{name: w}}, spec: {{serviceName: s, replicas: 3, selector: {{matchLabels: {{app: w}}}}, "
            + $"{Template}, volumeClaimTemplates: [{{metadata: {{name: d}}, spec: {{accessModes: [ReadWriteOnce], "
                + $"resources: {{requests: {{storage: 1Gi}}}}}}}}]}}}}");

        Assert.Equal(["w-0"], Names(cluster));
        cluster.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["w-0", "w-1"], Names(cluster));
        cluster.Advance(TimeSpan.FromSeconds(1));
        cluster.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["w-0", "w-1", "w-2"], Names(cluster));
        Assert.Equal(
            ["d-w-0", "d-w-1", "d-w-2"],
            cluster.Registry.List(KnownResources.PersistentVolumeClaims, "default").Select(claim => claim.Name));
        Assert.Equal(3, cluster.Read(KnownResources.StatefulSets, "w").Number("status", "readyReplicas"));

        cluster.Edit(KnownResources.StatefulSets, "w", found => found["spec"]!["replicas"] = 1);
        Assert.Equal(["w-0"], Names(cluster));
    }

    [Fact]
    public void A_stateful_set_replaces_the_highest_first()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(
            KnownResources.StatefulSets,
            $"{{metadata: {{name: w}}, spec: {{serviceName: s, replicas: 2, selector: {{matchLabels: {{app: w}}}}, "
            + $"{Template}}}}}");

        cluster.Edit(
            KnownResources.StatefulSets,
            "w",
            found => found["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "x:2");

        Assert.All(
            cluster.Pods("app", "w"), pod => Assert.Equal("x:2", pod.Content["spec"]!["containers"]![0].Text("image")));
        var status = cluster.Read(KnownResources.StatefulSets, "w").Map("status");
        Assert.Equal(status.Text("updateRevision"), status.Text("currentRevision"));
    }

    [Fact]
    public void A_job_completes()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Jobs, Job("completions: 3, parallelism: 2", ""));
        Assert.Equal(2, cluster.Read(KnownResources.Jobs, "w").Number("status", "active"));

        cluster.Advance(TimeSpan.FromSeconds(1));
        cluster.Advance(TimeSpan.FromSeconds(1));

        Assert.True(ConditionList.IsTrue(cluster.Read(KnownResources.Jobs, "w")["status"], "Complete"));
        Assert.Equal(3, cluster.Read(KnownResources.Jobs, "w").Number("status", "succeeded"));
    }

    [Fact]
    public void A_job_gives_up()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Jobs, Job("backoffLimit: 1", "devcluster.dev/simulate: crash"));

        cluster.Advance(TimeSpan.FromSeconds(1));
        cluster.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(
            "BackoffLimitExceeded",
            ConditionList.Find(cluster.Read(KnownResources.Jobs, "w")["status"], "Failed").Text("reason"));
        Assert.Equal(2, cluster.Read(KnownResources.Jobs, "w").Number("status", "failed"));
    }

    [Fact]
    public void A_finished_job_is_removed_when_its_time_is_over()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(KnownResources.Jobs, Job("ttlSecondsAfterFinished: 10", ""));
        cluster.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(cluster.Find(KnownResources.Jobs, "w"));

        cluster.Advance(TimeSpan.FromSeconds(10));

        Assert.Null(cluster.Find(KnownResources.Jobs, "w"));
        Assert.Empty(cluster.Registry.List(KnownResources.Pods, "default"));
    }

    [Fact]
    public void Pods_that_are_refused_are_tried_again()
    {
        using var cluster = new SimulatedCluster();
        var template = Template.Replace(
            "spec: {auto", "spec: {serviceAccountName: late, auto", StringComparison.Ordinal);
        cluster.Apply(
            KnownResources.ReplicaSets,
            $"{{metadata: {{name: w}}, spec: {{replicas: 1, selector: {{matchLabels: {{app: w}}}}, {template}}}}}");
        Assert.Empty(cluster.Pods("app", "w"));

        cluster.Apply(KnownResources.ServiceAccounts, "{metadata: {name: late}}");
        cluster.Advance(TimeSpan.FromSeconds(1));

        Assert.Single(cluster.Pods("app", "w"));
    }

    [Fact]
    public void A_thousand_pods_come_and_go()
    {
        using var cluster = new SimulatedCluster();
        cluster.Apply(
            KnownResources.ReplicaSets,
            $"{{metadata: {{name: w}}, spec: {{replicas: 1000, selector: {{matchLabels: {{app: w}}}}, {Template}}}}}");

        var pods = cluster.Pods("app", "w");
        Assert.Equal(1000, pods.Count(pod => ConditionList.IsTrue(pod.Content["status"], "Ready")));
        Assert.Equal(1000, pods.Select(pod => pod.Content.Text("status", "podIP")).Distinct().Count());
        cluster.Delete(KnownResources.ReplicaSets, "w");
        Assert.Empty(cluster.Pods("app", "w"));
    }

    private static string Job(string spec, string annotations) =>
        $"{{metadata: {{name: w}}, spec: {{{spec}, template: {{metadata: {{annotations: {{{annotations}}}}}, spec: "
        + $"{{restartPolicy: Never, automountServiceAccountToken: false, containers: [{{name: c, image: x}}]}}}}}}}}";

    private static IEnumerable<string> Names(SimulatedCluster cluster) =>
        cluster.Pods("app", "w").Select(pod => pod.Name);
}
