using System.Net;
using System.Net.WebSockets;
using System.Text;
using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Conformance;

/// <summary>Requests and responses that are under way at the same time.</summary>
public sealed class DuplexTests
{
    private const string Chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    [Fact]
    [Conformance("Protocols", "full duplex: a dyno that echoes part by part is heard part by part, HTTP/1.1")]
    public async Task An_echo_is_heard_at_once_over_http1()
    {
        await using var dyno = Echo();
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {TestRouter.Host}\r\nTransfer-Encoding: chunked\r\n\r\n");

        for (var i = 0; i < 5; i++)
        {
            await client.SendAsync("3\r\nabc\r\n");
            if (i == 0)
            {
                Assert.Equal(200, (await client.HeadAsync())!.Status);
            }

            Assert.Equal("3\r\nabc\r\n", await client.BytesAsync(8));
        }

        await client.SendAsync("0\r\n\r\n");
        Assert.Equal("0\r\n\r\n", await client.BytesAsync(5));
        Assert.Contains(" status=200 bytes=15 ", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Protocols", "full duplex: a dyno that echoes part by part is heard part by part, HTTP/2")]
    public async Task An_echo_is_heard_at_once_over_http2()
    {
        await using var dyno = Echo();
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = Http2Client.For(router);
        using var body = new DrippingContent();
        using var request = Http2Client.Post(body);

        using var response = await client.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, CancellationToken.None).Soon();
        await using var echo = await response.Content.ReadAsStreamAsync(CancellationToken.None);
        var heard = new byte[3];
        for (var i = 0; i < 5; i++)
        {
            await body.SendAsync("abc");
            await echo.ReadExactlyAsync(heard, CancellationToken.None).AsTask().Soon();
            Assert.Equal("abc", Encoding.Latin1.GetString(heard));
        }

        body.End();
        Assert.Equal(0, await echo.ReadAsync(heard, CancellationToken.None).AsTask().Soon());
    }

    [Theory]
    [InlineData("Content-Length: 100000000", "Content-Length: 3\r\n\r\nbig", false)]
    [InlineData("Content-Length: 100000000", "Connection: close\r\nContent-Length: 3\r\n\r\nbig", false)]
    [InlineData("Content-Length: 100000000", "Connection: close\r\nContent-Length: 3\r\n\r\nbig", true)]
    [InlineData("Transfer-Encoding: chunked", "Transfer-Encoding: chunked\r\n\r\n3\r\nbig\r\n0\r\n\r\n", false)]
    [InlineData("Transfer-Encoding: chunked", "Connection: close\r\n\r\nbig", true)]
    [Conformance(
        "Protocols",
        "early responses: an upload that the dyno answers before its end is answered then, HTTP/1.1",
        "413")]
    public async Task An_early_answer_is_delivered_at_once_over_http1(string framing, string answer, bool closes)
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.HeadAsync();
            await connection.SendAsync($"HTTP/1.1 413 Too Large\r\n{answer}");
            if (closes)
            {
                connection.Close();
            }
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {TestRouter.Host}\r\n{framing}\r\n\r\n5\r\nhello\r\n");

        var response = await client.ResponseAsync();

        Assert.Equal((413, "big"), (response!.Status, response.Body));
        Assert.StartsWith("at=info", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Conformance(
        "Protocols", "early responses: an upload that the dyno answers before its end is answered then, HTTP/2", "413")]
    public async Task An_early_answer_is_delivered_at_once_over_http2()
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.HeadAsync();
            await connection.SendAsync("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = Http2Client.For(router);
        using var body = new DrippingContent();
        using var request = Http2Client.Post(body);

        using var response = await client.SendAsync(request, CancellationToken.None).Soon();

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("big", await response.Content.ReadAsStringAsync(CancellationToken.None).Soon());
        Assert.StartsWith("at=info", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Protocols", "a dyno that has answered and reads on gets the rest of the body")]
    public async Task A_dyno_that_reads_on_gets_the_rest()
    {
        var rest = new TaskCompletionSource<string>();
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.HeadAsync();
            await connection.RespondAsync("soon");
            rest.SetResult(await connection.BytesAsync(10));
            await connection.RequestAsync();
            await connection.RespondAsync("next");
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {TestRouter.Host}\r\nContent-Length: 10\r\n\r\nhello");
        Assert.Equal("soon", (await client.ResponseAsync())!.Body);
        Assert.StartsWith("at=info", await router.Log.NextAsync(), StringComparison.Ordinal);

        await client.SendAsync("world" + TestRouter.Get());

        Assert.Equal("helloworld", await rest.Task.Soon());
        Assert.Equal("next", (await client.ResponseAsync())!.Body);
        Assert.Equal(1, dyno.Accepted);
    }

    [Fact]
    [Conformance(
        "Time-outs",
        "a client that keeps the rest of its body from a dyno that has answered is let go after 55 s",
        "closed")]
    public async Task A_rest_that_does_not_come_is_ended()
    {
        var closed = new TaskCompletionSource<string>();
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.HeadAsync();
            await connection.RespondAsync("soon");
            closed.SetResult(await connection.RestAsync());
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {TestRouter.Host}\r\nContent-Length: 10\r\n\r\nhello");
        Assert.Equal("soon", (await client.ResponseAsync())!.Body);

        Assert.True(await router.PassTimeUntilAsync(closed.Task) >= TimeSpan.FromSeconds(55));
        Assert.StartsWith("at=info", await router.Log.NextAsync(), StringComparison.Ordinal);
        Assert.True(router.Log.IsEmpty);
    }

    [Fact]
    [Conformance(
        "Time-outs",
        "a dyno that has answered and takes no more of the body is let go after 55 s, and the upload ended, HTTP/2",
        "closed")]
    public async Task A_rest_that_is_not_taken_is_ended_over_http2()
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.HeadAsync();
            await connection.SendAsync("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = Http2Client.For(router);
        using var body = new DrippingContent();
        using var request = Http2Client.Post(body);
        await body.SendAsync(new string('x', 16 * 1024 * 1024));

        using var response = await client.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, CancellationToken.None).Soon();

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("big", await response.Content.ReadAsStringAsync(CancellationToken.None).Soon());
        Assert.StartsWith("at=info", await router.Log.NextAsync(), StringComparison.Ordinal);
        Assert.False(body.Sent.IsCompleted);
        Assert.True(await router.PassTimeUntilAsync(body.Sent) >= TimeSpan.FromSeconds(55));
        Assert.True(router.Log.IsEmpty);
    }

    [Fact]
    [Conformance("Limits", "what a dyno does not take of a body is not taken from the client beyond 1 MB")]
    public async Task An_upload_is_not_buffered_whole()
    {
        const int Block = 1024 * 1024;
        const int Blocks = 64;
        var goOn = new TaskCompletionSource();
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.HeadAsync();
            await goOn.Task;
            await connection.BytesAsync(Block * Blocks);
            await connection.RespondAsync("done");
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync(
            $"POST / HTTP/1.1\r\nHost: {TestRouter.Host}\r\nContent-Length: {Block * Blocks}\r\n\r\n");

        var sending = SendAsync();
        await Task.WhenAny(sending, Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None));
        Assert.False(sending.IsCompleted, "The client could send everything to a dyno that reads nothing.");
        goOn.SetResult();
        await sending.Soon();

        Assert.Equal("done", (await client.ResponseAsync())!.Body);

        async Task SendAsync()
        {
            var block = new byte[Block];
            for (var i = 0; i < Blocks; i++)
            {
                await client.Stream.WriteAsync(block);
            }
        }
    }

    [Fact]
    [Conformance(
        "Protocols", "Expect: 100-continue, when the dyno knows nothing of it: the body follows after a second")]
    public async Task A_dyno_may_pass_over_an_expectation()
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.HeadAsync();
            await connection.RespondAsync(await connection.BytesAsync(4));
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync(
            $"POST / HTTP/1.1\r\nHost: {TestRouter.Host}\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");

        var interim = client.HeadAsync();
        await router.PassTimeUntilAsync(interim);
        Assert.Equal(100, (await interim)!.Status);
        await client.SendAsync("body");

        Assert.Equal("body", (await client.ResponseAsync())!.Body);
    }

