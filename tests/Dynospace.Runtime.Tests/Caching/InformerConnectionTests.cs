using System.Text;
using System.Text.Json.Nodes;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Tests.Support;
using k8s.Models;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Dynospace.Runtime.Tests.Caching;

/// <summary>Connections that end, hang or never come, over real sockets: nothing is lost and nothing ends.</summary>
public sealed class InformerConnectionTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Quiet_close_resumes_from_the_last_version_without_a_list()
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5");
        await using var _ = fixture;
        await watch.EventAsync("ADDED", Objects.ConfigMap("a", "9"));
        await watch.CloseAsync();
        await server.NextWatchAsync("9");
        Assert.Equal("a", fixture.Names);
    }

    [Fact]
    public async Task Close_before_the_first_event_resumes()
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5");
        await using var _ = fixture;
        await watch.CloseAsync();
        await server.NextWatchAsync("5");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connection_lost_in_the_middle_of_an_event_resumes_and_the_event_is_not_lost(bool reset)
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5");
        await using var _ = fixture;
        await watch.EventAsync("ADDED", Objects.ConfigMap("a", "6"));
        await fixture.NextChangeAsync();
        await watch.ChunkAsync(Encoding.UTF8.GetBytes("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"na"));
        if (reset)
        {
            watch.Reset();
        }
        else
        {
            watch.Cut();
        }

        var again = await (await server.NextWatchAsync("6")).OpenAsync();
        await again.EventAsync("ADDED", Objects.ConfigMap("b", "7"));
        Assert.Equal("b: none -> ", await fixture.NextChangeTextAsync());

        // A cut is how servers and proxies end streams: no failure, and nobody is warned. A reset may be told from it
        // or not.
        Assert.Contains(reset
            ? "ended: "
            : "ended: Closed;", await fixture.Log.WaitForAsync(LogLevel.Debug, "ended: "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_open_connection_is_given_up_after_silence_and_resumed()
    {
        var clock = new FakeTimeProvider();
        await using var server = ScriptedApiServer.Start();
        await using var fixture = InformerFixture.Start(server.Port, clock: clock);
        await (await server.NextListAsync()).AnswerAsync(Objects.List("5"));
        var watch = await (await server.NextWatchAsync("5")).OpenAsync();
        await watch.EventAsync("ADDED", Objects.ConfigMap("a", "6"));
        await fixture.NextChangeAsync();

        // Nothing more is ever sent, and nothing tells the client that nobody is there.
        clock.Advance(new InformerTiming().SilenceLimit + TimeSpan.FromSeconds(1));
        await server.NextWatchAsync("6");
        await watch.ClientGoneAsync();
    }

    [Fact]
    public async Task Bookmarks_keep_a_quiet_watch_alive()
    {
        var clock = new FakeTimeProvider();
        await using var server = ScriptedApiServer.Start();
        await using var fixture = InformerFixture.Start(server.Port, clock: clock);
        await (await server.NextListAsync()).AnswerAsync(Objects.List("5"));
        var watch = await (await server.NextWatchAsync("5")).OpenAsync();
        for (var i = 0; i < 3; i++)
        {
            clock.Advance(new InformerTiming().SilenceLimit * 0.9);
            await watch.EventAsync("BOOKMARK", Objects.Bookmark($"{10 * (i + 1)}"));
            await watch.EventAsync("ADDED", Objects.ConfigMap($"seen-{i}", $"{(10 * (i + 1)) + 5}"));
            await fixture.NextChangeAsync();
        }

        Assert.Equal("seen-0 seen-1 seen-2", fixture.Names);
        await watch.CloseAsync();
        await server.NextWatchAsync("35");
    }

    [Fact]
    public async Task Cancellation_ends_an_idle_stream()
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5");
        await fixture.StopAsync();
        await watch.ClientGoneAsync();
        await fixture.DisposeAsync();
    }

    [Fact]
    public async Task Cancellation_ends_a_watch_that_never_answered()
    {
        await using var server = ScriptedApiServer.Start();
        await using var fixture = InformerFixture.Start(server.Port);
        await (await server.NextListAsync()).AnswerAsync(Objects.List("5"));
        await server.NextWatchAsync("5");
        await fixture.StopAsync();
    }

    [Fact]
    public async Task Connection_refused_is_tried_until_the_server_is_there()
    {
        using var port = new ReservedPort();
        await using var fixture = InformerFixture.Start(port.Number);
        await fixture.Log.WaitForAsync(LogLevel.Warning, "Failed");
        await fixture.Log.WaitForAsync(LogLevel.Warning, "Failed");
        Assert.False(fixture.Informer.HasSynced);
        await using var server = ScriptedApiServer.Start(port);
        await (await server.NextListAsync()).AnswerAsync(Objects.List("5", Objects.ConfigMap("a", "3")));
        await fixture.Informer.WaitForSyncAsync(Cancelled);
        Assert.Equal("a", fixture.Names);
    }

    [Fact]
    public async Task Server_that_goes_away_while_watching_loses_nothing()
    {
        using var port = new ReservedPort();
        var server = ScriptedApiServer.Start(port);
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5", Objects.ConfigMap("a", "3"));
        await using var _ = fixture;
        await watch.EventAsync("ADDED", Objects.ConfigMap("b", "6"));
        await fixture.NextChangeAsync();
        await server.DisposeAsync();
        await fixture.Log.WaitForAsync(LogLevel.Warning, "Failed");
        Assert.Equal("a b", fixture.Names);
        await using var back = ScriptedApiServer.Start(port);
        var again = await (await back.NextWatchAsync("6")).OpenAsync();
        await again.EventAsync("DELETED", Objects.ConfigMap("a", "7"));
        Assert.Equal("a:  -> none", await fixture.NextChangeTextAsync());
    }

    [Theory]
    [InlineData(401, "Unauthorized")]
    [InlineData(403, "Forbidden")]
    [InlineData(429, "TooManyRequests")]
    [InlineData(500, "InternalError")]
    [InlineData(503, "ServiceUnavailable")]
    public async Task Refused_watch_backs_off_and_resumes(int code, string reason)
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5");
        await using var _ = fixture;
        await watch.CloseAsync();
        await (await server.NextWatchAsync("5")).RefuseAsync(code, reason);
        await fixture.Log.WaitForAsync(LogLevel.Warning, reason);
        await server.NextWatchAsync("5");
    }

    [Fact]
    public async Task Error_event_of_an_overloaded_server_resumes()
    {
        await using var server = ScriptedApiServer.Start();
        var (fixture, watch) = await InformerFixture.WatchingAsync(server, "5");
        await using var _ = fixture;
        await watch.EventAsync("ERROR", JsonNode.Parse(Objects.Status(500, "InternalError", "etcd leader changed"))!);
        await server.NextWatchAsync("5");
    }

    [Fact]
    public async Task Watch_that_ends_at_once_is_not_asked_for_in_a_tight_loop()
    {
        await using var server = ScriptedApiServer.Start();
        var clock = new FakeTimeProvider();
        await using var fixture = InformerFixture.Start(
            server.Port, new InformerOptions<V1ConfigMap> { Timing = new InformerTiming() }, clock);
        await (await server.NextListAsync()).AnswerAsync(Objects.List("5"));
        await (await (await server.NextWatchAsync("5")).OpenAsync()).CloseAsync();
        await fixture.Log.WaitForAsync(LogLevel.Warning, "too soon");
        clock.Advance(TimeSpan.FromSeconds(1));
        await server.NextWatchAsync("5");
    }
}
