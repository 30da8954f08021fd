using Dynospace.Router.Frontend;
using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Frontend;

public sealed class TrustedRangesTests
{
    private const string Area = "Trusted ranges";

    [Fact, Conformance(Area, "a client of no trusted range", "403")]
    public async Task A_client_of_no_trusted_range_gets_a_page_and_a_line()
    {
        await using var router = await EdgeRouter.StartAsync();
        router.Trust("198.51.100.0/24");
        using var client = await router.ConnectAsync();
        await client.SendAsync(TestRouter.Get());
        var answer = await client.ResponseAsync();
        Assert.Equal(403, answer!.Status);
        Assert.Contains("takes no requests from your network", answer.Body, StringComparison.Ordinal);
        Assert.Contains("desc=\"Untrusted address\"", await router.Log.NextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, router.Dyno.Accepted);
    }

    [Fact, Conformance(Area, "an empty list admits nobody", "403")]
    public async Task An_empty_list_admits_nobody()
    {
        await using var router = await EdgeRouter.StartAsync();
        router.Trust();
        using var client = await router.ConnectAsync();
        await client.SendAsync(TestRouter.Get());
        Assert.Equal(403, (await client.ResponseAsync())!.Status);
    }

    [Fact, Conformance(Area, "a change holds for connections that are open", "403")]
    public async Task A_change_holds_for_kept_connections()
    {
        await using var router = await EdgeRouter.StartAsync();
        using var client = await router.ConnectAsync();
        await client.SendAsync(TestRouter.Get());
        Assert.Equal(200, (await client.ResponseAsync())!.Status);
        router.Trust("198.51.100.0/24");
        await client.SendAsync(TestRouter.Get());
        Assert.Equal(403, (await client.ResponseAsync())!.Status);
        router.Trust("127.0.0.1/32");
        await client.SendAsync(TestRouter.Get());
        Assert.Equal(200, (await client.ResponseAsync())!.Status);
    }

    [Fact, Conformance(Area, "a WebSocket of a client that is trusted no longer", "closed")]
    public async Task A_WebSocket_of_a_client_that_is_trusted_no_longer_ends()
    {
        var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            await connection.SendAsync(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        });
        await using var router = await EdgeRouter.StartAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync(
            TestRouter.Get(
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                + "dGhlIHNhbXBsZSBub25jZQ==\r\n"));
        Assert.Equal(101, (await client.HeadAsync())!.Status);
        router.Trust("198.51.100.0/24");
        router.Clock.Advance(OpenConnections.Grace);
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            // An end or a reset: either way nothing comes any more.
            if ((await client.RestAsync().Soon()).Length == 0)
            {
                throw new EndOfStreamException();
            }
        });
        Assert.StartsWith(
            "at=error desc=\"Untrusted address\" ", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("POST", "Content-Length: 10\r\n")]
    [Conformance(
        Area, "a request in flight of a client that is trusted no longer is ended as such, and is no H27", "closed")]
    public async Task A_request_of_a_client_that_is_trusted_no_longer_ends(string method, string headers)
    {
        var begun = new TaskCompletionSource();
        var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.HeadAsync();
            begun.SetResult();
            await connection.RestAsync();
        });
        await using var router = await EdgeRouter.StartAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync($"{method} / HTTP/1.1\r\nHost: {TestRouter.Host}\r\n{headers}\r\n");
        await begun.Task.Soon();

        router.Trust("198.51.100.0/24");
        router.Clock.Advance(OpenConnections.Grace);

        Assert.StartsWith(
            "at=error desc=\"Untrusted address\" ", await router.Log.NextAsync(), StringComparison.Ordinal);
        await router.DisposeAsync();
        Assert.True(router.Log.IsEmpty);
    }

    [Fact]
    public async Task A_client_that_is_still_trusted_keeps_its_WebSocket()
    {
        var echo = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            await connection.SendAsync(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            await connection.SendAsync("first");
            await connection.BytesAsync(4);
            await connection.SendAsync("later");
        });
        await using var router = await EdgeRouter.StartAsync(echo);
        using var client = await router.ConnectAsync();
        await client.SendAsync(
            TestRouter.Get(
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                + "dGhlIHNhbXBsZSBub25jZQ==\r\n"));
        Assert.Equal(101, (await client.HeadAsync())!.Status);
        Assert.Equal("first", await client.BytesAsync(5));
        router.Trust("127.0.0.1/32");
        router.Clock.Advance(OpenConnections.Grace);
        await client.SendAsync("ping");
        Assert.Equal("later", await client.BytesAsync(5));
    }
}
