using System.Text.Json;
using Dynospace.Api;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Pods;

namespace Dynospace.Planning.Tests.Pods;

public sealed class PodFactsTests
{
    /// <summary>What a dyno may cost is ten kilobytes in all; its pod is the smaller part.</summary>
    private const int LargestFacts = 1500;

    private const string DynoPod = """
        {"apiVersion": "v1", "kind": "Pod",
         "metadata": {"name": "shop-web-1-abc", "namespace": "acme", "uid": "u1", "resourceVersion": "42",
           "labels": {"dynospace.dev/dyno": "shop.web.1", "dynospace.dev/app": "shop", "dynospace.dev/release": "7"},
           "annotations": {"dynospace.dev/template-hash": "h"},
           "ownerReferences": [{"kind": "Other", "uid": "x"}, {"kind": "Dyno", "uid": "d1", "controller": true}]},
         "spec": {"nodeName": "node-1", "containers": [{"name": "dyno"}]},
         "status": {"phase": "Running", "podIP": "10.244.0.7",
           "conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "True"}],
           "containerStatuses": [
             {"name": "sidecar", "restartCount": 9, "state": {"waiting": {"reason": "CrashLoopBackOff"}}},
             {"name": "dyno", "restartCount": 2, "started": true, "state": {"running": {"startedAt": "2026-03-01T12:00:00Z"}},
              "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "startedAt": "2026-03-01T11:00:00Z", "finishedAt": "2026-03-01T11:01:30Z"}}}]}}
        """;

    private const string Canary = """
        {"metadata": {"name": "canary-probe-x", "namespace": "acme", "uid": "u2", "creationTimestamp": "2026-03-01T12:00:00Z",
           "labels": {"dynospace.dev/component": "canary", "dynospace.dev/canary": "probe"}},
         "status": {"phase": "Failed", "containerStatuses": [{"name": "canary", "state": {"terminated": {"exitCode": 13, "reason": "Error"}}}]}}
        """;

