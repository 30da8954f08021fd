using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.Simulator.Tests.ControlPlane;

public sealed class DeploymentTests
{
    [Fact]
    public void It_becomes_available_as_rollout_status_wants_it()
    {
        using var cluster = new SimulatedCluster();

        Deploy(cluster, replicas: 3);

        var deployment = Read(cluster);
        Assert.Equal(3, cluster.Pods("app", "web").Count);
        Assert.Equal(deployment.Number("metadata", "generation"), deployment.Number("status", "observedGeneration"));
        Assert.Equal([3, 3, 3, 3], Counts(deployment));
        Assert.True(ConditionList.IsTrue(deployment["status"], "Available"));
        Assert.Equal("NewReplicaSetAvailable", ConditionList.Find(deployment["status"], "Progressing").Text("reason"));
        Assert.Equal("1", deployment.Text("metadata", "annotations", "deployment.kubernetes.io/revision"));
        var set = Assert.Single(Sets(cluster));
        Assert.StartsWith("web-", set.Name, StringComparison.Ordinal);
        Assert.All(
            cluster.Pods("app", "web"), pod => Assert.StartsWith(set.Name + "-", pod.Name, StringComparison.Ordinal));
        Assert.All(
            cluster.Pods("app", "web"),
            pod => Assert.Equal(
                set.Name["web-".Length..], pod.Content.Text("metadata", "labels", "pod-template-hash")));
    }

    [Fact]
    public void A_new_template_replaces_the_pods_and_a_rollback_brings_the_old_set_back()
    {
        using var cluster = new SimulatedCluster();
        Deploy(cluster, replicas: 4);
        var first = Assert.Single(Sets(cluster)).Name;

        SetImage(cluster, "web:2");

        Assert.Equal(
            ["web:2"],
            cluster.Pods("app", "web").Select(pod => pod.Content["spec"]!["containers"]![0].Text("image")).Distinct());
        Assert.Equal([4, 4, 4, 4], Counts(Read(cluster)));
        Assert.Equal("2", Read(cluster).Text("metadata", "annotations", "deployment.kubernetes.io/revision"));
        SetImage(cluster, "web:1");
        Assert.Equal(2, Sets(cluster).Count);
        Assert.Equal(4, Sets(cluster).Single(set => set.Name == first).Content.Number("spec", "replicas"));
        Assert.Equal("3", Read(cluster).Text("metadata", "annotations", "deployment.kubernetes.io/revision"));
    }

    [Fact]
    public void A_template_that_does_not_become_ready_stops_half_way_and_times_out()
    {
        using var cluster = new SimulatedCluster();
        Deploy(cluster, replicas: 4);

        cluster.Edit(KnownResources.Deployments, "web", deployment =>
            deployment["spec"]!["template"]!["metadata"]!.AsObject()["annotations"] = new JsonObject
            {
                ["devcluster.dev/simulate"] = "unready",
            });

        Assert.True(Read(cluster).Number("status", "readyReplicas") >= 3);
        Assert.True(ConditionList.IsTrue(Read(cluster)["status"], "Available"));
        cluster.Advance(TimeSpan.FromSeconds(601));
        Assert.Equal(
            "ProgressDeadlineExceeded", ConditionList.Find(Read(cluster)["status"], "Progressing").Text("reason"));
    }

    [Fact]
    public void Recreate_has_no_two_generations_at_once()
    {
        using var cluster = new SimulatedCluster();
        Deploy(cluster, 2, "strategy: {type: Recreate}");
        var changes = cluster.Registry.Subscribe(TestContext.Current.CancellationToken);

        SetImage(cluster, "web:2");

        var live = new Dictionary<string, string?>(
            cluster.Pods("app", "none").Select(pod => KeyValuePair.Create(pod.Name, (string?)null)));
        while (changes.TryRead(out var change))
        {
            if (change.Object.Resource != KnownResources.Pods)
            {
                continue;
            }

            live[change.Object.Name] = change.Type == ChangeType.Deleted
                ? null
                : change.Object.Content["spec"]!["containers"]![0].Text("image");
            Assert.True(live.Values.OfType<string>().Distinct().Count() <= 1);
        }

        Assert.Equal([2, 2, 2, 2], Counts(Read(cluster)));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(0)]
    public void It_scales(int replicas)
    {
        using var cluster = new SimulatedCluster();
        Deploy(cluster, replicas: 2);

        cluster.Edit(KnownResources.Deployments, "web", deployment => deployment["spec"]!["replicas"] = replicas);

        Assert.Equal(replicas, cluster.Pods("app", "web").Count);
        Assert.Equal(replicas, Read(cluster).Number("status", "replicas") ?? 0);
    }

    [Fact]
    public void A_lost_pod_is_replaced()
    {
        using var cluster = new SimulatedCluster();
        Deploy(cluster, replicas: 2);
        var lost = cluster.Pods("app", "web")[0];

        cluster.Delete(KnownResources.Pods, lost.Name);

        Assert.Equal(2, cluster.Pods("app", "web").Count);
        Assert.DoesNotContain(cluster.Pods("app", "web"), pod => pod.Uid == lost.Uid);
    }

    [Fact]
    public void Deleting_it_deletes_its_sets_and_pods()
    {
        using var cluster = new SimulatedCluster();
        Deploy(cluster, replicas: 2);

        cluster.Delete(KnownResources.Deployments, "web", DeletionPropagation.Foreground);

        Assert.Empty(Sets(cluster));
        Assert.Empty(cluster.Pods("app", "web"));
        Assert.Null(cluster.Find(KnownResources.Deployments, "web"));
    }

    [Fact]
    public void A_paused_one_does_not_roll()
    {
        using var cluster = new SimulatedCluster();
        Deploy(cluster, 2);
        cluster.Edit(KnownResources.Deployments, "web", deployment => deployment["spec"]!["paused"] = true);

        SetImage(cluster, "web:2");
        Assert.Single(Sets(cluster));
        cluster.Edit(KnownResources.Deployments, "web", deployment => deployment["spec"]!.AsObject().Remove("paused"));

        Assert.Equal(2, Sets(cluster).Count);
    }

    [Fact]
    public void Old_sets_beyond_the_limit_are_forgotten()
    {
        using var cluster = new SimulatedCluster();
        Deploy(cluster, 1, "revisionHistoryLimit: 1");

        for (var i = 2; i < 6; i++)
        {
            SetImage(cluster, $"web:{i}");
        }

        Assert.Equal(2, Sets(cluster).Count);
    }

    private static void Deploy(SimulatedCluster cluster, int replicas, string spec = "paused: false") =>
        cluster.Apply(KnownResources.Deployments, $$"""
            metadata: {name: web}
            spec:
              replicas: {{replicas}}
              {{spec}}
              selector: {matchLabels: {app: web} }
              template:
                metadata: {labels: {app: web} }
                spec: {automountServiceAccountToken: false, containers: [{name: c, image: "web:1"}]}
            """);

    private static JsonObject Read(SimulatedCluster cluster) => cluster.Read(KnownResources.Deployments, "web");

    private static void SetImage(SimulatedCluster cluster, string image) =>
        cluster.Edit(
            KnownResources.Deployments,
            "web",
            deployment => deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = image);

    private static IReadOnlyList<StoredObject> Sets(SimulatedCluster cluster) =>
        cluster.Registry.List(KnownResources.ReplicaSets, "default");

    private static IEnumerable<long> Counts(JsonObject deployment) =>
        new[]
        {
            "replicas",
            "updatedReplicas",
            "readyReplicas",
            "availableReplicas",
        }.Select(field => deployment.Number("status", field) ?? 0);
}
