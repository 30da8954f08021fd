using System.Net;
using Dynospace.Router.Frontend;
using Dynospace.Router.Routing;
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
        Area,
        "a request in flight of a client that is trusted no longer is ended as such, and is not an H27",
        "closed")]
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

    [Fact, Conformance(Area, "a dyno is judged by its space's outbound IPs, not by its own address", "403")]
    public async Task A_dyno_is_judged_by_the_outbound_IPs_of_its_space()
    {
        await using var router = await EdgeRouter.StartAsync();
        Assert.Equal(200, await StatusAsync(router, Loopback("203.0.113.10"), "203.0.113.0/24"));
        Assert.Equal(403, await StatusAsync(router, Loopback("192.0.2.10"), "203.0.113.0/24"));
        Assert.Equal(403, await StatusAsync(router, Loopback("192.0.2.10"), "127.0.0.0/8"));
    }

    [Fact, Conformance(Area, "a node or an unknown pod of the cluster counts as the internet", "403")]
    public async Task What_is_the_clusters_counts_as_the_internet()
    {
        await using var router = await EdgeRouter.StartAsync();
        var cluster = Callers.FromBooks(["127.0.0.0/8"], []);
        Assert.Equal(403, await StatusAsync(router, cluster, "127.0.0.0/8"));
        Assert.Equal(200, await StatusAsync(router, cluster, "0.0.0.0/0"));
        Assert.Equal(403, await StatusAsync(router, Callers.Unknown, "127.0.0.0/8"));
    }

    /// <summary>
    /// Nodes send a dyno's packets straight to a router, past the load balancer that writes the header.
    /// </summary>
    [Fact, Conformance(Area, "a dyno behind PROXY protocol has no header, and is judged by its own address", "200")]
    public async Task A_dyno_needs_no_PROXY_header()
    {
        await using var router = await EdgeRouter.StartAsync("192.168.7.0/24");
        Assert.Equal(200, await StatusAsync(router, Loopback("203.0.113.10"), "203.0.113.0/24"));
        using var client = await router.ConnectAsync();
        await client.SendAsync("PROXY TCP4 203.0.113.10 203.0.113.5 51234 80\r\n" + TestRouter.Get());
        Assert.Equal(400, (await client.ResponseAsync())!.Status);
    }

    [Fact, Conformance(Area, "an address of the cluster that a PROXY header states is judged in the same way", "403")]
    public async Task The_header_of_a_proxy_may_name_a_dyno()
    {
        await using var router = await EdgeRouter.StartAsync("127.0.0.0/8");
        router.Trust(Callers.FromBooks(["10.244.0.0/16"], []), "10.0.0.0/8");
        using var client = await router.ConnectAsync();
        await client.SendAsync("PROXY TCP4 10.244.1.7 203.0.113.5 51234 80\r\n" + TestRouter.Get());
        Assert.Equal(403, (await client.ResponseAsync())!.Status);
    }

    [Fact]
    public async Task A_dyno_that_leaves_the_book_keeps_no_connection()
    {
        await using var router = await EdgeRouter.StartAsync();
        router.Trust(Loopback("203.0.113.10"), "203.0.113.0/24");
        using var client = await router.ConnectAsync();
        await client.SendAsync(TestRouter.Get());
        Assert.Equal(200, (await client.ResponseAsync())!.Status);
        await router.Log.NextAsync();
        router.Trust(Callers.FromBooks(["127.0.0.0/8"], []), "203.0.113.0/24");
        await client.SendAsync(TestRouter.Get());
        Assert.Equal(403, (await client.ResponseAsync())!.Status);
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

    private static Callers Loopback(string outbound) => Callers.FromBooks(
        ["127.0.0.0/8"],
        [
            KeyValuePair.Create<IPAddress, IReadOnlyList<IPAddress>>(IPAddress.Loopback, [IPAddress.Parse(outbound)]),
        ]);

    private static async Task<int> StatusAsync(EdgeRouter router, Callers callers, string ranges)
    {
        router.Trust(callers, ranges);
        using var client = await router.ConnectAsync();
        await client.SendAsync(TestRouter.Get());
        return (await client.ResponseAsync())!.Status;
    }
}
