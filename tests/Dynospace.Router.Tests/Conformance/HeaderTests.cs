using System.Net.Security;
using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Conformance;

public sealed class HeaderTests
{
    [Theory]
    [InlineData("", "127.0.0.1")]
    [InlineData("X-Forwarded-For: 198.51.100.7\r\n", "198.51.100.7, 127.0.0.1")]
    [InlineData(
        "X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-For: 10.0.0.1, made up\r\n",
        "198.51.100.7, 10.0.0.1, made up, 127.0.0.1")]
    [Conformance("Headers", "X-Forwarded-For: the client's address on the right of what the client sent")]
    public async Task The_clients_address_is_appended(string headers, string expected) =>
        Assert.Equal(expected, (await SeenAsync(headers)).Header("X-Forwarded-For"));

    [Fact]
    [Conformance("Headers", "X-Forwarded-Proto and X-Forwarded-Port: the router's own, a client's are replaced")]
    public async Task Scheme_and_port_are_the_routers()
    {
        var seen = await SeenAsync("X-Forwarded-Proto: https\r\nX-Forwarded-Port: 1\r\nX_Forwarded_Proto: https\r\n");

        Assert.Equal(("http", "80"), (seen.Header("X-Forwarded-Proto"), seen.Header("X-Forwarded-Port")));
        Assert.Null(seen.Header("X_Forwarded_Proto"));
    }

    [Theory]
    [InlineData("HTTP/1.0")]
    [InlineData("HTTP/1.1")]
    [InlineData("HTTP/2")]
    [Conformance(
        "Headers",
        "a client's own spelling of them with underscores is dropped, in every mix, with and without a body")]
    public async Task Other_spellings_of_the_routers_headers_are_dropped(string protocol)
    {
        string[] own = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-port", "x-request-start", "x-request-id"];
        var spellings = own.SelectMany(Spellings).Except(own).ToList();
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);
        if (protocol == "HTTP/2")
        {
            using var client = await Http2Wire.ConnectAsync(router);
            Assert.Equal(
                200, await client.StatusOfAsync(1, Http2Wire.Get([.. spellings.Select(name => (name, "forged"))])));
        }
        else
        {
            var forged = string.Concat(spellings.Select(name => $"{name.ToUpperInvariant()}: forged\r\n"));
            Assert.Equal(200, (await router.SendAsync(
                $"POST / {protocol}\r\nHost: {TestRouter.Host}\r\n{forged}Content-Length: 1\r\n\r\na"))!.Status);
        }

        var seen = await dyno.NextRequestAsync();
        Assert.DoesNotContain(seen.Headers, header => header.Value.Contains("forged", StringComparison.Ordinal));
        Assert.All(own, name => Assert.NotNull(seen.Header(name)));

