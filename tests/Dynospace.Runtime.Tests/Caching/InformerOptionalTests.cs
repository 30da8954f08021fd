using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Tests.Support;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dynospace.Runtime.Tests.Caching;

/// <summary>
/// A kind that may be missing: nothing waits for it, and its coming and going is announced; over real sockets.
/// </summary>
public sealed class InformerOptionalTests
{
    private static readonly InformerOptions<V1ConfigMap> Optional =
        new() { Timing = InformerFixture.Quick, IsOptional = true };

    [Theory]
    [InlineData(404, "NotFound")]
    [InlineData(403, "Forbidden")]
    public async Task A_kind_that_is_not_there_or_not_for_us_counts_as_synced_and_is_found_when_it_comes(
        int code, string reason)
    {
        await using var server = ScriptedApiServer.Start();
        await using var fixture = InformerFixture.Start(server.Port, Optional);
        await (await server.NextListAsync()).RefuseAsync(code, reason);
        await fixture.Informer.WaitForSyncAsync(TestContext.Current.CancellationToken);
        Assert.False(fixture.Informer.IsServed);

        await (await server.NextListAsync()).AnswerAsync(Objects.List("5", Objects.ConfigMap("a", "3")));

        await server.NextWatchAsync("5");
        Assert.True(fixture.Informer.IsServed);
        Assert.Equal("a: none -> ", await fixture.NextChangeTextAsync());
        await fixture.ServedChangedAsync();
    }

    [Fact]
    public async Task A_kind_that_goes_takes_its_objects_along()
    {
        await using var server = ScriptedApiServer.Start();
        await using var fixture = await WatchingAsync(server);

        await (await server.NextWatchAsync("5")).RefuseAsync(404, "NotFound");

        Assert.Equal("a:  -> none", await fixture.NextChangeTextAsync());
        await fixture.ServedChangedAsync();
        Assert.False(fixture.Informer.IsServed);
        Assert.Equal(0, fixture.Store.Count);
        await server.NextListAsync();
    }

    /// <summary>A right that was there may come back any moment: what is known is worth more than nothing.</summary>
    [Fact]
    public async Task A_right_that_is_refused_for_a_while_takes_nothing_along()
    {
        await using var server = ScriptedApiServer.Start();
        await using var fixture = await WatchingAsync(server);

        await (await server.NextWatchAsync("5")).RefuseAsync(403, "Forbidden");

        await server.NextWatchAsync("5");
        Assert.True(fixture.Informer.IsServed);
        Assert.Equal("a", fixture.Names);
    }

    /// <summary>Nobody must take a kind that has to be there for one that is not.</summary>
    [Fact]
    public async Task A_kind_that_must_be_there_is_waited_for()
    {
        await using var server = ScriptedApiServer.Start();
        await using var fixture = InformerFixture.Start(server.Port);
        await (await server.NextListAsync()).RefuseAsync(404, "NotFound");

        await server.NextListAsync();

        Assert.False(fixture.Informer.HasSynced);
        Assert.True(fixture.Informer.IsServed);
    }

    /// <summary>
    /// A program that was never installed: looked for less and less often, and at most once a minute in the end.
    /// </summary>
    [Fact]
    public async Task A_kind_that_stays_away_is_looked_for_less_and_less_often()
    {
        var clock = new FakeTimeProvider();
        var transport = new FakeTransport();
        var looks = new List<DateTimeOffset>();
        transport.List = () =>
        {
            looks.Add(clock.GetUtcNow());
            throw FakeTransport.Refusal(System.Net.HttpStatusCode.NotFound, "NotFound");
        };
        using var stop = new CancellationTokenSource();
        var informer = new Informer<V1ConfigMap>(
            transport,
            Objects.ConfigMaps,
            new InformerOptions<V1ConfigMap> { IsOptional = true },
            clock,
            NullLogger<Informer<V1ConfigMap>>.Instance);
        var running = informer.RunAsync(stop.Token);
        for (var second = 0; second < 600; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await stop.CancelAsync();
        await running;
        var start = clock.GetUtcNow() - TimeSpan.FromMinutes(10);
        Assert.InRange(looks.Count(look => look > start + TimeSpan.FromMinutes(5)), 1, 11);
    }

    private static async Task<InformerFixture> WatchingAsync(ScriptedApiServer server)
    {
        var fixture = InformerFixture.Start(server.Port, Optional);
        await (await server.NextListAsync()).AnswerAsync(Objects.List("5", Objects.ConfigMap("a", "3")));
        await fixture.NextChangeAsync();
        await fixture.ServedChangedAsync();
        return fixture;
    }
}
