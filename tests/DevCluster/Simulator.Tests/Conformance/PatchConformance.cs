using System.Text.Json.Nodes;

namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>The four types of patch.</summary>
public abstract class PatchConformance(IApiUnderTest api) : ApiConformance(api)
{
    [Fact]
    public async Task A_merge_patch_sets_and_removes()
    {
        await CreateConfigMapAsync("a", ""","data":{"k":"v","gone":"x"}""");
        var patched = await PatchAsync($"{ConfigMaps}/a", """{"data":{"k":"w","gone":null,"new":"n"}}""");

        Assert.Equal(200, patched.Code);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"k":"w","new":"n"}"""), patched.Body["data"]));
    }

    [Fact]
    public async Task A_json_patch_applies_its_operations_or_none()
    {
        await CreateConfigMapAsync("a", ""","data":{"k":"v"}""");
        var patched =
            await PatchAsync(
                $"{ConfigMaps}/a",
                """[{"op":"add","path":"/data/x","value":"1"},{"op":"remove","path":"/data/k"}]""",
                JsonPatch);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"x":"1"}"""), patched.Body["data"]));

        var failed = await PatchAsync($"{ConfigMaps}/a", """[{"op":"test","path":"/data/x","value":"2"}]""", JsonPatch);
        Assert.Equal((422, "Invalid"), (failed.Code, failed.Reason));
    }

    [Fact]
    public async Task A_strategic_patch_merges_lists_by_key()
    {
        var path = $"/api/v1/namespaces/{Namespace}/services";
        await PostAsync(
            path,
            """{"metadata":{"name":"s"},"spec":{"ports":[{"name":"a","port":80,"targetPort":80},{"name":"b","port":81,"targetPort":81}]}}""");
        var patched =
            await PatchAsync($"{path}/s", """{"spec":{"ports":[{"port":81,"targetPort":8081}]}}""", StrategicPatch);

        Assert.Equal(200, patched.Code);
        var ports = patched.Body["spec"]!["ports"]!.AsArray();
        Assert.Equal(
            ["80", "8081"], ports.OrderBy(port => (int)port!["port"]!).Select(port => port!["targetPort"]!.ToString()));
    }

    [Fact]
    public async Task A_patch_of_an_old_version_conflicts()
    {
        await CreateConfigMapAsync("a");
        var patched = await PatchAsync($"{ConfigMaps}/a", """{"metadata":{"resourceVersion":"1"},"data":{"x":"y"}}""");

        Assert.Equal((409, "Conflict"), (patched.Code, patched.Reason));
    }

    [Fact]
    public async Task A_patch_of_nothing_is_not_found()
    {
        var patched = await PatchAsync($"{ConfigMaps}/none", """{"data":{}}""");

        Assert.Equal(
            (404, "NotFound", "configmaps \"none\" not found"), (patched.Code, patched.Reason, patched.Message));
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    public async Task Other_types_are_unsupported(string type)
    {
        await CreateConfigMapAsync("a");
        var patched = await PatchAsync($"{ConfigMaps}/a", "{}", type);

        Assert.Equal((415, "UnsupportedMediaType"), (patched.Code, patched.Reason));
    }

    [Fact]
    public async Task Apply_creates_then_owns_then_conflicts_then_forces()
    {
        var created = await ApplyAsync("one", "v");
        Assert.Equal(201, created.Code);
        Assert.Equal("Apply", (string?)created.Body["metadata"]!["managedFields"]![0]!["operation"]);

        var same = await ApplyAsync("one", "v");
        Assert.Equal((200, created.ResourceVersion), (same.Code, same.ResourceVersion));

        var conflict = await ApplyAsync("two", "w");
        Assert.Equal((409, "Conflict"), (conflict.Code, conflict.Reason));
        Assert.Equal("Apply failed with 1 conflict: conflict with \"one\": .data.k", conflict.Message);
        Assert.Equal("FieldManagerConflict", (string?)conflict.Body["details"]!["causes"]![0]!["reason"]);

        var forced = await ApplyAsync("two", "w", "&force=true");
        Assert.Equal("w", forced.Text("data", "k"));
        Assert.Equal(
            ["two"], forced.Body["metadata"]!["managedFields"]!.AsArray().Select(entry => (string)entry!["manager"]!));
    }

    [Fact]
    public async Task Apply_removes_what_its_manager_no_longer_wants()
    {
        await PatchAsync($"{ConfigMaps}/a?fieldManager=one", Applied("""{"k":"v","old":"x"}"""), ApplyPatch);
        await PatchAsync($"{ConfigMaps}/a?fieldManager=two", """{"data":{"other":"o"}}""");
        var applied = await PatchAsync($"{ConfigMaps}/a?fieldManager=one", Applied("""{"k":"v"}"""), ApplyPatch);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"k":"v","other":"o"}"""), applied.Body["data"]));
    }

    [Fact]
    public async Task Apply_reads_yaml()
    {
        var applied =
            await PatchAsync(
                $"{ConfigMaps}/a?fieldManager=one",
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: v\n",
                ApplyPatch);

        Assert.Equal((201, "v"), (applied.Code, applied.Text("data", "k")));
    }

    [Fact]
    public async Task Apply_needs_a_manager()
    {
        var applied = await PatchAsync($"{ConfigMaps}/a", Applied("{}"), ApplyPatch);

        Assert.Equal(
            (422,
                "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch"),
            (applied.Code, applied.Message));
    }

    [Fact]
    public async Task Only_apply_can_be_forced()
    {
        await CreateConfigMapAsync("a");
        var patched = await PatchAsync($"{ConfigMaps}/a?force=true", "{}");

        Assert.Equal(
            (422,
                "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch"),
            (patched.Code, patched.Message));
    }

    private Task<ApiReply> ApplyAsync(string manager, string value, string more = "") =>
        PatchAsync($"{ConfigMaps}/a?fieldManager={manager}{more}", Applied($$"""{"k":"{{value}}"}"""), ApplyPatch);

    private static string Applied(string data) =>
        $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{{data}}}""";
}