        static IEnumerable<string> Spellings(string name) => name.Split('-').Skip(1).Aggregate(
            (IEnumerable<string>)[name.Split('-')[0]], (all, word) =>
                all.SelectMany(start => new[] { $"{start}-{word}", $"{start}_{word}" }));
    }

    [Fact]
    [Conformance("Headers", "X-Forwarded-Proto https and X-Forwarded-Port 443 over TLS")]
    public async Task Scheme_and_port_headers_show_TLS()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await RawClient.ConnectTlsAsync(
            router.Server.Https!, TestRouter.Host, SslApplicationProtocol.Http11);
        await client.SendAsync(TestRouter.Get());
        Assert.Equal(200, (await client.ResponseAsync())!.Status);

        var seen = await dyno.NextRequestAsync();
        Assert.Equal(("https", "443"), (seen.Header("X-Forwarded-Proto"), seen.Header("X-Forwarded-Port")));
    }

    [Fact]
    [Conformance("Headers", "X-Request-Start: when the router got the request, in milliseconds of Unix time")]
    public async Task The_start_of_a_request_is_in_a_header()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);

        await router.GetAsync("X-Request-Start: 1\r\n");

        var expected = router.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.Equal($"{expected}", (await dyno.NextRequestAsync()).Header("X-Request-Start"));
    }

    [Theory]
    [InlineData("abcdefghij0123456789", true)]
    [InlineData("30f14c6c-1fc4-4d6b-9c16-6a4c5e0a3d1b", true)]
    [InlineData("short", false)]
    [InlineData("abcdefghij0123456789 x=y", false)]
    [InlineData("abcdefghij\"0123456789", false)]
    [Conformance("Headers", "X-Request-Id: a client's own is kept when it has 20 to 200 letters, digits and dashes")]
    public async Task A_request_id_is_kept_or_made(string given, bool isKept)
    {
        var seen = (await SeenAsync($"X-Request-Id: {given}\r\n")).Header("X-Request-Id");

        Assert.Equal(isKept, given == seen);
        Assert.True(isKept || Guid.TryParse(seen, out _));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1", "", "1.1 dynospace")]
    [InlineData("GET / HTTP/1.0", "", "1.0 dynospace")]
    [InlineData("GET / HTTP/1.1", "Via: 1.1 cdn\r\n", "1.1 cdn, 1.1 dynospace")]
    [Conformance("Headers", "Via, in request and response")]
    public async Task The_router_names_itself(string first, string headers, string expected)
    {
        await using var dyno = ScriptedDyno.Answering("web.1", headers: "Via: 1.1 app\r\n");
        await using var router = await TestRouter.ServingAsync(dyno);

        var response = await router.SendAsync($"{first}\r\nHost: {TestRouter.Host}\r\n{headers}\r\n");

        Assert.Equal(expected, (await dyno.NextRequestAsync()).Header("Via"));
        Assert.Equal("1.1 app | 1.1 dynospace", response!.Header("Via"));
    }

    [Fact]
    [Conformance("Headers", "hop-by-hop headers of a request end at the router, with those that Connection names")]
    public async Task Hop_by_hop_headers_of_a_request_end()
    {
        var seen = await SeenAsync(
            "Connection: X-Secret, X-Forwarded-For, Authorization\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nTE: trailers\r\n"
            + "Proxy-Authorization: x\r\nUpgrade: x\r\nX-Secret: x\r\nAuthorization: kept\r\nX-Other: kept\r\n");

        string[] gone =
        [
            "Keep-Alive",
            "Proxy-Connection",
            "TE",
            "Proxy-Authorization",
            "Upgrade",
            "X-Secret",
            "Connection",
        ];
        Assert.All(gone, name => Assert.Null(seen.Header(name)));
        Assert.Equal(
            ("kept", "kept", "127.0.0.1"), (
                seen.Header("Authorization"), seen.Header("X-Other"), seen.Header("X-Forwarded-For")));
    }

    [Fact]
    [Conformance("Headers", "hop-by-hop headers of a response end at the router")]
    public async Task Hop_by_hop_headers_of_a_response_end()
    {
        await using var dyno = ScriptedDyno.Answering(
            "web.1", headers: "Connection: keep-alive, X-Secret\r\nKeep-Alive: 5\r\nX-Secret: x\r\nX-Other: kept\r\n");
        await using var router = await TestRouter.ServingAsync(dyno);

        var response = await router.GetAsync();

        Assert.All(["Keep-Alive", "X-Secret", "Connection"], name => Assert.Null(response!.Header(name)));
        Assert.Equal("kept", response!.Header("X-Other"));
    }

    [Fact]
    [Conformance("Headers", "all else passes as it is: Host, target, Latin-1 values, several cookies")]
    public async Task Everything_else_passes()
    {
        await using var dyno = ScriptedDyno.Answering(
            "web.1", headers: "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Name: J\u00fcrgen\r\nServer: app\r\n");
        await using var router = await TestRouter.ServingAsync(dyno);

        var response = await router.SendAsync(
            $"GET /a/../%61%2F//b;c?q=%20&x=# HTTP/1.1\r\nHost: {TestRouter.Host}:8080\r\nX-Name: "
            + $"J\u00fcrgen\r\nContent-Type: text/x\r\n\r\n");

        var seen = await dyno.NextRequestAsync();
        Assert.Equal("GET /a/../%61%2F//b;c?q=%20&x=# HTTP/1.1", seen.FirstLine);
        Assert.Equal(
            ("J\u00fcrgen", $"{TestRouter.Host}:8080", "text/x"), (
                seen.Header("X-Name"), seen.Header("Host"), seen.Header("Content-Type")));
        Assert.Equal(
            ("J\u00fcrgen", "a=1 | b=2", "app"), (
                response!.Header("X-Name"), response.Header("Set-Cookie"), response.Header("Server")));
    }

    [Fact]
    [Conformance("Headers", "no response is compressed, cached or redirected by the router")]
    public async Task Responses_are_the_dynos_own()
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            while (await connection.RequestAsync() is not null)
            {
                await connection.SendAsync(
                    "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Encoding: gzip\r\nSet-Cookie: "
                    + "a=1\r\nContent-Length: 3\r\n\r\nraw");
            }
        });
        await using var router = await TestRouter.ServingAsync(dyno);

        Assert.Equal((302, "raw", "gzip"), (await router.GetAsync("Accept-Encoding: gzip\r\n")) is { } first
            ? (first.Status, first.Body, first.Header("Content-Encoding")) : default);
        Assert.Equal(302, (await router.GetAsync())!.Status);
    }

    private static async Task<WireMessage> SeenAsync(string headers)
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);
        Assert.Equal(200, (await router.GetAsync(headers))!.Status);
        return await dyno.NextRequestAsync();
    }
}
