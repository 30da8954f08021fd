using System.Text.Json.Nodes;

namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>CustomResourceDefinitions and their objects.</summary>
public abstract class CustomResourceConformance(IApiUnderTest api) : ApiConformance(api)
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    private readonly string _group = "g" + Guid.NewGuid().ToString("N")[..8] + ".example";

    private string Widgets => $"/apis/{_group}/v1/namespaces/{Namespace}/widgets";

    [Fact]
    public async Task A_resource_is_served_defaulted_pruned_and_validated()
    {
        await DefineAsync();
        var created = await PostAsync($"{Widgets}?fieldValidation=Ignore", Widget("w", """{"size":3,"unknown":1}"""));
        Assert.Equal(201, created.Code);
        Assert.Equal("blue", created.Text("spec", "colour"));
        Assert.Null(created.Body["spec"]!["unknown"]);
        Assert.Equal("1", created.Text("metadata", "generation"));

        var invalid = await PostAsync(Widgets, Widget("x", """{"size":11}"""));
        Assert.Equal((422, "Invalid"), (invalid.Code, invalid.Reason));
        Assert.Equal(
            $"Widget.{_group} \"x\" is invalid: spec.size: Invalid value: 11: spec.size in body should be less than "
            + $"or equal to 10",
            invalid.Message);

        var rule = await PatchAsync($"{Widgets}/w", """{"spec":{"colour":"red"}}""");
        Assert.Equal(422, rule.Code);
        Assert.Equal(
            $"Widget.{_group} \"w\" is invalid: spec.colour: Invalid value: \"red\": colour is immutable",
            rule.Message.Replace("\"string\"", "\"red\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("w.run.", false)]
    [InlineData("W.x-", false)]
    [InlineData("w.run.r", true)]
    [InlineData("w-", true)]
    public async Task A_prefix_of_names_must_itself_be_a_name_but_for_a_hyphen_at_its_end(string prefix, bool isValid)
    {
        await DefineAsync();
        var widget = JsonNode.Parse(Widget("w", "{}"))!.AsObject();
        widget["metadata"] = new JsonObject { ["generateName"] = prefix };
        var reply = await PostAsync(Widgets, widget.ToJsonString());

        Assert.Equal(isValid ? 201 : 422, reply.Code);
        if (!isValid)
        {
            Assert.Contains(
                $"metadata.generateName: Invalid value: \"{prefix}\": a lowercase RFC 1123 subdomain must consist of",
                reply.Message,
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(
        """{"ownerReferences":[{"apiVersion":"v1","kind":"Event","name":"e","uid":"u"}]}""",
        "/v1, Kind=Event is disallowed from being an owner")]
    [InlineData(
        """
        {"ownerReferences":[{"apiVersion":"v1","kind":"A","name":"a","uid":"1","controller":true},
        {"apiVersion":"v1","kind":"B","name":"b","uid":"2","controller":true}]}
        """,
        "Found \"true\" in references for A/a and B/b")]
    [InlineData(
        """{"finalizers":["orphan","foregroundDeletion"]}""",
        "finalizer orphan and foregroundDeletion cannot be both set")]
    [InlineData("""{"finalizers":["not valid"]}""", "metadata.finalizers: Invalid value: \"not valid\"")]
    public async Task Metadata_is_held_to_the_rules_of_every_kind(string metadata, string problem)
    {
        await DefineAsync();
        var widget = JsonNode.Parse(Widget("w", "{}"))!.AsObject();
        widget["metadata"] = JsonNode.Parse(metadata);
        widget["metadata"]!["name"] = "w";
        var reply = await PostAsync(Widgets, widget.ToJsonString());

        Assert.Equal(422, reply.Code);
        Assert.Contains(problem, reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_field_that_its_definition_names_an_object_has_no_scale_to_read_but_can_be_scaled()
    {
        await DefineAsync();
        await PostAsync(Widgets, Widget("w", "{}"));

        var read = await GetAsync($"{Widgets}/w/scale");
        Assert.Equal(
            (500, "Internal error occurred: the spec replicas field \".spec.size\" does not exist"),
            (read.Code, read.Message));
        var negative = await PatchAsync($"{Widgets}/w/scale", """{"spec":{"replicas":-3}}""");
        Assert.Equal(
            (422, $"Widget.{_group} \"w\" is invalid: .spec.size: Invalid value: -3: should be a non-negative integer"),
            (negative.Code, negative.Message));
        Assert.Equal(200, (await PatchAsync($"{Widgets}/w/scale", """{"spec":{"replicas":3}}""")).Code);
        Assert.Equal("3", (await GetAsync($"{Widgets}/w/scale")).Text("spec", "replicas"));
    }

    [Fact]
    public async Task Status_and_scale_are_subresources()
    {
        await DefineAsync();
        await PostAsync(Widgets, Widget("w", """{"size":3}"""));

        var status = await PatchAsync($"{Widgets}/w/status", """{"spec":{"size":9},"status":{"ready":2}}""");
        Assert.Equal(
            ("3", "2", "1"),
            (status.Text("spec", "size"), status.Text("status", "ready"), status.Text("metadata", "generation")));
        var main = await PatchAsync($"{Widgets}/w", """{"spec":{"size":4},"status":{"ready":7}}""");
        Assert.Equal(
            ("4", "2", "2"),
            (main.Text("spec", "size"), main.Text("status", "ready"), main.Text("metadata", "generation")));

        var scale = await PatchAsync($"{Widgets}/w/scale", """{"spec":{"replicas":5}}""");
        Assert.Equal(
            ("Scale", "5", "2"),
            (scale.Text("kind"), scale.Text("spec", "replicas"), scale.Text("status", "replicas")));
        Assert.Equal("5", (await GetAsync($"{Widgets}/w")).Text("spec", "size"));
    }

    [Theory]
    [InlineData(2, "editor Update scale")]
    [InlineData(0, "")]
    public async Task A_scale_to_zero_takes_the_field_from_its_managers_and_gives_it_to_none(int replicas, string owner)
    {
        await DefineAsync();
        await PostAsync($"{Widgets}?fieldManager=maker", Widget("w", """{"size":3}"""));

        await PatchAsync($"{Widgets}/w/scale?fieldManager=editor", $$$"""{"spec":{"replicas":{{{replicas}}}}}""");

        var owners = (await GetAsync($"{Widgets}/w")).Body["metadata"]!["managedFields"]!.AsArray()
            .Where(entry => entry!["fieldsV1"]?["f:spec"]?["f:size"] is not null)
            .Select(entry => $"{entry!["manager"]} {entry["operation"]} {entry["subresource"]}");
        Assert.Equal(owner, string.Join(", ", owners));
    }

    [Fact]
    public async Task An_unconditional_update_is_refused()
    {
        await DefineAsync();
        var created = await PostAsync(Widgets, Widget("w", """{"size":3}"""));
        var update = created.Body.DeepClone().AsObject();
        update["metadata"]!.AsObject().Remove("resourceVersion");

        var reply = await PutAsync($"{Widgets}/w", update);

        Assert.Equal(422, reply.Code);
        Assert.Contains("metadata.resourceVersion: Invalid value: ", reply.Message, StringComparison.Ordinal);
        Assert.Contains("must be specified for an update", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Strategic_patches_are_unsupported()
    {
        await DefineAsync();
        await PostAsync(Widgets, Widget("w", """{"size":3}"""));

        Assert.Equal(415, (await PatchAsync($"{Widgets}/w", "{}", StrategicPatch)).Code);
    }

    [Fact]
    public async Task Apply_merges_lists_by_their_keys()
    {
        await DefineAsync();
        await ApplyAsync("one", """[{"name":"a","value":1}]""");
        var applied = await ApplyAsync("two", """[{"name":"b","value":2}]""");

        Assert.Equal(["a", "b"], applied.Body["spec"]!["items"]!.AsArray().Select(item => (string)item!["name"]!));
        var removed = await ApplyAsync("one", "[]");
        Assert.Equal(["b"], removed.Body["spec"]!["items"]!.AsArray().Select(item => (string)item!["name"]!));
    }

    [Fact]
    public async Task A_table_has_the_printer_columns()
    {
        await DefineAsync();
        await PostAsync(Widgets, Widget("w", """{"size":3}"""));
        var table = await GetAsync(Widgets, "application/json;as=Table;v=v1;g=meta.k8s.io");

        Assert.Equal(
            ["Name", "Size"], table.Body["columnDefinitions"]!.AsArray().Select(column => (string)column!["name"]!));
        Assert.Equal(["w", "3"], table.Body["rows"]![0]!["cells"]!.AsArray().Select(cell => cell!.ToString()));
    }

    [Fact]
    public async Task A_definition_says_when_it_is_established()
    {
        await DefineAsync();
        var definition = await GetAsync($"{Definitions}/widgets.{_group}");

        var conditions = definition.Body["status"]!["conditions"]!.AsArray()
            .Select(condition => $"{condition!["type"]}={condition["status"]}");
        Assert.Superset(new HashSet<string> { "NamesAccepted=True", "Established=True" }, conditions.ToHashSet());
        Assert.Equal("widget", definition.Text("spec", "names", "singular"));
        Assert.Equal("WidgetList", (await GetAsync(Widgets)).Text("kind"));
    }

    /// <summary>As Helm does, though the server's own finalizer on it is not a qualified name.</summary>
    [Fact]
    public async Task A_definition_in_use_can_be_written_back_as_it_was_read()
    {
        await DefineAsync();
        var path = $"{Definitions}/widgets.{_group}";

        await EventuallyAsync(
            async () => await SendAsync("PUT", path, (await GetAsync(path)).Body.ToJsonString()) is { Code: 200 }
                or { Code: 422 });

        Assert.Equal(200, (await SendAsync("PUT", path, (await GetAsync(path)).Body.ToJsonString())).Code);
    }

    [Fact]
    public async Task Deleting_a_definition_deletes_its_objects()
    {
        await DefineAsync();
        await PostAsync(Widgets, Widget("w", """{"size":3}"""));
        await DeleteAsync($"{Definitions}/widgets.{_group}");

        await EventuallyAsync(async () => (await GetAsync($"{Definitions}/widgets.{_group}")).Code == 404);
        await EventuallyAsync(async () => (await GetAsync(Widgets)).Code == 404);
    }

    [Fact]
    public async Task A_schema_that_is_not_structural_is_refused()
    {
        var definition = Definition();
        definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!.AsObject().Remove("type");
        var reply = await PostAsync(Definitions, definition.ToJsonString());

        Assert.Equal((422, "Invalid"), (reply.Code, reply.Reason));
        Assert.Contains(
            "openAPIV3Schema.type: Required value: must not be empty at the root",
            reply.Message,
            StringComparison.Ordinal);
    }

    private static string Widget(string name, string spec, string group) =>
        $$"""{"apiVersion":"{{group}}/v1","kind":"Widget","metadata":{"name":"{{name}}"},"spec":{{spec}}}""";

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        for (var attempt = 0; !await condition(); attempt++)
        {
            Assert.True(attempt < 200, "it never happened");
            await Task.Delay(50, Cancelled);
        }
    }

    private string Widget(string name, string spec) => Widget(name, spec, _group);

    private Task<ApiReply> ApplyAsync(string manager, string items) => PatchAsync(
        $"{Widgets}/w?fieldManager={manager}", Widget("w", $$"""{"items":{{items}}}"""), ApplyPatch);

    // A real server serves a new resource a moment after its definition is established.
    private async Task DefineAsync()
    {
        Assert.Equal(201, (await PostAsync(Definitions, Definition().ToJsonString())).Code);
        await EventuallyAsync(async () =>
        {
            var probe = await PostAsync($"{Widgets}?dryRun=All", Widget("probe", "{}"));
            return probe.Code == 201;
        });
    }

    private JsonObject Definition() => JsonNode.Parse(
        $$"""
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.{{_group}}" },
         "spec":{"group":"{{_group}}","scope":"Namespaced","names":{"plural":"widgets","kind":"Widget"},
          "versions":[{"name":"v1","served":true,"storage":true,
           "subresources":{"status":{},"scale":{"specReplicasPath":".spec.size","statusReplicasPath":".status.ready"} },
           "additionalPrinterColumns":[{"name":"Size","type":"integer","jsonPath":".spec.size"}],
           "schema":{"openAPIV3Schema":{"type":"object","properties":{
            "spec":{"type":"object","properties":{
             "size":{"type":"integer","maximum":10},
             "colour":{"type":"string","default":"blue","x-kubernetes-validations":[{"rule":"self == oldSelf","message":"colour is immutable"}]},
             "items":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
              "items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"value":{"type":"integer"} } } } } },
            "status":{"type":"object","properties":{"ready":{"type":"integer"} } } } } } }]} }
        """)!.AsObject();
}