    [Fact]
    public void The_end_of_a_canary_is_read()
    {
        var facts = Parse(Canary);

        Assert.Equal(
            new CanaryFacts(CanaryRoles.Probe, new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)), facts.Canary);
        Assert.Equal((true, 13), (facts.Container!.HasEnded, facts.Container.LastTermination!.ExitCode));
    }

    [Fact]
    public void A_dyno_is_not_a_canary_whatever_its_labels() =>
        Assert.Null(
            Parse(
                Canary.Replace(
                    "\"labels\": {",
                    "\"labels\": {\"dynospace.dev/dyno\": \"shop.web.1\", ",
                    StringComparison.Ordinal)).Canary);

    [Fact]
    public void The_facts_of_a_dynos_pod_are_read()
    {
        var facts = Parse(DynoPod);

        Assert.Equal(
            new PodFacts
            {
                Namespace = "acme",
                Name = "shop-web-1-abc",
                Uid = "u1",
                ResourceVersion = "42",
                OwnerUid = "d1",
                Dyno = "shop.web.1",
                LabelDigest = PodLabels.Digest(new Dictionary<string, string>
                {
                    [Labels.Release] = "7",
                    [Labels.App] = "shop",
                    [Labels.Dyno] = "shop.web.1",
                    ["team"] = "not ours",
                }),
                TemplateHash = "h",
                Release = 7,
                Phase = PodPhase.Running,
                IsReady = true,
                IP = "10.244.0.7",
                Node = "node-1",
                Container = new()
                {
                    IsRunning = true,
                    StartedAt = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
                    IsStarted = true,
                    Restarts = 2,
                    LastTermination = new(137, "OOMKilled", TimeSpan.FromSeconds(90))
                    {
                        FinishedAt = new DateTimeOffset(2026, 3, 1, 11, 1, 30, TimeSpan.Zero),
                    }
                },
                Labels = facts.Labels,
            },
            facts);
        Assert.Empty(facts.Labels);
    }

    [Fact]
    public void Labels_of_a_pod_that_is_not_a_dyno_are_kept_for_selectors() =>
        Assert.Equal(
            "orders-db", Parse("""{"metadata": {"name": "db-0", "labels": {"app": "orders-db"}}}""").Labels["app"]);

    [Theory]
    [InlineData(
        """{"status": {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes"}]}}""",
        true,
        "0/1 nodes")]
    [InlineData(
        """{"status": {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]}}""",
        false,
        null)]
    public void A_pod_that_no_node_takes_is_recognised(string json, bool isUnschedulable, string? message) =>
        Assert.Equal((isUnschedulable, message), (Parse(json).IsUnschedulable, Parse(json).Message));

    [Theory]
    [InlineData(
        """{"status": {"phase": "Failed", "reason": "Evicted", "message": "The node was low on memory"}}""",
        PodPhase.Failed,
        "Evicted")]
    [InlineData("""{"status": {"phase": "Running", "reason": "NodeLost"}}""", PodPhase.Unknown, "NodeLost")]
    [InlineData("""{"status": {"phase": "Unknown"}}""", PodPhase.Unknown, null)]
    [InlineData("""{"status": {"phase": "Succeeded"}}""", PodPhase.Succeeded, null)]
    [InlineData("""{}""", PodPhase.Pending, null)]
    public void The_phase_says_whether_a_pod_comes_back(string json, PodPhase phase, string? reason) =>
        Assert.Equal((phase, reason), (Parse(json).Phase, Parse(json).Reason));

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"metadata": null, "spec": 1, "status": "x"}""")]
    [InlineData(
        """{"metadata": {"labels": [], "ownerReferences": {}}, "status": {"conditions": 5, "containerStatuses": [7]}}""")]
    [InlineData(
        """{"metadata": {"name": 5}, "status": {"containerStatuses": [{"name": "dyno", "restartCount": "many", "state": []}]}}""")]
    public void A_pod_of_any_shape_is_read_as_far_as_it_goes(string json) => Assert.Equal("", Parse(json).Name);

    [Fact]
    public void A_pod_that_is_being_deleted_is_recognised() =>
        Assert.True(Parse("""{"metadata": {"deletionTimestamp": "2026-03-01T12:00:00Z"}}""").IsTerminating);

    [Fact]
    public void Words_that_repeat_are_kept_once()
    {
        var (first, second) = (Parse(DynoPod), Parse(DynoPod));

        Assert.Same(first.Node, second.Node);
        Assert.Same(first.Namespace, second.Namespace);
    }

    [Fact]
    public void A_pod_without_its_labels_is_still_its_dynos()
    {
        var facts = Parse("""
            {"metadata": {"name": "shop-web-1-abc", "namespace": "acme", "uid": "u1", "ownerReferences": [
              {"apiVersion": "dynospace.dev/v1alpha1", "kind": "Dyno", "name": "shop.web.1", "uid": "d1", "controller": true}]}}
            """);

        Assert.Equal(("shop.web.1", "d1", 0UL), (facts.Dyno, facts.OwnerUid, facts.LabelDigest));
    }

    [Fact]
    public void The_facts_of_a_pod_are_small()
    {
        using var document = JsonDocument.Parse(DynoPod);
        PodFacts.Parse(document.RootElement);
        var before = GC.GetAllocatedBytesForCurrentThread();

        PodFacts.Parse(document.RootElement);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, LargestFacts);
    }

    [Fact]
    public void A_planned_pod_reads_back()
    {
        var app = Samples.Sample.App("shop", ("web", 1));
        var pod =
            DynoPlanner.Plan(
                Samples.Sample.Observed(Samples.Sample.Dyno(app, "web", 1), app), Samples.Sample.Options).Pod!;

        var facts = Parse(k8s.KubernetesJson.Serialize(pod));

        Assert.Equal(
            Samples.Sample.PodOf(pod) with
            {
                Uid = "",
                Phase = PodPhase.Pending,
                Labels = facts.Labels,
                LabelDigest = PodLabels.Digest(pod.Metadata.Labels.AsReadOnly()),
                HasName = true,
            },
            facts);
        Assert.Equal(pod.Metadata.Labels[Labels.Dyno], facts.Dyno);
    }

    private static PodFacts Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return PodFacts.Parse(document.RootElement);
    }
}
