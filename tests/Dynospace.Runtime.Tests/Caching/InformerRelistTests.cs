using System.Text.Json.Nodes;
using Dynospace.Runtime.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Dynospace.Runtime.Tests.Caching;

/// <summary>When the version or an event is worth nothing, everything is listed again; over real sockets.</summary>
public sealed class InformerRelistTests
{
    [Fact]
    public async Task Gone_as_an_event_lists_again()
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5", Objects.ConfigMap("a", "3"));
        await using var _ = fixture;
        await watch.EventAsync("ERROR", JsonNode.Parse(Objects.Status(410, "Expired", "too old resource version"))!);
        await (await server.NextListAsync()).AnswerAsync(Objects.List("50", Objects.ConfigMap("b", "40")));
        await server.NextWatchAsync("50");
        Assert.Equal("b", fixture.Names);
    }

    [Fact]
    public async Task Gone_as_an_http_status_lists_again()
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5");
        await using var _ = fixture;
        await watch.CloseAsync();
        await (await server.NextWatchAsync("5")).RefuseAsync(410, "Gone");
        await (await server.NextListAsync()).AnswerAsync(Objects.List("50", Objects.ConfigMap("b", "40")));
        await server.NextWatchAsync("50");
        Assert.Equal("b", fixture.Names);
    }

    [Fact]
    public async Task Gone_between_pages_lists_again_from_the_start_and_all_at_once()
    {
        await using var server = ScriptedApiServer.Start();
        await using var fixture = InformerFixture.Start(server.Port);
        var first = await server.NextListAsync();
        Assert.Equal("500", first.Query["limit"]);
        await first.AnswerAsync(Objects.List("5", [Objects.ConfigMap("old", "1")], next: "token"));
        var second = await server.NextListAsync();
        Assert.Equal("token", second.Query["continue"]);
        await second.RefuseAsync(410, "Expired", "The provided continue parameter is too old");
        var again = await server.NextListAsync();
        Assert.DoesNotContain("continue", again.Query.Keys);
        Assert.DoesNotContain("limit", again.Query.Keys);
        Assert.False(fixture.Informer.HasSynced);
        Assert.Equal(0, fixture.Store.Count);
        await again.AnswerAsync(Objects.List("9", Objects.ConfigMap("a", "7")));
        await server.NextWatchAsync("9");
        Assert.Equal("a", fixture.Names);
    }

    [Theory]
    [InlineData("this is not json")]
    [InlineData("{\"type\":\"ADDED\"}")]
    [InlineData("{\"type\":\"SURPRISE\",\"object\":{\"metadata\":{\"name\":\"a\"}}}")]
    [InlineData("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"resourceVersion\":\"7\"}}}")]
    [InlineData("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\",\"namespace\":\"ns\"}}}")]
    [InlineData("[]")]
    public async Task Undecodable_event_lists_again_and_is_counted(string line)
    {
        using var metrics = new MetricRecorder();
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5", Objects.ConfigMap("a", "3"));
        await using var _ = fixture;
        var before = metrics.Sum(RuntimeMetrics.UndecodableEvents, "kind=ConfigMap");
        await watch.LineAsync(line);
        await (await server.NextListAsync()).AnswerAsync(Objects.List("50", Objects.ConfigMap("b", "40")));
        await server.NextWatchAsync("50");
        Assert.Equal("b", fixture.Names);
        Assert.True(metrics.Sum(RuntimeMetrics.UndecodableEvents, "kind=ConfigMap") > before);
        await fixture.Log.WaitForAsync(LogLevel.Warning, "Undecodable");
    }

    [Fact]
    public async Task Odd_object_in_a_watch_is_named_counted_and_left_as_it_was_known_and_stops_no_other()
    {
        using var metrics = new MetricRecorder();
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5", Objects.ConfigMap("a", "3", "known"));
        await using var _ = fixture;
        var before = metrics.Sum(RuntimeMetrics.UndecodableEvents, "kind=ConfigMap");
        var odd = Objects.ConfigMap("a", "7");
        odd["data"] = 42;
        await watch.EventAsync("MODIFIED", odd);
        await watch.EventAsync("ADDED", Objects.ConfigMap("b", "8", "new"));

        Assert.Equal("b: none -> new", await fixture.NextChangeTextAsync());
        Assert.Equal("known", fixture.Store.Get(new ObjectKey("ns", "a"))!.Data["value"]);
        Assert.True(metrics.Sum(RuntimeMetrics.UndecodableEvents, "kind=ConfigMap") > before);
        await fixture.Log.WaitForAsync(LogLevel.Error, "ConfigMap ns/a cannot be decoded");

        // The watch went on behind the odd object, and resumes there.
        await watch.CloseAsync();
        await server.NextWatchAsync("8");
    }

    [Fact]
    public async Task Object_that_cannot_be_decoded_in_a_list_hides_no_other_and_does_not_look_deleted()
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5", Objects.ConfigMap("a", "3", "known"));
        await using var _ = fixture;
        await watch.EventAsync("ERROR", JsonNode.Parse(Objects.Status(410, "Expired", "old"))!);
        var broken = Objects.ConfigMap("a", "40");
        broken["data"] = 42;
        await (await server.NextListAsync()).AnswerAsync(Objects.List("50", broken, Objects.ConfigMap("b", "41")));
        await server.NextWatchAsync("50");
        Assert.Equal("a b", fixture.Names);
        Assert.Equal("known", fixture.Store.Get(new ObjectKey("ns", "a"))!.Data["value"]);
    }

    [Fact]
    public async Task Deleted_during_a_watch_gap_is_removed_from_the_cache()
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(
            server, "5", Objects.ConfigMap(
                "a", "1", "x"), Objects.ConfigMap("b", "2", "y"), Objects.ConfigMap("c", "3", "z"));
        await using var _ = fixture;
        await watch.EventAsync("ERROR", JsonNode.Parse(Objects.Status(410, "Gone", "old"))!);
        await (await server.NextListAsync()).AnswerAsync(
            Objects.List("90", Objects.ConfigMap("b", "2", "y"), Objects.ConfigMap("c", "80", "changed")));
        Assert.Equal("a: x -> none", await fixture.NextChangeTextAsync());
        Assert.Equal("c: z -> changed", await fixture.NextChangeTextAsync());
        await server.NextWatchAsync("90");
        Assert.False(fixture.HasChange); // b has the version it had
        Assert.Equal("b c", fixture.Names);
    }

    [Fact]
    public async Task Watch_that_a_working_server_fails_again_and_again_lists_again()
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5");
        await using var _ = fixture;
        await watch.CloseAsync();
        for (var i = 0; i < 5; i++)
        {
            await (await server.NextWatchAsync("5")).RefuseAsync(500, "InternalError", "strconv.ParseUint");
        }

        await server.NextListAsync();
    }

    [Theory]
    [InlineData("BOOKMARK")]
    [InlineData("ADDED")]
    public async Task Version_that_goes_back_is_another_history_and_lists_again(string type)
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "500", Objects.ConfigMap("a", "3"));
        await using var _ = fixture;
        await watch.EventAsync(type, Objects.ConfigMap("b", "7"));
        await (await server.NextListAsync()).AnswerAsync(Objects.List("8", Objects.ConfigMap("b", "7")));
        await server.NextWatchAsync("8");
        Assert.Equal("b", fixture.Names);
    }

    [Fact]
    public async Task Watch_refused_for_another_reason_lists_again()
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5");
        await using var _ = fixture;
        await watch.CloseAsync();
        await (await server.NextWatchAsync("5")).RefuseAsync(404, "NotFound", "the kind was deleted");
        await server.NextListAsync();
    }
}
