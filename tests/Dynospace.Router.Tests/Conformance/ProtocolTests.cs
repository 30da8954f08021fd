using System.Net;
using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Conformance;

public sealed class ProtocolTests
{
    [Theory]
    [InlineData("websocket")]
    [InlineData("some-protocol/2")]
    [Conformance("Protocols", "WebSockets and any other upgrade pass, both ways", "101")]
    public async Task An_upgrade_passes(string protocol)
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            var request = await connection.HeadAsync();
            await connection.SendAsync(
                $"HTTP/1.1 101 Switching Protocols\r\nConnection: {request!.Header("Connection")}\r\nUpgrade: "
                + $"{request.Header("Upgrade")}\r\n\r\n");
            await connection.SendAsync("hi");
            await connection.SendAsync($"got {await connection.BytesAsync(4)}");
            connection.Close();
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync(
            TestRouter.Get(
                $"Connection: Upgrade\r\nUpgrade: {protocol}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));

        var head = await client.HeadAsync();
        Assert.Equal((101, protocol), (head!.Status, head.Header("Upgrade")));
        Assert.Equal("hi", await client.BytesAsync(2));
        await client.SendAsync("ping");

        Assert.Equal("got ping", await client.BytesAsync(8));
        Assert.Equal("", await client.RestAsync());
        Assert.Contains(" status=101 ", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Protocols", "a client that leaves a WebSocket ends the dyno's connection")]
    public async Task An_upgrade_ends_with_its_client()
    {
        var ended = new TaskCompletionSource<string>();
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.HeadAsync();
            await connection.SendAsync(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            ended.SetResult(await connection.RestAsync());
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using (var client = await router.ConnectAsync())
        {
            await client.SendAsync(TestRouter.Get("Connection: Upgrade\r\nUpgrade: websocket\r\n"));
            Assert.Equal(101, (await client.HeadAsync())!.Status);
        }

        Assert.Equal("", await ended.Task.Soon());
    }

    [Fact]
    [Conformance("Time-outs", "55 s also on WebSockets (H15)", "closed")]
    public async Task An_idle_websocket_is_ended()
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.HeadAsync();
            await connection.SendAsync(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync(TestRouter.Get("Connection: Upgrade\r\nUpgrade: websocket\r\n"));
        Assert.Equal(101, (await client.HeadAsync())!.Status);

        var rest = client.RestAsync();

        Assert.True(await router.PassTimeUntilAsync(rest) >= TimeSpan.FromSeconds(55));
        Assert.StartsWith("at=error code=H15 ", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Protocols", "a dyno may refuse an upgrade")]
    public async Task An_upgrade_may_be_refused()
    {
        await using var dyno = ScriptedDyno.Answering("web.1", "no");
        await using var router = await TestRouter.ServingAsync(dyno);

        Assert.Equal(
            (200, "no"), await router.GetAsync("Connection: Upgrade\r\nUpgrade: websocket\r\n") is { } response
                ? (response.Status, response.Body)
                : default);
    }

    [Fact]
    [Conformance("Protocols", "an upgrade to HTTP/2 is not passed on: HTTP/2 ends at the router")]
    public async Task Http2_cannot_be_smuggled_by_upgrade()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);

        Assert.Equal(
            200, (
                await router.GetAsync(
                    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: "
                    + "AAMAAABkAARAAAAAAAIAAAAA\r\n"))!.Status);
        var seen = await dyno.NextRequestAsync();
        Assert.All(["Upgrade", "Connection", "HTTP2-Settings"], name => Assert.Null(seen.Header(name)));
    }

    [Fact]
    [Conformance("Codes", "H23 endpoint misconfigured: a WebSocket handshake whose upgrade got lost on the way", "400")]
    public async Task A_lost_upgrade_is_H23()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);

        Assert.Equal(
            400, (
                await router.GetAsync(
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"))!.Status);
        Assert.StartsWith(
            "at=error code=H23 desc=\"Endpoint misconfigured\"", await router.Log.NextAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Protocols", "HTTP/2 to the client, HTTP/1.1 to the dyno")]
    public async Task Http2_becomes_http1()
    {
        await using var dyno = ScriptedDyno.Answering("web.1", "hello");
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = Http2Client.For(router);
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://shop.example.com/a?b")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent("body"),
            Headers = { { "Cookie", ["a=1", "b=2"] } },
        };

        using var response = await client.SendAsync(request, CancellationToken.None).Soon();

        Assert.Equal(
            (HttpStatusCode.OK, "hello"), (
                response.StatusCode, await response.Content.ReadAsStringAsync(CancellationToken.None)));
        var seen = await dyno.NextRequestAsync();
        Assert.Equal(("POST /a?b HTTP/1.1", "body", TestRouter.Host), (seen.FirstLine, seen.Body, seen.Header("Host")));
        Assert.Equal("2.0 dynospace", seen.Header("Via"));
        Assert.DoesNotContain(seen.Headers, header => header.Name.StartsWith(':'));
        Assert.Contains(
            " protocol=https tls=true tls_version=tls1.3", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [Conformance("Protocols", "trailers of a response reach HTTP/2 clients")]
    public async Task Trailers_pass_to_http2(string method)
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            await connection.SendAsync(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Checksum: 7\r\nX-Checksum: "
                + "8\r\nKeep-Alive: 9\r\n\r\n");
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = Http2Client.For(router);

        using var response = method == "POST"
            ? await client.PostAsync(
                "https://shop.example.com/", new StringContent("body"), CancellationToken.None).Soon()
            : await client.GetAsync("https://shop.example.com/", CancellationToken.None).Soon();

        Assert.Equal("hello", await response.Content.ReadAsStringAsync(CancellationToken.None));
        var trailer = Assert.Single(response.TrailingHeaders);
        Assert.Equal("X-Checksum", trailer.Key, ignoreCase: true);
        Assert.Equal(["7", "8"], trailer.Value.SelectMany(value => value.Split(", ")));
    }

    [Fact]
    [Conformance("Protocols", "a response that a dyno cuts is a reset HTTP/2 stream (H18)", "RST_STREAM")]
    public async Task A_cut_response_resets_the_stream()
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
            connection.Close();
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = Http2Client.For(router);

        await Assert.ThrowsAnyAsync<HttpRequestException>(
            () => client.GetStringAsync("https://shop.example.com/", CancellationToken.None)).Soon();
        Assert.StartsWith("at=error code=H18 ", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Protocols", "bodies of unknown length pass in chunks, part by part")]
    public async Task An_upload_in_chunks_is_streamed()
    {
        var arrived = new TaskCompletionSource();
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.HeadAsync();
            var first = await connection.BytesAsync("3\r\nabc\r\n".Length);
            arrived.SetResult();
            var second = await connection.BytesAsync("2\r\nde\r\n0\r\n\r\n".Length);
            await connection.RespondAsync(first + second);
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync(
            $"POST / HTTP/1.1\r\nHost: {TestRouter.Host}\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n");
        await arrived.Task.Soon();
        await client.SendAsync("2\r\nde\r\n0\r\nX-Trailer: dropped\r\n\r\n");

        Assert.Equal("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", (await client.ResponseAsync())!.Body);
    }

    [Fact]
    [Conformance("Protocols", "a response's head is sent before its body is there (server-sent events)")]
    public async Task A_head_is_not_held_back()
    {
        var goOn = new TaskCompletionSource();
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
            await goOn.Task;
            await connection.SendAsync("data: 1\n\n");
            connection.Close();
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync(TestRouter.Get());

        var head = await client.HeadAsync();
        Assert.Equal("text/event-stream", head!.Header("Content-Type"));
        goOn.SetResult();

        Assert.Equal("9\r\ndata: 1\n\n\r\n0\r\n\r\n", await client.BytesAsync("9\r\ndata: 1\n\n\r\n0\r\n\r\n".Length));
    }

    [Fact]
    [Conformance(
        "Protocols",
        "Expect: 100-continue is the dyno's to answer; a refusal ends the connection, since the body does not come")]
    public async Task A_dyno_may_refuse_a_body()
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            Assert.Equal("100-continue", (await connection.HeadAsync())!.Header("Expect"));
            await connection.SendAsync("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
        });
        await using var router = await TestRouter.ServingAsync(dyno);

        var response = await router.SendAsync(
            $"POST / HTTP/1.1\r\nHost: {TestRouter.Host}\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n");

        Assert.Equal((413, "close"), (response!.Status, response.Header("Connection")));
        Assert.StartsWith("at=info ", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Protocols", "Expect: 100-continue, when the dyno wants the body")]
    public async Task A_dyno_may_ask_for_a_body()
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.HeadAsync();
            await connection.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
            await connection.RespondAsync(await connection.BytesAsync(4));
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync(
            $"POST / HTTP/1.1\r\nHost: {TestRouter.Host}\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(100, (await client.HeadAsync())!.Status);
        await client.SendAsync("body");

        Assert.Equal(
            (200, "body"), await client.ResponseAsync() is { } response ? (response.Status, response.Body) : default);
    }

    [Fact]
    [Conformance("Protocols", "HEAD has the head of GET and no body")]
    public async Task Head_has_no_body()
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            while (await connection.RequestAsync() is not null)
            {
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
            }
        });
        await using var router = await TestRouter.ServingAsync(dyno);

        var response = await router.SendAsync($"HEAD / HTTP/1.1\r\nHost: {TestRouter.Host}\r\n\r\n");

        Assert.Equal("5", response!.Header("Content-Length"));
        Assert.Contains(" bytes=0 ", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Protocols", "requests one after the other on one connection, also when sent at once")]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        await using var dyno = new ScriptedDyno("web.1", _ => Task.CompletedTask)
        {
            Answer = request =>
        {
            var body = request.FirstLine.Split(' ')[1];
            return $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}";
        }
        };
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();

        await client.SendAsync(TestRouter.Get(path: "/1") + TestRouter.Get(path: "/2") + TestRouter.Get(path: "/3"));

        foreach (var expected in new[] { "/1", "/2", "/3" })
        {
            Assert.Equal(expected, (await client.ResponseAsync())!.Body);
        }
    }
}
