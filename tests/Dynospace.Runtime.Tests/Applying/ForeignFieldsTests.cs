using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Tests.Support;

namespace Dynospace.Runtime.Tests.Applying;

/// <summary>
/// What another field manager adds to an object beside what is applied: found, removed, and left in peace.
/// </summary>
public sealed class ForeignFieldsTests
{
    private const string Own = """
        {"f:metadata":{"f:labels":{"f:a":{}}},"f:spec":{"f:replicas":{},"f:template":{"f:metadata":{"f:labels":{"f:a":{}}},
         "f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:name":{},"f:image":{},"f:env":{"k:{\"name\":\"A\"}":{".":{},"f:name":{},"f:value":{}}}}}}}}}
        """;

    private const string Spec = """
        {"replicas":1,"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[
          {"name":"x","image":"mesh"},
          {"name":"c","image":"i","env":[{"name":"X","value":"1"},{"name":"A","value":"1"},{"name":"Y","value":"2"}]},
          {"name":"y","image":"mesh"}]}}}
        """;

    private readonly ApplierFixture _fixture = new();

    private static DesiredObject Deployment => ApplierFixture.Desired(
        new ResourceKind("apps", "v1", "deployments", "Deployment", IsNamespaced: true),
        "router",
        """{"replicas":1,"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i","env":[{"name":"A","value":"1"}]}]}}}""");

    [Theory]
    [InlineData("""{"f:spec":{"f:template":{"f:spec":{"f:hostNetwork":{}}}}}""", "spec.template.spec.hostNetwork")]
    [InlineData(
        """{"f:spec":{"f:template":{"f:metadata":{"f:annotations":{".":{},"f:kubectl.kubernetes.io/restartedAt":{}}}}}}""",
        "")]
    [InlineData(
        """{"f:spec":{"f:template":{"f:metadata":{"f:labels":{"f:b":{}}}}}}""", "spec.template.metadata.labels.b")]
    [InlineData("""{"f:metadata":{"f:annotations":{"f:note":{}}},"f:status":{"f:replicas":{}}}""", "")]
    [InlineData("""{"f:spec":{"f:replicas":{}}}""", "")]
    [InlineData(
        """{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{"f:env":{"k:{\"name\":\"X\"}":{".":{},"f:value":{}},"k:{\"name\":\"A\"}":{"f:value":{}}}},"k:{\"name\":\"x\"}":{".":{}}}}}}}""",
        "spec.template.spec.containers[name=c].env[name=X], spec.template.spec.containers[name=x]")]
    public void What_is_anothers_alone_is_named(string fields, string expected) =>
        Assert.Equal(expected, string.Join(", ", Found(fields)));

    [Fact]
    public void Subresources_have_writers_of_their_own() =>
        Assert.Empty(Found("""{"f:spec":{"f:paused":{}}}""", "scale"));

    /// <summary>As after a restore from a backup: then every field is another's, and all would be removed.</summary>
    [Fact]
    public void Where_nothing_is_the_operators_nothing_is_foreign()
    {
        var metadata = Metadata("""{"f:spec":{"f:replicas":{},"f:template":{}}}""");
        metadata["managedFields"]!.AsArray().RemoveAt(0);

        Assert.Empty(ForeignFields.FromMetadata(JsonSerializer.SerializeToElement(metadata), "op"));
    }

    [Fact]
    public void Items_of_lists_are_removed_from_the_end()
    {
        var fields = Found(
            """{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"x\"}":{},"k:{\"name\":\"y\"}":{},"k:{\"name\":\"c\"}":{"f:env":{"k:{\"name\":\"X\"}":{},"k:{\"name\":\"Y\"}":{},"k:{\"name\":\"gone\"}":{}}}}}}}}""");

        var patch = ForeignFields.Removal(fields, new JsonObject { ["spec"] = JsonNode.Parse(Spec) }, "5")!;

        Assert.Equal(
            [
                "test /metadata/resourceVersion",
                "remove /spec/template/spec/containers/2",
                "remove /spec/template/spec/containers/1/env/2",
                "remove /spec/template/spec/containers/1/env/0",
                "remove /spec/template/spec/containers/0",
            ],
            patch.Select(step => $"{step!["op"]} {step["path"]}"));
    }

