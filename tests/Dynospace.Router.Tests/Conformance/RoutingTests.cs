using System.Net.Security;
using Dynospace.Router.Routing;
using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Conformance;

public sealed class RoutingTests
{
    [Fact]
    [Conformance("Routing", "a request goes to a web dyno of the app that has its host")]
    public async Task A_request_reaches_a_dyno_of_its_app()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);

        var response = await router.GetAsync();

        Assert.Equal((200, "hello"), (response!.Status, response.Body));
    }

    [Theory]
    [InlineData("SHOP.example.com")]
    [InlineData("shop.example.com:8080")]
    [InlineData("shop.example.com.")]
    [Conformance("Routing", "case, port and a final dot of the host do not matter")]
    public async Task A_host_is_found_however_it_is_written(string host)
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);

        Assert.Equal(200, (await router.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"))!.Status);
        Assert.Equal(host, (await dyno.NextRequestAsync()).Header("Host"));
    }

    [Fact]
    [Conformance("Routing", "a host of no app", "404")]
    public async Task An_unknown_host_gets_a_page()
    {
        await using var router = await TestRouter.ServingAsync();

        var response = await router.SendAsync(
            "GET / HTTP/1.1\r\nHost: <b>other.example.com\r\n\r\n".Replace("<b>", "", StringComparison.Ordinal));

        Assert.Equal(404, response!.Status);
        Assert.StartsWith("text/html", response.Header("Content-Type"), StringComparison.Ordinal);
        Assert.DoesNotContain("other", response.Body, StringComparison.Ordinal);
        Assert.StartsWith(
            "at=error desc=\"No such host\" method=GET path=\"/\" host=other.example.com", await router.Log.NextAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Routing", "requests are spread over the dynos at random")]
    public async Task Every_dyno_gets_requests()
    {
        await using var first = ScriptedDyno.Answering("web.1", "1");
        await using var second = ScriptedDyno.Answering("web.2", "2");
        await using var router = await TestRouter.ServingAsync(first, second);
        using var client = await router.ConnectAsync();
        var answers = new List<string>();

        for (var i = 0; i < 64; i++)
        {
            await client.SendAsync(TestRouter.Get());
            answers.Add((await client.ResponseAsync())!.Body);
        }

        Assert.Equal(["1", "2"], answers.Distinct().Order());
        Assert.NotEqual(answers.Order(), answers);
    }

    [Theory]
    [InlineData(AppWebState.Crashed, "at=error code=H10 desc=\"App crashed\"")]
    [InlineData(AppWebState.NoWebDynos, "at=error code=H14 desc=\"No web dynos running\"")]
    [InlineData(AppWebState.Blank, "at=info code=H81 desc=\"Blank app\"")]
    [Conformance("Codes", "H10 app crashed", "503")]
    [Conformance("Codes", "H14 no web dynos running", "503")]
    [Conformance("Codes", "H81 blank app: nothing was released yet", "503")]
    public async Task An_app_that_cannot_serve_says_why(AppWebState state, string log)
    {
        await using var router = await TestRouter.StartAsync();
        router.Publish(TestRouter.Route([], state));

        Assert.Equal(503, (await router.GetAsync())!.Status);
        Assert.StartsWith(log, await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Codes", "H20 app boot timeout: requests wait 75 s for the first dyno", "503")]
    public async Task A_booting_app_is_waited_for()
    {
        await using var router = await TestRouter.StartAsync();
        router.Publish(TestRouter.Route([], AppWebState.Booting));

        var response = router.GetAsync();

        Assert.True(await router.PassTimeUntilAsync(response) >= TimeSpan.FromSeconds(75));
        Assert.Equal(503, (await response)!.Status);
        Assert.StartsWith(
            "at=error code=H20 desc=\"App boot timeout\"", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Routing", "a request that waits for a booting app is served as soon as a dyno is up")]
    public async Task A_booted_app_serves_who_waited()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.StartAsync();
        router.Publish(TestRouter.Route([], AppWebState.Booting));
        using var client = await router.ConnectAsync();
        await client.SendAsync(TestRouter.Get());

        router.Publish(dyno);

        Assert.Equal(200, (await client.ResponseAsync())!.Status);
    }

    [Fact]
    [Conformance("Codes", "H80 maintenance mode", "503")]
    public async Task Maintenance_is_a_page_of_its_own()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.StartAsync();
        router.Publish(TestRouter.Route([dyno.Endpoint]) with { IsInMaintenance = true });

        var response = await router.GetAsync();

        Assert.Equal(503, response!.Status);
        Assert.Contains("maintenance", response.Body, StringComparison.Ordinal);
        Assert.StartsWith(
            "at=info code=H80 desc=\"Maintenance mode\"", await router.Log.NextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, dyno.Accepted);
    }

    [Fact]
    [Conformance("Routing", "an address outside the trusted ranges", "403")]
    public async Task An_untrusted_address_is_refused()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.StartAsync();
        router.Publish(new RoutingSnapshot(
            RoutingSnapshot.HostsOf(
                [new(TestRouter.Host, TestRouter.Route([dyno.Endpoint]))]), AddressRanges.Parse(
                    ["198.51.100.0/24"]), new()));

        Assert.Equal(403, (await router.GetAsync("X-Forwarded-For: 198.51.100.1\r\n"))!.Status);
        Assert.StartsWith(
            "at=error desc=\"Untrusted address\"", await router.Log.NextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, dyno.Accepted);
    }

    [Fact]
    [Conformance("Codes", "H31 misdirected request: a host of no app on a TLS connection made for another", "421")]
    public async Task A_misdirected_request_is_sent_elsewhere()
    {
        await using var router = await TestRouter.ServingAsync();
        using var client = await RawClient.ConnectTlsAsync(
            router.Server.Https!, TestRouter.Host, SslApplicationProtocol.Http11);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: other.example.com\r\n\r\n");

        Assert.Equal(421, (await client.ResponseAsync())!.Status);
        Assert.StartsWith(
            "at=error code=H31 desc=\"Misdirected Request\"", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", 301)]
    [InlineData("POST", 308)]
    [Conformance("Routing", "plain HTTP of an app that wants HTTPS", "301, 308")]
    public async Task Plain_http_is_redirected(string method, int status)
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.StartAsync();
        router.Publish(TestRouter.Route([dyno.Endpoint]) with { RedirectsToHttps = true });

        var response = await router.SendAsync(
            $"{method} /a?b=c HTTP/1.1\r\nHost: shop.example.com:8080\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal((status, "https://shop.example.com/a?b=c"), (response!.Status, response.Header("Location")));
    }
}
