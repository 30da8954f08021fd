using System.Text.Json.Nodes;

namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>Watches.</summary>
public abstract class WatchConformance(IApiUnderTest api) : ApiConformance(api)
{
    [Fact]
    public async Task Changes_after_a_revision_arrive_in_order()
    {
        var list = await GetAsync(ConfigMaps);
        await CreateConfigMapAsync("a");
        await PatchAsync($"{ConfigMaps}/a", """{"data":{"k":"v"}}""");
        var deleted = await DeleteAsync($"{ConfigMaps}/a");
        Assert.Equal(200, deleted.Code);

        var events = await ReadAsync($"resourceVersion={list.ResourceVersion}", 3);

        Assert.Equal(["ADDED a", "MODIFIED a", "DELETED a"], events.Select(Describe));
        var versions =
            events.Select(item => long.Parse(Version(item), System.Globalization.CultureInfo.InvariantCulture))
                .ToList();
        Assert.Equal(versions.Order(), versions);
        Assert.Equal("v", (string?)events[2]["object"]!["data"]!["k"]);
    }

    [Fact]
    public async Task Without_a_revision_the_state_comes_first()
    {
        await CreateConfigMapAsync("a");
        await CreateConfigMapAsync("b");

        Assert.Equal(["ADDED a", "ADDED b"], (await ReadAsync("", 2)).Select(Describe));
    }

    [Fact]
    public async Task Initial_events_end_with_a_bookmark()
    {
        await CreateConfigMapAsync("a");
        var events =
            await ReadAsync("sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true", 2);

        Assert.Equal("ADDED a", Describe(events[0]));
        Assert.Equal("BOOKMARK", (string?)events[1]["type"]);
        Assert.Equal("true", (string?)events[1]["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]);
        Assert.Equal("ConfigMap", (string?)events[1]["object"]!["kind"]);
    }

    [Fact]
    public async Task Initial_events_need_their_match_named()
    {
        var reply = await GetAsync($"{ConfigMaps}?watch=true&sendInitialEvents=true");

        Assert.Equal(
            (422, "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents "
                + "requires setting resourceVersionMatch to NotOlderThan"),
            (reply.Code, reply.Message));
    }

    [Fact]
    public async Task What_leaves_a_selection_is_deleted_and_what_enters_it_added()
    {
        var list = await GetAsync(ConfigMaps);
        await CreateConfigMapAsync("a");
        await PatchAsync($"{ConfigMaps}/a", """{"metadata":{"labels":{"x":"1"}}}""");
        await PatchAsync($"{ConfigMaps}/a", """{"data":{"k":"v"}}""");
        var left = await PatchAsync($"{ConfigMaps}/a", """{"metadata":{"labels":{"x":"2"}}}""");

        var events = await ReadAsync($"resourceVersion={list.ResourceVersion}&labelSelector=x%3D1", 3);

        Assert.Equal(["ADDED a", "MODIFIED a", "DELETED a"], events.Select(Describe));
        Assert.Equal(left.ResourceVersion, Version(events[2]));
        Assert.Equal("1", (string?)events[2]["object"]!["metadata"]!["labels"]!["x"]);
    }

    [Fact]
    public async Task A_watch_ends_when_its_time_is_up()
    {
        var list = await GetAsync(ConfigMaps);

        Assert.Empty(await ReadAsync($"resourceVersion={list.ResourceVersion}&timeoutSeconds=1", 1));
    }

    [Fact]
    public async Task A_table_watch_names_its_columns_once()
    {
        await CreateConfigMapAsync("a");
        await CreateConfigMapAsync("b");
        var events = await ReadAsync("", 2, "application/json;as=Table;v=v1;g=meta.k8s.io");

        Assert.All(events, item => Assert.Equal("Table", (string?)item["object"]!["kind"]));
        Assert.NotNull(events[0]["object"]!["columnDefinitions"]);
        Assert.Null(events[1]["object"]!["columnDefinitions"]);
    }

    private async Task<List<JsonNode>> ReadAsync(string query, int count, string accept = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{ConfigMaps}?watch=true&{query}");
        request.Headers.Accept.ParseAdd(accept);
        using var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
        Assert.True(response.IsSuccessStatusCode);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancelled));
        var events = new List<JsonNode>();
        while (events.Count < count && await reader.ReadLineAsync(Cancelled) is { } line)
        {
            // A real cluster puts its CA into every namespace, which is none of these tests' business.
            var item = JsonNode.Parse(line)!;
            if ((string?)item["object"]!["metadata"]?["name"] != "kube-root-ca.crt")
            {
                events.Add(item);
            }
        }

        return events;
    }

    private static string Describe(JsonNode item) => $"{item["type"]} {item["object"]!["metadata"]!["name"]}";

    private static string Version(JsonNode item) => (string)item["object"]!["metadata"]!["resourceVersion"]!;
}
