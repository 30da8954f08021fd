using System.Net.Security;
using System.Text;
using System.Text.RegularExpressions;
using Dynospace.Router.Logging;
using Dynospace.Router.Routing;
using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Conformance;

public sealed partial class LogLineTests
{
    private const string Id = "30f14c6c-1fc4-4d6b-9c16-6a4c5e0a3d1b";

    [Fact]
    [Conformance("Log", "a line for every request, in the platform's form")]
    public async Task A_request_is_logged()
    {
        await using var dyno = ScriptedDyno.Answering("web.1", "hello");
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await RawClient.ConnectTlsAsync(
            router.Server.Https!, TestRouter.Host, SslApplicationProtocol.Http11);
        await client.SendAsync(TestRouter.Get($"X-Request-Id: {Id}\r\nX-Forwarded-For: 198.51.100.7\r\n", "/x?y=1"));
        Assert.Equal(200, (await client.ResponseAsync())!.Status);

        Assert.Equal(
            $"at=info method=GET path=\"/x?y=1\" host=shop.example.com request_id={Id} fwd=\"198.51.100.7, "
            + $"127.0.0.1\" dyno=web.1 "
            + "connect=0ms service=0ms status=200 bytes=5 protocol=https tls=true tls_version=tls1.3",
            await router.Log.NextAsync());
    }

    [Fact]
    [Conformance("Log", "the lines of each app are kept for its own people, also of requests that were refused")]
    public async Task Lines_are_kept_for_their_app()
    {
        var recent = new RecentLines(TimeProvider.System);
        await using var dyno = ScriptedDyno.Answering("web.1", "hello");
        await using var router = await TestRouter.StartAsync(new() { Recent = recent });
        router.Publish(dyno);
        await router.GetAsync();
        await router.Log.NextAsync();
        router.Publish(TestRouter.Route([], AppWebState.NoWebDynos));
        await router.GetAsync();
        await router.Log.NextAsync();
        await router.SendAsync("GET / HTTP/1.1\r\nHost: unknown.example.com\r\n\r\n");
        await router.Log.NextAsync();

        var kept = recent.After("acme-prod", "shop", 0).Select(line => Encoding.ASCII.GetString(line.Text)).ToList();

        Assert.Equal(2, kept.Count);
        Assert.Contains("dyno=web.1", kept[0], StringComparison.Ordinal);
        Assert.Contains("code=H14", kept[1], StringComparison.Ordinal);
        Assert.DoesNotContain('\n', kept[0]);
    }

    [Fact]
    [Conformance("Log", "an error's line has code and description")]
    public async Task An_error_is_logged()
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            connection.Close();
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        await router.GetAsync($"X-Request-Id: {Id}\r\n");

        Assert.Equal(
            $"at=error code=H13 desc=\"Connection closed without response\" method=GET path=\"/\" "
            + $"host=shop.example.com request_id={Id} "
            + "fwd=\"127.0.0.1\" dyno=web.1 connect=0ms service=0ms status=503 bytes=0 protocol=http tls=false "
                + "tls_version=unknown",
            await router.Log.NextAsync());
    }

    [Fact]
    [Conformance("Log", "a request that reached no dyno has no dyno, times and bytes")]
    public async Task A_request_without_a_dyno_is_logged()
    {
        await using var router = await TestRouter.StartAsync();
        router.Publish(TestRouter.Route([], Dynospace.Router.Routing.AppWebState.NoWebDynos));
        await router.GetAsync($"X-Request-Id: {Id}\r\n");

        Assert.Equal(
            $"at=error code=H14 desc=\"No web dynos running\" method=GET path=\"/\" host=shop.example.com "
            + $"request_id={Id} "
            + "fwd=\"127.0.0.1\" dyno= connect= service= status=503 bytes= protocol=http tls=false tls_version=unknown",
            await router.Log.NextAsync());
    }

    [Theory]
    [InlineData("GET /\"x=\\ HTTP/1.1\r\nHost: shop.example.com\r\n\r\n", "path=\"/\\\"x=\\\\\"")]
    [InlineData(
        "GET / HTTP/1.1\r\nHost: shop.example.com\r\nX-Forwarded-For: a\" dyno=web.9\r\n\r\n",
        "fwd=\"a\\\" dyno=web.9, 127.0.0.1\"")]
    [InlineData(
        "GET / HTTP/1.1\r\nHost: shop.example.com\r\nX-Forwarded-For: a\u00ff\r\n\r\n", "fwd=\"a\\xff, 127.0.0.1\"")]
    [InlineData("G|T / HTTP/1.1\r\nHost: shop.example.com\r\n\r\n", "method=\"G|T\" ")]
    [InlineData(
        "GET / HTTP/1.1\r\nHost: shop.example.com\r\nX-Request-Id: a status=200 aaaaaaaaaaaaaaaaaa\r\n\r\n",
        " dyno=web.1 ")]
    [Conformance("Log", "what a client sends is quoted and escaped: it can forge neither a line nor a pair")]
    public async Task A_client_cannot_forge(string request, string expected)
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);

        Assert.Equal(200, (await router.SendAsync(request))!.Status);

        var line = await router.Log.NextAsync();
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.Equal(14, Pairs().Count(line));
        Assert.True(router.Log.IsEmpty);
    }

    [Fact]
    [Conformance("Log", "requests that the server refuses by itself are logged too (H26), with what is known of them")]
    public async Task A_refused_request_is_logged()
    {
        await using var router = await TestRouter.ServingAsync();

        Assert.Equal(400, (await router.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"))!.Status);

        var line = await router.Log.NextAsync();
        Assert.StartsWith(
            "at=error code=H26 desc=\"Request Error\" method=GET path=\"/\" ", line, StringComparison.Ordinal);
        Assert.Contains(" status=400 ", line, StringComparison.Ordinal);
    }

    /// <summary>Pairs outside of quotes.</summary>
    [GeneratedRegex("""(?:^| )[a-z_]+=(?:"(?:[^"\\]|\\.)*"|[^ "]*)(?= |$)""")]
    private static partial Regex Pairs();
}
