using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Conformance;

public sealed class TimeoutTests
{
    [Fact]
    [Conformance("Codes", "H12 request timeout: 30 s without the first byte", "503")]
    public async Task Silence_is_H12()
    {
        await using var dyno = new ScriptedDyno("web.1", connection => connection.RequestAsync());
        await using var router = await TestRouter.ServingAsync(dyno);

        var response = router.GetAsync();

        Assert.True(await router.PassTimeUntilAsync(response) >= TimeSpan.FromSeconds(30));
        Assert.Equal(503, (await response)!.Status);
        var line = await router.Log.NextAsync();
        Assert.StartsWith("at=error code=H12 desc=\"Request timeout\"", line, StringComparison.Ordinal);
        Assert.Contains(" dyno=web.1 ", line, StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Time-outs", "the 30 s begin when the whole request was sent")]
    public async Task An_upload_counts_as_activity()
    {
        var received = new TaskCompletionSource();
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.HeadAsync();
            await connection.BytesAsync(1);
            received.SetResult();
            await connection.BytesAsync(1);
            await connection.RespondAsync("done");
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {TestRouter.Host}\r\nContent-Length: 2\r\n\r\na");
        await received.Task.Soon();

        router.Clock.Advance(TimeSpan.FromSeconds(50));
        await client.SendAsync("b");

        Assert.Equal("done", (await client.ResponseAsync())!.Body);
    }

    [Fact]
    [Conformance("Time-outs", "a connection to a dyno is kept 90 s for the next request")]
    public async Task A_kept_connection_is_ended()
    {
        var ended = new TaskCompletionSource();
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            await connection.RespondAsync("1");
            Assert.Null(await connection.HeadAsync());
            ended.SetResult();
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        Assert.Equal(200, (await router.GetAsync())!.Status);

        Assert.True(await router.PassTimeUntilAsync(ended.Task) >= TimeSpan.FromSeconds(90));
    }

    [Fact]
    [Conformance("Codes", "H15 idle connection: the dyno sends nothing for 55 s", "response cut")]
    public async Task A_response_that_stops_is_H15()
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync(TestRouter.Get());
        Assert.Equal(200, (await client.HeadAsync())!.Status);
        Assert.Equal("half", await client.BytesAsync(4));

        var rest = client.RestAsync();

        Assert.True(await router.PassTimeUntilAsync(rest) >= TimeSpan.FromSeconds(55));
        Assert.Equal("", await rest);
        Assert.StartsWith(
            "at=error code=H15 desc=\"Idle connection\"", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Time-outs", "each byte of the dyno restarts the 55 s")]
    public async Task A_slow_response_is_not_idle()
    {
        var next = new SemaphoreSlim(0);
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
            for (var i = 0; i < 4; i++)
            {
                await next.WaitAsync();
                await connection.SendAsync("x");
            }
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync(TestRouter.Get());
        Assert.Equal(200, (await client.HeadAsync())!.Status);

        for (var i = 0; i < 4; i++)
        {
            router.Clock.Advance(TimeSpan.FromSeconds(50));
            next.Release();
            Assert.Equal("x", await client.BytesAsync(1));
        }

        Assert.StartsWith("at=info", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Codes", "H28 client connection idle: the client's body stops for 55 s", "408")]
    public async Task An_upload_that_stops_is_H28()
    {
        var received = new TaskCompletionSource();
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.HeadAsync();
            await connection.BytesAsync(4);
            received.SetResult();
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {TestRouter.Host}\r\nContent-Length: 10\r\n\r\nhalf");
        await received.Task.Soon();

        var response = client.ResponseAsync();

        Assert.True(await router.PassTimeUntilAsync(response) >= TimeSpan.FromSeconds(55));
        Assert.Equal(408, (await response)!.Status);
        Assert.StartsWith(
            "at=error code=H28 desc=\"Client Connection Idle\"", await router.Log.NextAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Time-outs", "H28 also for a client that takes nothing of the response for 55 s", "response cut")]
    public async Task A_client_that_does_not_read_is_H28()
    {
        var flooding = new TaskCompletionSource();
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
            var block = new string('x', 1024 * 1024);
            flooding.SetResult();
            while (true)
            {
                await connection.SendAsync(block);
            }
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        // Until buffers are full, the dyno is awaited.
        router.Configure(settings => settings with { IdleTimeout = TimeSpan.FromMinutes(3) });
        using var client = await RawClient.ConnectAsync(
            router.Server.Http!, socket => socket.ReceiveBufferSize = 4_096);
        await client.SendAsync(TestRouter.Get());
        await flooding.Task.Soon();

        var line = router.Log.NextAsync();

        Assert.True(await router.PassTimeUntilAsync(line) >= TimeSpan.FromMinutes(3));
        Assert.StartsWith("at=error code=H28 desc=\"Client Connection Idle\"", await line, StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Time-outs", "both are settings of the space")]
    public async Task Timeouts_are_settings()
    {
        await using var dyno = new ScriptedDyno("web.1", connection => connection.RequestAsync());
        await using var router = await TestRouter.ServingAsync(dyno);
        router.Configure(settings => settings with { FirstByteTimeout = TimeSpan.FromMinutes(10) });

        var response = router.GetAsync();

        Assert.True(await router.PassTimeUntilAsync(response) >= TimeSpan.FromMinutes(10));
        Assert.Equal(503, (await response)!.Status);
    }

    [Fact]
    [Conformance("Codes", "H27 client request interrupted: the client left before its answer", "logged as 499")]
    public async Task A_client_that_leaves_is_H27()
    {
        var begun = new TaskCompletionSource();
        var closed = new TaskCompletionSource<bool>();
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            begun.SetResult();
            closed.SetResult(await connection.RequestAsync() is null);
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using (var client = await router.ConnectAsync())
        {
            await client.SendAsync(TestRouter.Get());
            await begun.Task.Soon();
        }

        var line = await router.Log.NextAsync();
        Assert.StartsWith("at=error code=H27 desc=\"Client Request Interrupted\"", line, StringComparison.Ordinal);
        Assert.Contains(" status=499 ", line, StringComparison.Ordinal);
        Assert.True(await closed.Task.Soon());
    }

    [Fact]
    [Conformance("Codes", "H27 also within the client's body", "logged as 499")]
    public async Task A_client_that_leaves_its_body_is_H27()
    {
        var received = new TaskCompletionSource();
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.HeadAsync();
            await connection.BytesAsync(4);
            received.SetResult();
            await connection.RestAsync();
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using (var client = await router.ConnectAsync())
        {
            await client.SendAsync($"POST / HTTP/1.1\r\nHost: {TestRouter.Host}\r\nContent-Length: 10\r\n\r\nhalf");
            await received.Task.Soon();
        }

        var line = await router.Log.NextAsync();
        Assert.StartsWith("at=error code=H27 ", line, StringComparison.Ordinal);
        Assert.Contains(" status=499 ", line, StringComparison.Ordinal);
    }
}
