using System.Text.Json.Nodes;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Tests.Storage;

public sealed class DeletionRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly ResourceDefinition Pods =
        BuiltInResources.All.Single(item => item.Id == new ResourceId("", "pods"));
    private static readonly ResourceDefinition Namespaces =
        BuiltInResources.All.Single(item => item.Id == new ResourceId("", "namespaces"));

    [Theory]
    [InlineData("""{"spec":{}}""", null, "")]
    [InlineData("""{"spec":{"nodeName":"n"}}""", null, "30")]
    [InlineData("""{"spec":{"nodeName":"n","terminationGracePeriodSeconds":5}}""", null, "5")]
    [InlineData("""{"spec":{"nodeName":"n"}}""", 7L, "7")]
    [InlineData("""{"spec":{"nodeName":"n"}}""", 0L, "")]
    [InlineData("""{"spec":{"nodeName":"n"},"status":{"phase":"Succeeded"}}""", null, "")]
    [InlineData("""{"spec":{"nodeName":"n"},"metadata":{"finalizers":["x.y/z"]}}""", 0L, "0")]
    [InlineData(
        """{"spec":{"nodeName":"n"},"metadata":{"deletionTimestamp":"2026-01-01T00:00:09Z","deletionGracePeriodSeconds":9}}""",
        30L,
        "9")]
    [InlineData(
        """{"spec":{"nodeName":"n"},"metadata":{"deletionTimestamp":"2026-01-01T00:00:09Z","deletionGracePeriodSeconds":9}}""",
        2L,
        "2")]
    public void A_pod_is_given_the_grace_that_it_is_due(string pod, long? asked, string expectedGrace)
    {
        var content = JsonNode.Parse(pod)!.AsObject();
        content.Metadata()["name"] = "p";
        var next = DeletionRules.Decide(Pods, content, new DeletionOptions(asked), Now);

        Assert.Equal(expectedGrace, next?["metadata"]!["deletionGracePeriodSeconds"]?.ToString() ?? "");
        if (next is not null)
        {
            var end = Now.AddSeconds(int.Parse(expectedGrace, System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal(Timestamps.Format(end), (string?)next["metadata"]!["deletionTimestamp"]);
        }
    }

    [Fact]
    public void A_namespace_waits_for_its_own_finalizers()
    {
        var content = JsonNode.Parse("""{"metadata":{"name":"n"},"spec":{"finalizers":["kubernetes"]}}""")!.AsObject();
        var next = DeletionRules.Decide(Namespaces, content, new DeletionOptions(), Now)!;

        Assert.Equal("Terminating", (string?)next["status"]!["phase"]);
        Assert.False(DeletionRules.IsFinished(Namespaces, next));
        next["spec"]!.AsObject().Remove("finalizers");
        Assert.True(DeletionRules.IsFinished(Namespaces, next));
    }

    [Fact]
    public void A_later_propagation_replaces_an_earlier_one()
    {
        var content =
            JsonNode.Parse("""{"metadata":{"name":"n","finalizers":["foregroundDeletion","x.y/z"]}}""")!.AsObject();
        var next =
            DeletionRules.Decide(Pods, content, new DeletionOptions(Propagation: DeletionPropagation.Orphan), Now)!;

        Assert.Equal(["x.y/z", "orphan"], next.Finalizers());
    }
}
