using Dynospace.Api.Spaces;
using Dynospace.Router.Routing;
using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Conformance;

public sealed class ConnectTests
{
    private static readonly string[] Three = ["web.1", "web.2", "web.3"];

    [Fact]
    [Conformance("Connect", "Common: a dyno that refuses is quarantined and the request goes to another")]
    public async Task A_request_goes_to_another_dyno()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var second = ScriptedDyno.Answering("web.2");
        var connector = new ScriptedConnector { Refusing = ["web.2"] };
        await using var router = await TestRouter.StartAsync(connector: connector);
        router.Publish(dyno, second);

        for (var i = 0; i < 32; i++)
        {
            Assert.Equal(200, (await router.GetAsync())!.Status);
        }

        Assert.Single(connector.Tried, "web.2");   // Its quarantine does not end while the clock stands still.
    }

    [Fact]
    [Conformance("Connect", "Common: quarantine ends after 5 s")]
    public async Task A_quarantined_dyno_comes_back()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        var connector = new ScriptedConnector { Refusing = ["web.1"] };
        await using var router = await TestRouter.StartAsync(connector: connector);
        router.Publish(dyno);
        Assert.Equal(503, (await router.GetAsync())!.Status);
        connector.Refusing.Clear();

        router.Clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(200, (await router.GetAsync())!.Status);
    }

    [Fact]
    [Conformance("Codes", "H21 backend connection refused: by every dyno, each asked once", "503")]
    public async Task Refusals_of_all_dynos_are_H21()
    {
        await using var dynos = new Dynos(Three);
        var connector = new ScriptedConnector { Refusing = [.. Three] };
        await using var router = await TestRouter.StartAsync(connector: connector);
        router.Publish([.. dynos.All.Select(dyno => dyno.Endpoint)]);

        Assert.Equal(503, (await router.GetAsync())!.Status);
        Assert.StartsWith(
            "at=error code=H21 desc=\"Backend connection refused\"", await router.Log.NextAsync(),
            StringComparison.Ordinal);
        Assert.Equal(Three, connector.Tried.Order());
    }

    [Fact]
    [Conformance("Connect", "Common: at most 10 attempts")]
    public async Task Attempts_are_limited()
    {
        var names = Enumerable.Range(1, 12).Select(i => $"web.{i}").ToArray();
        await using var dynos = new Dynos(names);
        var connector = new ScriptedConnector { Refusing = [.. names] };
        await using var router = await TestRouter.StartAsync(connector: connector);
        router.Publish([.. dynos.All.Select(dyno => dyno.Endpoint)]);

        Assert.Equal(503, (await router.GetAsync())!.Status);
        Assert.Equal(10, connector.Tried.Count);
        Assert.Equal(10, connector.Tried.Distinct().Count());
    }

    [Fact]
    [Conformance("Codes", "H19 backend connection timeout: 5 s at each dyno", "503")]
    public async Task Silence_of_all_dynos_is_H19()
    {
        await using var dynos = new Dynos("web.1", "web.2");
        await using var router = await TestRouter.StartAsync(
            connector: new ScriptedConnector { Silent = ["web.1", "web.2"] });
        router.Configure(_ => new());
        router.Publish([.. dynos.All.Select(dyno => dyno.Endpoint)]);

        var response = router.GetAsync();

        Assert.True(await router.PassTimeUntilAsync(response) >= TimeSpan.FromSeconds(10));
        Assert.Equal(503, (await response)!.Status);
        Assert.StartsWith(
            "at=error code=H19 desc=\"Backend connection timeout\"", await router.Log.NextAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Codes", "H99 platform error: every dyno quarantined for 75 s", "503")]
    public async Task Quarantine_of_all_dynos_ends_in_H99()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.StartAsync(connector: new ScriptedConnector { Refusing = ["web.1"] });
        router.Publish(dyno);
        router.Configure(settings => settings with { QuarantineTime = TimeSpan.FromHours(1) });
        Assert.Equal(503, (await router.GetAsync())!.Status);
        await router.Log.NextAsync();

        var response = router.GetAsync();

        Assert.True(await router.PassTimeUntilAsync(response) >= TimeSpan.FromSeconds(75));
        Assert.Equal(503, (await response)!.Status);
        Assert.StartsWith(
            "at=error code=H99 desc=\"Platform error\"", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SpaceRuntime.Private)]
    [InlineData(SpaceRuntime.Shield)]
    [Conformance("Connect", "Private, Shield: no retry on another dyno and no quarantine", "H21 503")]
    public async Task A_private_space_does_not_retry(SpaceRuntime runtime)
    {
        await using var dynos = new Dynos("web.1", "web.2");
        var connector = new ScriptedConnector { Refusing = ["web.1", "web.2"] };
        await using var router = await TestRouter.StartAsync(connector: connector);
        router.Become(runtime);
        router.Publish([.. dynos.All.Select(dyno => dyno.Endpoint)]);

        Assert.Equal(503, (await router.GetAsync())!.Status);
        Assert.Single(connector.Tried);
        Assert.Equal(503, (await router.GetAsync())!.Status);
        Assert.Equal(2, connector.Tried.Count);
    }

    [Fact]
    [Conformance("Connect", "connections to dynos are kept and used again")]
    public async Task A_connection_is_used_again()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);

        // On one connection a request is looked at when the one before has given back what it used; elsewhere its
        // answer may come sooner.
        using var client = await router.ConnectAsync();
        for (var i = 0; i < 5; i++)
        {
            await client.SendAsync(TestRouter.Get());
            Assert.Equal(200, (await client.ResponseAsync())!.Status);
        }

        Assert.Equal(1, dyno.Accepted);
    }

    [Fact]
    [Conformance("Connect", "a kept connection that the dyno closed gives no H13")]
    public async Task A_dead_connection_is_replaced()
    {
        var isFirst = true;
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            var closes = isFirst;
            isFirst = false;
            await connection.RequestAsync();
            await connection.RespondAsync("1");
            if (await connection.HeadAsync() is not null)
            {
                if (!closes)
                {
                    await connection.RespondAsync("2");
                }

                connection.Close();   // The first connection dies as its second request is on its way.
            }
        });
        await using var router = await TestRouter.ServingAsync(dyno);

        Assert.Equal(200, (await router.GetAsync())!.Status);
        Assert.Equal(200, (await router.GetAsync())!.Status);
        Assert.Equal(2, dyno.Accepted);
    }

    [Fact]
    [Conformance("Connect", "however many kept connections a dyno closed, a request fails for none of them")]
    public async Task Many_dead_connections_are_replaced_at_once()
    {
        const int kept = 10;
        var together = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = 0;
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            var number = Interlocked.Increment(ref arrived);
            if (number == kept)
            {
                together.SetResult();
            }

            await together.Task.Soon();
            await connection.RespondAsync("1");
            if (number <= kept && await connection.HeadAsync() is not null)
            {
                connection.Close();
            }
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        Assert.All(
            await Task.WhenAll(Enumerable.Range(0, kept).Select(_ => router.GetAsync())), response =>
                Assert.Equal(200, response!.Status));

        Assert.Equal(200, (await router.GetAsync())!.Status);
        Assert.Equal(kept + 1, dyno.Accepted);
    }

    [Fact]
    [Conformance("Connect", "a dyno that ended with its kept connections is passed over like one that refuses")]
    public async Task A_dyno_that_went_with_its_connections_is_passed_over()
    {
        var connector = new ScriptedConnector();
        await using var leaving = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            await connection.RespondAsync("1");
            await connection.HeadAsync();
            connection.Close();
        });
        await using var router = await TestRouter.StartAsync(connector: connector);
        router.Publish(leaving);
        Assert.Equal("1", (await router.GetAsync())!.Body);
        connector.Refusing.Add("web.1");
        await using var staying = ScriptedDyno.Answering("web.2");

        // By chance the first try may go to either, so that many are made; each finds a dead connection or none.
        router.Publish(leaving, staying);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("hello", (await router.GetAsync())!.Body);
        }
    }

    [Fact]
    [Conformance(
        "Connect", "a new connection that a dyno resets unread, as one that ends does with its backlog, is made again")]
    public async Task A_connection_out_of_the_backlog_is_made_again()
    {
        var isFirst = true;
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            if (isFirst)
            {
                isFirst = false;
                await connection.ArrivedAsync();
                connection.Reset();
                return;
            }

            await connection.RequestAsync();
            await connection.RespondAsync("hello");
        });
        await using var router = await TestRouter.ServingAsync(dyno);

        Assert.Equal("hello", (await router.GetAsync())!.Body);
    }

    [Fact]
    [Conformance("Connect", "a request that waits for a dyno is answered when its app is scaled to none", "H14 503")]
    public async Task Nothing_is_waited_for_when_an_app_has_no_dynos_any_more()
    {
        var connector = new ScriptedConnector { Refusing = ["web.1"] };
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.StartAsync(connector: connector);
        router.Publish(dyno);
        Assert.Equal(503, (await router.GetAsync())!.Status);   // From now on the only dyno is quarantined.
        using var waiting = await router.ConnectAsync();
        await waiting.SendAsync(TestRouter.Get());

        router.Publish(TestRouter.Route([], AppWebState.NoWebDynos));

        Assert.Equal(503, (await waiting.ResponseAsync(false))!.Status);
        // A line is written after its answer was sent, so those of two connections come in any order.
        string[] lines = [await router.Log.NextAsync(), await router.Log.NextAsync()];
        Assert.Contains(lines, line => line.StartsWith("at=error code=H21 ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("at=error code=H14 ", StringComparison.Ordinal));
    }

    [Fact]
    [Conformance("Connect", "a request that changes something is never sent twice", "H13 503")]
    public async Task A_post_is_not_repeated()
    {
        var seen = 0;
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            await connection.RespondAsync("1");
            if (await connection.RequestAsync() is not null)
            {
                Interlocked.Increment(ref seen);
                connection.Close();
            }
        });
        await using var router = await TestRouter.ServingAsync(dyno);

        var post = $"POST / HTTP/1.1\r\nHost: {TestRouter.Host}\r\nContent-Length: 0\r\n\r\n";
        using var client = await router.ConnectAsync();
        await client.SendAsync(post);
        Assert.Equal(200, (await client.ResponseAsync())!.Status);

        await client.SendAsync(post);
        Assert.Equal(503, (await client.ResponseAsync())!.Status);
        Assert.Equal(1, seen);
        Assert.Equal(1, dyno.Accepted);
    }

    [Fact]
    [Conformance("Connect", "a dyno that leaves rotation ends its requests in flight and gets no more")]
    public async Task A_leaving_dyno_ends_its_requests()
    {
        var goOn = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        var closed = new TaskCompletionSource<bool>();
        await using var leaving = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
            begun.SetResult();
            await goOn.Task;
            await connection.SendAsync("cd");
            closed.SetResult(await connection.RequestAsync() is null);
        });
        await using var staying = ScriptedDyno.Answering("web.2");
        await using var router = await TestRouter.ServingAsync(leaving);
        var inFlight = router.GetAsync();
        await begun.Task.Soon();

        router.Publish(staying);
        Assert.Equal("hello", (await router.GetAsync())!.Body);
        goOn.SetResult();

        Assert.Equal("abcd", (await inFlight)!.Body);
        Assert.True(await closed.Task.Soon());
        Assert.Equal(1, leaving.Accepted);
    }

    private sealed class Dynos(params string[] names) : IAsyncDisposable
    {
        public ScriptedDyno[] All { get; } = [.. names.Select(name => ScriptedDyno.Answering(name))];

        public async ValueTask DisposeAsync()
        {
            foreach (var dyno in All)
            {
                await dyno.DisposeAsync();
            }
        }
    }
}
