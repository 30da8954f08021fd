using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Conformance;

public sealed class LimitTests
{
    [Theory]
    [InlineData(8_192, 200)]
    [InlineData(8_193, 414)]
    [Conformance("Limits", "request line 8,192 bytes", "414")]
    public async Task A_request_line_is_limited(int length, int status)
    {
        var path = "/" + new string('a', length - "GET / HTTP/1.1\r\n".Length);

        Assert.Equal(status, await StatusAsync($"GET {path} HTTP/1.1\r\nHost: {TestRouter.Host}\r\n\r\n"));
    }

    [Theory]
    [InlineData(8_192, 200)]
    [InlineData(8_193, 431)]
    [Conformance("Limits", "each header 8,192 bytes", "H26 431")]
    public async Task A_header_is_limited(int length, int status) =>
        Assert.Equal(status, await StatusAsync(TestRouter.Get($"X-A: {new string('a', length - "X-A: ".Length)}\r\n")));

    [Theory]
    [InlineData(1_000, 200)]
    [InlineData(1_001, 431)]
    [Conformance("Limits", "a header's name 1,000 bytes", "H26 431")]
    public async Task A_header_name_is_limited(int length, int status) =>
        Assert.Equal(status, await StatusAsync(TestRouter.Get($"{new string('a', length)}: x\r\n")));

    [Theory]
    [InlineData(999, 200)]
    [InlineData(1_000, 431)]
    [Conformance("Limits", "1,000 headers", "H26 431")]
    public async Task Headers_are_counted(int besideHost, int status) =>
        Assert.Equal(
            status, await StatusAsync(
                TestRouter.Get(string.Concat(Enumerable.Range(0, besideHost).Select(i => $"X-{i}: x\r\n")))));

    [Fact]
    [Conformance("Limits", "all headers of a request 512 kB", "H26 431")]
    public async Task All_headers_together_are_limited() =>
        Assert.Equal(
            431, await StatusAsync(
                TestRouter.Get(
                    string.Concat(Enumerable.Range(0, 70).Select(i => $"X-{i}: {new string('a', 8_000)}\r\n")))));

    [Fact]
    [Conformance("Limits", "no CONNECT", "H26 405")]
    public async Task Connect_is_refused() =>
        Assert.Equal(
            405, await StatusAsync($"CONNECT {TestRouter.Host}:443 HTTP/1.1\r\nHost: {TestRouter.Host}:443\r\n\r\n"));

    [Fact]
    [Conformance("Limits", "Expect other than 100-continue", "H26 417")]
    public async Task An_unknown_expectation_is_refused() =>
        Assert.Equal(417, await StatusAsync(TestRouter.Get("Expect: a-miracle\r\n")));

    [Fact]
    [Conformance("Limits", "the head of a request has 30 s", "H26 408")]
    public async Task A_slow_head_is_ended()
    {
        await using var router = await TestRouter.StartAsync(new() { RequestHeadersTimeout = TimeSpan.FromSeconds(1) });
        using var client = await router.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: ");

        var response = await client.ResponseAsync();

        Assert.Equal(408, response!.Status);
        Assert.Contains("code=H26", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Limits", "a connection is kept 90 s for its next request", "closed")]
    public async Task An_idle_connection_is_ended()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.StartAsync(new() { KeepAliveTimeout = TimeSpan.FromSeconds(10) });
        router.Publish(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync(TestRouter.Get());
        Assert.Equal(200, (await client.ResponseAsync())!.Status);

        Assert.Equal("", await client.RestAsync());
    }

    [Fact]
    [Conformance("Limits", "a body slower than 100 bytes a second, after a grace of 60 s", "H26 408")]
    public async Task A_trickling_body_is_ended()
    {
        await using var dyno = new ScriptedDyno("web.1", connection => connection.RequestAsync());
        await using var router = await TestRouter.StartAsync(
            new() { MinBytesPerSecond = 1_000, MinRateGrace = TimeSpan.FromSeconds(2) });
        router.Publish(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {TestRouter.Host}\r\nContent-Length: 1000\r\n\r\nx");

        Assert.Equal(408, (await client.ResponseAsync())!.Status);
        Assert.Contains("code=H26", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Limits", "20,000 connections at once", "closed")]
    public async Task Connections_are_limited()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.StartAsync(new() { MaxConnections = 1 });
        router.Publish(dyno);
        using var first = await router.ConnectAsync();
        await first.SendAsync(TestRouter.Get());
        Assert.Equal(200, (await first.ResponseAsync())!.Status);

        using var second = await router.ConnectAsync();

        Assert.Equal("", await second.RestAsync());
    }

    [Fact]
    [Conformance(
        "Limits", "bodies are streamed both ways; what a client does not take is not taken from the dyno beyond 1 MB")]
    public async Task A_response_is_not_buffered_whole()
    {
        const int Block = 1024 * 1024;
        const int Blocks = 64;
        var sent = 0;
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Block * Blocks}\r\n\r\n");
            for (; sent < Blocks; sent++)
            {
                await connection.SendAsync(new string('x', Block));
            }
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await RawClient.ConnectAsync(
            router.Server.Http!, socket => socket.ReceiveBufferSize = 4_096);
        await client.SendAsync(TestRouter.Get());
        Assert.Equal(200, (await client.HeadAsync())!.Status);
        Assert.True(sent < Blocks, "The dyno could send everything to a client that reads nothing.");

        Assert.Equal(Block * Blocks, (await client.BytesAsync(Block * Blocks)).Length);
        Assert.Contains($" bytes={Block * Blocks} ", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    private static async Task<int> StatusAsync(string request)
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);
        var response = await router.SendAsync(request);
        Assert.Equal(response!.Status == 200 ? 1 : 0, dyno.Requests);
        Assert.Equal(
            response.Status == 200, (await router.Log.NextAsync()).StartsWith("at=info", StringComparison.Ordinal));
        return response.Status;
    }
}
