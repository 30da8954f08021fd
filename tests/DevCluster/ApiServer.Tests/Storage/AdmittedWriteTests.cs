using System.Text.Json.Nodes;
using DevCluster.ApiServer.Admission;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Tests.Storage;

public sealed class AdmittedWriteTests
{
    private static readonly ResourceId Namespaces = new("", "namespaces");
    private static readonly ResourceId Definitions = new("apiextensions.k8s.io", "customresourcedefinitions");

    [Fact]
    public void An_autoscaler_can_be_created()
    {
        var registry = Registry();
        var created = registry.Create(new ResourceId("autoscaling", "horizontalpodautoscalers"), Parse(
            """
            {"metadata":{"name":"web","namespace":"n"},
             "spec":{"maxReplicas":3,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}}}
            """), TestRegistry.Options);

        Assert.Equal(0, (int?)created.Content["status"]!["desiredReplicas"]);
        Assert.False(created.Content["status"]!.AsObject().ContainsKey("currentMetrics"));
    }

    [Fact]
    public void The_name_of_a_service_may_begin_with_a_digit()
    {
        var created = Registry().Create(
            new ResourceId("", "services"),
            Parse("""{"metadata":{"name":"1st","namespace":"n"},"spec":{"ports":[{"port":80}]}}"""),
            TestRegistry.Options);

        Assert.Equal("1st", created.Name);
    }

    [Theory]
    [InlineData("{}", true)]
    [InlineData("""{"status":{}}""", false)]
    public void Status_is_owned_as_a_plain_field_unless_it_has_an_endpoint(string subresources, bool isOwned)
    {
        var registry = Registry();
        var crd = Parse(
            """
            {"metadata":{"name":"things.g.example"},
             "spec":{"group":"g.example","scope":"Cluster","names":{"plural":"things","kind":"Thing"},
              "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object",
               "properties":{"spec":{"type":"string"},"status":{"type":"string"}}}}}]}}
            """);
        crd["spec"]!["versions"]![0]!["subresources"] = JsonNode.Parse(subresources);
        registry.Create(Definitions, crd, TestRegistry.Options);

        var thing = registry.Create(
            new ResourceId("g.example", "things"),
            Parse("""{"metadata":{"name":"t"},"spec":"a","status":"b"}"""),
            TestRegistry.Options);

        var owned = thing.Content["metadata"]!["managedFields"]![0]!["fieldsV1"]!.AsObject();
        Assert.True(owned.ContainsKey("f:spec"));
        Assert.Equal(isOwned, owned.ContainsKey("f:status"));
    }

    [Fact]
    public void A_status_update_changes_the_status_and_nothing_else()
    {
        var registry = Registry();
        var before = registry.Get(Namespaces, null, "n")!;
        var after = registry.Update(
            Namespaces,
            null,
            "n",
            content =>
            {
                content["metadata"]!["labels"] = new JsonObject { ["a"] = "b" };
                content["metadata"]!.AsObject().Remove("uid");
                content["spec"] = new JsonObject();
                content["status"]!["phase"] = "Terminating";
                content["extra"] = 1;
            },
            TestRegistry.Options with { Subresource = "status" });

        Assert.Equal("Terminating", (string?)after.Content["status"]!["phase"]);
        var expected = before.CloneContent();
        var actual = after.CloneContent();
        foreach (var content in (JsonObject[])[expected, actual])
        {
            content.Remove("status");
            content["metadata"]!.AsObject().Remove("managedFields");
            content["metadata"]!.AsObject().Remove("resourceVersion");
        }

        Assert.True(JsonNode.DeepEquals(expected, actual), actual.ToJsonString());
    }

    private static ResourceRegistry Registry()
    {
        var registry = TestRegistry.Create([.. AdmissionPlugins.Create(TimeProvider.System)]);
        registry.Create(Namespaces, Parse("""{"metadata":{"name":"n"}}"""), TestRegistry.Options);
        return registry;
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