    [Fact]
    public async Task It_is_removed_by_a_patch_of_the_version_that_was_read()
    {
        Api.Answer = call => call.Verb == "get" ? Live("7").ReadContentWithFields() : new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = "8" },
        };

        var report = await _fixture.ApplyAsync([Deployment], Live("5").Decoded);

        Assert.Equal(["get router", "patch router"], Api.Log);
        Assert.Equal("7", Api.Calls[1].Steps![0]!["value"]!.GetValue<string>());
        Assert.Contains(
            "env[name=X] was added by kubectl", Assert.Single(report.Applied).Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_comes_back_is_removed_at_a_slow_pace()
    {
        Api.Answer = call => call.Verb == "get" ? Live("7").ReadContentWithFields() : new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = "8" },
        };
        await _fixture.ApplyAsync([Deployment], Live("5").Decoded);
        await _fixture.ApplyAsync([Deployment], Live("9").Decoded);
        Assert.Equal(2, Api.Calls.Count);
        _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
        await _fixture.ApplyAsync([Deployment], Live("10").Decoded);
        Assert.Equal(4, Api.Calls.Count);
    }

    [Fact]
    public async Task One_that_came_back_during_the_pause_is_removed_after_it()
    {
        Api.Answer = call => call.Verb == "get" ? Live("7").ReadContentWithFields() : new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = "8" },
        };
        await _fixture.ApplyAsync([Deployment], Live("5").Decoded);
        var cached = Live("9").Decoded;
        var waiting = await _fixture.ApplyAsync([Deployment], cached);
        Assert.Equal(2, Api.Calls.Count);
        Assert.Equal(TimeSpan.FromSeconds(5), waiting.RecheckAfter);
        _fixture.Clock.Advance(waiting.RecheckAfter!.Value);
        await _fixture.ApplyAsync([Deployment], cached);
        Assert.Equal(4, Api.Calls.Count);
    }

    /// <summary>A restore writes what the server fills in as well: removed, it is filled in again.</summary>
    [Fact]
    public async Task What_the_server_fills_in_again_is_left_after_one_try()
    {
        Api.Answer = _ => Live("7").ReadContentWithFields();
        await _fixture.ApplyAsync([Deployment], Live("7").Decoded);
        await _fixture.ApplyAsync([Deployment], Live("8").Decoded);
        Assert.Equal(["get router", "patch router"], Api.Log);
    }

    private FakeTransport Api => _fixture.Transport;

    private static IReadOnlyList<ForeignField> Found(string fields, string subresource = "") =>
        ForeignFields.FromMetadata(JsonSerializer.SerializeToElement(Metadata(fields, subresource)), "op");

    private static JsonObject Metadata(string fields, string subresource = "") => new()
    {
        ["managedFields"] = new JsonArray(
            new JsonObject { ["manager"] = "op", ["operation"] = "Apply", ["fieldsV1"] = JsonNode.Parse(Own) },
            new JsonObject
            {
                ["manager"] = "kubectl",
                ["operation"] = "Update",
                ["subresource"] = subresource,
                ["fieldsV1"] = JsonNode.Parse(fields),
            }),
    };

    private static EditedObject Live(string version) => new(version);

    private sealed record EditedObject(string Version)
    {
        private const string Fields =
            """{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{"f:env":{"k:{\"name\":\"X\"}":{}}}}}}}}""";

        public LiveObject Decoded => LiveObject.Decode(
            Deployment.Kind, JsonSerializer.SerializeToElement(ReadContentWithFields()), fieldManager: "op");

        public JsonObject ReadContentWithFields()
        {
            var content = ApplierFixture.Live(Deployment, version: Version, spec: Spec).ReadContent();
            content["metadata"]!["managedFields"] = Metadata(Fields)["managedFields"]!.DeepClone();
            return content;
        }
    }
}
