using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Tests.Support;
using Dynospace.Runtime.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Dynospace.Runtime.Tests.Caching;

/// <summary>What an informer makes of lists and events, over real sockets.</summary>
public sealed class InformerEventTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Objects_of_the_list_are_known_before_the_first_event()
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5", Objects.ConfigMap("a", "3", "x"));
        await using var _ = fixture;
        Assert.True(fixture.Informer.HasSynced);
        Assert.Equal("x", fixture.Store.Get(new ObjectKey("ns", "a"))!.Data["value"]);
        Assert.Equal("true", watch.Query["allowWatchBookmarks"]);
        Assert.InRange(
            int.Parse(watch.Query["timeoutSeconds"], System.Globalization.CultureInfo.InvariantCulture), 261, 290);
    }

    [Fact]
    public async Task Events_change_the_store_and_reach_handlers_in_order()
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5", Objects.ConfigMap("a", "3", "1"));
        await using var _ = fixture;
        await watch.EventAsync("MODIFIED", Objects.ConfigMap("a", "6", "2"));
        await watch.EventAsync("ADDED", Objects.ConfigMap("b", "7", "1"));
        await watch.EventAsync("DELETED", Objects.ConfigMap("a", "8", "2"));
        Assert.Equal("a: 1 -> 2", await fixture.NextChangeTextAsync());
        Assert.Equal("b: none -> 1", await fixture.NextChangeTextAsync());
        Assert.Equal("a: 2 -> none", await fixture.NextChangeTextAsync());
        Assert.Equal("b", fixture.Names);
    }

    [Fact]
    public async Task Pages_show_only_when_the_list_is_complete()
    {
        await using var server = ScriptedApiServer.Start();
        await using var fixture = InformerFixture.Start(server.Port);
        await (await server.NextListAsync()).AnswerAsync(Objects.List("5", [Objects.ConfigMap("a", "1")], next: "2"));
        var second = await server.NextListAsync();
        Assert.Equal(0, fixture.Store.Count);
        await second.AnswerAsync(Objects.List("5", Objects.ConfigMap("b", "2")));
        await fixture.Informer.WaitForSyncAsync(Cancelled);
        Assert.Equal("a b", fixture.Names);
    }

    [Theory]
    [InlineData("{\"metadata\":{\"resourceVersion\":\"77\"}}")]
    [InlineData(
        "{\"kind\":\"ConfigMap\",\"metadata\":{\"resourceVersion\":\"77\",\"creationTimestamp\":null},\"data\":42}")]
    public async Task Bookmark_with_nothing_but_a_version_moves_the_version(string bookmark)
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5", Objects.ConfigMap("a", "3"));
        await using var _ = fixture;
        await watch.EventAsync("BOOKMARK", JsonNode.Parse(bookmark)!);
        await watch.CloseAsync();
        await server.NextWatchAsync("77");
        Assert.Equal("a", fixture.Names);
        Assert.False(fixture.HasChange);
    }

    [Fact]
    public async Task Bookmark_lacks_members_that_the_class_requires()
    {
        await using var server = ScriptedApiServer.Start();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var informer = new Informer<Strict>(
            new ApiTransport(server.Client(), new ApiTransportOptions(), TimeProvider.System),
            Objects.ConfigMaps,
            new InformerOptions<Strict> { Timing = InformerFixture.Quick },
            TimeProvider.System,
            new LogRecorder<Informer<Strict>>());
        var running = informer.RunAsync(stop.Token);
        await (await server.NextListAsync()).AnswerAsync(Objects.List("5", Objects.ConfigMap("a", "3")));
        var watch = await (await server.NextWatchAsync("5")).OpenAsync();
        await watch.EventAsync("BOOKMARK", Objects.Bookmark("60"));
        await watch.CloseAsync();
        await server.NextWatchAsync("60");
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Event_of_a_known_version_is_not_reported_again()
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "3", Objects.ConfigMap("a", "3", "x"));
        await using var _ = fixture;
        await watch.EventAsync("ADDED", Objects.ConfigMap("a", "3", "x"));
        await watch.EventAsync("MODIFIED", Objects.ConfigMap("a", "6", "y"));
        Assert.Equal("a: x -> y", await fixture.NextChangeTextAsync());
    }

    [Fact]
    public async Task Trickle_of_single_bytes_splits_neither_characters_nor_lines()
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5");
        await using var _ = fixture;
        var line = new JsonObject { ["type"] = "ADDED", ["object"] = Objects.ConfigMap("a", "6", "Grüße, 世界 🚀") };
        var text = line.ToJsonString(
            new JsonSerializerOptions
            {
                Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            });
        foreach (var single in Encoding.UTF8.GetBytes($"{text}\r\n\n"))
        {
            await watch.ChunkAsync([single]);
        }

        Assert.Equal("a: none -> Grüße, 世界 🚀", await fixture.NextChangeTextAsync());
    }

    [Fact]
    public async Task Huge_line_is_one_event()
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5");
        await using var _ = fixture;
        var value = new string('x', 3_000_000);
        await watch.EventAsync("ADDED", Objects.ConfigMap("big", "6", value));
        await watch.EventAsync("ADDED", Objects.ConfigMap("small", "7", "y"));
        Assert.Equal(value, (await fixture.NextChangeAsync()).New!.Data["value"]);
        Assert.Equal("small: none -> y", await fixture.NextChangeTextAsync());
    }

    [Fact]
    public async Task Many_events_in_one_packet_are_all_seen()
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5");
        await using var _ = fixture;
        var lines = Enumerable.Range(0, 200).Select(i =>
            new JsonObject
            {
                ["type"] = "ADDED",
                ["object"] = Objects.ConfigMap(
                $"m{i}", $"{i + 10}")
            }.ToJsonString() + "\n");
        await watch.ChunkAsync(Encoding.UTF8.GetBytes(string.Concat(lines)));
        for (var i = 0; i < 200; i++)
        {
            Assert.Equal($"m{i}", (await fixture.NextChangeAsync()).Key.Name);
        }
    }

    [Fact]
    public async Task Handler_that_throws_costs_neither_the_store_nor_other_handlers_anything()
    {
        await using var server = ScriptedApiServer.Start();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var log = new LogRecorder<Informer<V1ConfigMap>>();
        var informer = new Informer<V1ConfigMap>(
            new ApiTransport(server.Client(), new ApiTransportOptions(), TimeProvider.System),
            Objects.ConfigMaps,
            new InformerOptions<V1ConfigMap> { Timing = InformerFixture.Quick },
            TimeProvider.System,
            log);
        var announced = new TaskCompletionSource<string>();
        informer.AddHandler(_ => throw new InvalidOperationException("defect"));
        informer.AddHandler(change => announced.TrySetResult(change.Key.Name));
        var running = informer.RunAsync(stop.Token);
        await (await server.NextListAsync()).AnswerAsync(Objects.List("5", Objects.ConfigMap("a", "3")));
        Assert.Equal("a", await announced.Task.WaitAsync(Cancelled));
        await log.WaitForAsync(LogLevel.Error, "handler");
        Assert.Throws<InvalidOperationException>(() => informer.AddHandler(_ => { }));
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Items_of_a_list_get_the_kind_that_the_server_leaves_out_and_lose_their_managed_fields()
    {
        await using var server = ScriptedApiServer.Start();
        await using var fixture = InformerFixture.Start(server.Port);
        var item = Objects.ConfigMap("a", "3");
        item.Remove("kind");
        item.Remove("apiVersion");
        item["metadata"]!["managedFields"] = new JsonArray(
            new JsonObject { ["manager"] = "x", ["operation"] = "Apply" });
        await (await server.NextListAsync()).AnswerAsync(Objects.List("5", item));
        var known = (await fixture.NextChangeAsync()).New!;
        Assert.Equal("ConfigMap", known.Kind);
        Assert.Equal("v1", known.ApiVersion);
        Assert.Null(known.Metadata.ManagedFields);
    }

    [Fact]
    public async Task Selectors_and_namespace_are_asked_for_on_list_and_watch()
    {
        await using var server = ScriptedApiServer.Start();
        await using var fixture = InformerFixture.Start(server.Port, new InformerOptions<V1ConfigMap>
        {
            Namespace = "team",
            LabelSelector = "a in (b,c)",
            FieldSelector = "metadata.name!=x",
            Timing = InformerFixture.Quick,
        });
        var list = await server.NextListAsync();
        await list.AnswerAsync(Objects.List("5"));
        var watch = await server.NextWatchAsync("5");
        foreach (var request in new[] { list, watch })
        {
            Assert.Equal("/api/v1/namespaces/team/configmaps", request.Path);
            Assert.Equal("a in (b,c)", request.Query["labelSelector"]);
            Assert.Equal("metadata.name!=x", request.Query["fieldSelector"]);
        }
    }

    /// <summary>A class as people write it, and as a bookmark cannot fill it.</summary>
    private sealed class Strict
    {
        public required Dictionary<string, string> Data { get; init; }
    }
}
