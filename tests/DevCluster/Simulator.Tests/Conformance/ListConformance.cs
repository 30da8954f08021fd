using System.Text.Json.Nodes;

namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>Lists, selectors, pages and other representations.</summary>
public abstract class ListConformance(IApiUnderTest api) : ApiConformance(api)
{
    private const string TableAccept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    private const string MetadataAccept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";

    [Fact]
    public async Task Pages_join_to_one_consistent_list()
    {
        foreach (var name in new[] { "a", "b", "c", "d", "e" })
        {
            await CreateConfigMapAsync(name);
        }

        var first = await GetAsync($"{ConfigMaps}?limit=2");
        Assert.Equal("ConfigMapList", first.Text("kind"));
        Assert.Equal("3", first.Text("metadata", "remainingItemCount"));
        await CreateConfigMapAsync("bb");
        var names = Names(first);
        var next = first.Text("metadata", "continue");
        while (next is not null)
        {
            var page = await GetAsync($"{ConfigMaps}?limit=2&continue={Uri.EscapeDataString(next)}");
            Assert.Equal(first.ResourceVersion, page.ResourceVersion);
            names.AddRange(Names(page));
            next = page.Text("metadata", "continue");
        }

        Assert.Equal(["a", "b", "c", "d", "e"], names);
    }

    [Theory]
    [InlineData("app=web", "a,b")]
    [InlineData("app==web,tier!=back", "a")]
    [InlineData("tier", "b,c")]
    [InlineData("!tier", "a,d")]
    [InlineData("app in (web,db)", "a,b,c")]
    [InlineData("app notin (web)", "c,d")]
    [InlineData("rank>1", "c")]
    [InlineData("rank<2", "b")]
    public async Task Labels_select(string selector, string expected)
    {
        await CreateLabelledAsync("a", """{"app":"web"}""");
        await CreateLabelledAsync("b", """{"app":"web","tier":"back","rank":"1"}""");
        await CreateLabelledAsync("c", """{"app":"db","tier":"data","rank":"2"}""");
        await CreateLabelledAsync("d", "{}");

        var list = await GetAsync($"{ConfigMaps}?labelSelector={Uri.EscapeDataString(selector)}");

        Assert.Equal(expected.Split(','), Names(list));
    }

    [Theory]
    [InlineData(
        "labelSelector=a%20b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt")]
    [InlineData(
        "fieldSelector=a.b%3Dc",
        "\"a.b\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")]
    [InlineData("fieldSelector=ab", "invalid selector: 'ab'; can't understand 'ab'")]
    [InlineData(
        "resourceVersion=abc",
        "invalid resource version: resourceVersion: Invalid value: \"abc\": strconv.ParseUint: parsing \"abc\": "
        + "invalid syntax")]
    public async Task Wrong_parameters_are_named(string query, string message)
    {
        var list = await GetAsync($"{ConfigMaps}?{query}");

        Assert.Equal((400, "BadRequest", message), (list.Code, list.Reason, list.Message));
    }

    [Fact]
    public async Task Fields_select()
    {
        await CreateConfigMapAsync("a");
        await CreateConfigMapAsync("b");

        Assert.Equal(["b"], Names(await GetAsync($"{ConfigMaps}?fieldSelector=metadata.name%3Db")));
        Assert.Equal(["a"], Names(await GetAsync($"{ConfigMaps}?fieldSelector=metadata.name!%3Db")));
        var pods = await GetAsync("/api/v1/pods?fieldSelector=foo%3Dbar");
        Assert.Equal((400, "field label not supported: foo"), (pods.Code, pods.Message));
    }

    [Fact]
    public async Task A_revision_from_the_future_times_out()
    {
        var list = await GetAsync($"{ConfigMaps}?resourceVersion=999999999999");

        Assert.Equal((504, "Timeout"), (list.Code, list.Reason));
        Assert.StartsWith(
            "Timeout: Too large resource version: 999999999999, current: ", list.Message, StringComparison.Ordinal);
        Assert.Equal("ResourceVersionTooLarge", (string?)list.Body["details"]!["causes"]![0]!["reason"]);
    }

    [Fact]
    public async Task A_table_has_columns_and_rows()
    {
        await CreateConfigMapAsync("a", ""","data":{"k":"v"}""");
        var table = await GetAsync(ConfigMaps, TableAccept);

        Assert.Equal(("Table", "meta.k8s.io/v1"), (table.Text("kind"), table.Text("apiVersion")));
        Assert.Equal(
            ["Name", "Data", "Age"],
            table.Body["columnDefinitions"]!.AsArray().Select(column => (string)column!["name"]!));
        var row = table.Body["rows"]![0]!;
        Assert.Equal(["a", "1"], row["cells"]!.AsArray().Take(2).Select(cell => cell!.ToString()));
        Assert.Equal("PartialObjectMetadata", (string?)row["object"]!["kind"]);
    }

    [Fact]
    public async Task Metadata_alone_can_be_listed()
    {
        await CreateConfigMapAsync("a", ""","data":{"k":"v"}""");
        var list = await GetAsync(ConfigMaps, MetadataAccept);

        Assert.Equal("PartialObjectMetadataList", list.Text("kind"));
        Assert.Equal("a", (string?)list.Body["items"]![0]!["metadata"]!["name"]);
        Assert.Null(list.Body["items"]![0]!["data"]);
    }

    private static List<string> Names(ApiReply list) =>
        [.. list.Body["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!)];

    private Task<ApiReply> CreateLabelledAsync(string name, string labels) =>
        PostAsync(
            ConfigMaps,
            new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = JsonNode.Parse(labels) },
            }.ToJsonString());
}