    [Fact]
    [Conformance("Protocols", "WebSockets over HTTP/2 (RFC 8441) reach the dyno as an upgrade of HTTP/1.1", "200")]
    public async Task A_WebSocket_over_http2_passes()
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            var request = (await connection.HeadAsync())!;
            Assert.Equal(
                ("GET /chat HTTP/1.1", "Upgrade", "websocket"), (
                    request.FirstLine, request.Header("Connection"), request.Header("Upgrade")));
            Assert.NotNull(request.Header("Sec-WebSocket-Key"));
            await connection.SendAsync(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "
                + "websocket\r\nSec-WebSocket-Accept: x\r\n\r\n");
            await connection.SendAsync("\u0081\u0002hi");
            await connection.BytesAsync(6 + 4);
            await connection.SendAsync("\u0088\u0002\u0003\u00e8");
            await connection.RestAsync();
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var http = Http2Client.For(router);
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = HttpVersion.Version20;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        await socket.ConnectAsync(new Uri($"wss://{TestRouter.Host}/chat"), http, CancellationToken.None).Soon();

        var buffer = new byte[16];
        var received = await socket.ReceiveAsync(buffer, CancellationToken.None).Soon();
        Assert.Equal("hi", Encoding.Latin1.GetString(buffer, 0, received.Count));
        await socket.SendAsync(
            Encoding.Latin1.GetBytes("ping"), WebSocketMessageType.Text, true, CancellationToken.None).Soon();
        Assert.Equal(
            WebSocketMessageType.Close, (await socket.ReceiveAsync(buffer, CancellationToken.None).Soon()).MessageType);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).Soon();
        socket.Dispose();

        var line = await router.Log.NextAsync();
        Assert.StartsWith("at=info method=CONNECT path=\"/chat\" ", line, StringComparison.Ordinal);
        Assert.Contains(" status=200 bytes=8 ", line, StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Log", "a WebSocket's bytes are counted")]
    public async Task A_tunnels_bytes_are_counted()
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.HeadAsync();
            await connection.SendAsync(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello");
            connection.Close();
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync(TestRouter.Get("Connection: Upgrade\r\nUpgrade: websocket\r\n"));
        Assert.Equal(101, (await client.HeadAsync())!.Status);
        Assert.Equal("hello", await client.RestAsync());

        Assert.Contains(" status=101 bytes=5 ", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    /// <summary>Sends back each chunk as it comes, until the last.</summary>
    private static ScriptedDyno Echo() => new("web.1", async connection =>
    {
        await connection.HeadAsync();
        await connection.SendAsync(Chunked);
        while (true)
        {
            var size = await connection.BytesAsync(3);
            if (size.StartsWith('0'))
            {
                await connection.BytesAsync(2);
                await connection.SendAsync("0\r\n\r\n");
                return;
            }

            await connection.SendAsync(size + await connection.BytesAsync(5));
        }
    });
}
