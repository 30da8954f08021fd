using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Conformance;

public sealed class DynoFailureTests
{
    public static TheoryData<string> Rubbish =>
    [
        "rubbish\r\n\r\n",
        "<html>0.9</html>\r\n",
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
        "HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: nobody-asked\r\n\r\n",
    ];

    [Fact]
    [Conformance("Codes", "H13 connection closed without response", "503")]
    public async Task A_close_without_a_byte_is_H13()
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            connection.Close();
        });
        await using var router = await TestRouter.ServingAsync(dyno);

        Assert.Equal(503, (await router.GetAsync())!.Status);
        Assert.StartsWith(
            "at=error code=H13 desc=\"Connection closed without response\"", await router.Log.NextAsync(),
            StringComparison.Ordinal);
        Assert.Equal(1, dyno.Accepted);
    }

    [Fact]
    [Conformance("Codes", "H13 also for a reset", "503")]
    public async Task A_reset_without_a_byte_is_H13()
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            connection.Reset();
        });
        await using var router = await TestRouter.ServingAsync(dyno);

        Assert.Equal(503, (await router.GetAsync())!.Status);
        Assert.StartsWith("at=error code=H13 ", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Rubbish))]
    [Conformance("Codes", "H17 poorly formatted HTTP response", "503")]
    public async Task Rubbish_is_H17(string response)
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            await connection.SendAsync(response);
            connection.Close();
        });
        await using var router = await TestRouter.ServingAsync(dyno);

        Assert.Equal(503, (await router.GetAsync())!.Status);
        Assert.StartsWith(
            "at=error code=H17 desc=\"Poorly formatted HTTP response\"", await router.Log.NextAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Codes", "H17 leaves the router and the dyno's next request as they were")]
    public async Task Rubbish_does_not_reach_the_next_request()
    {
        var isFirst = true;
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            var isRubbish = isFirst;
            isFirst = false;
            await connection.RequestAsync();
            await connection.SendAsync(isRubbish
                ? "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\naHTTP/1.1 200 "
                    + "OK\r\nContent-Length: 4\r\n\r\nevil"
                : "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
        });
        await using var router = await TestRouter.ServingAsync(dyno);

        Assert.Equal(503, (await router.GetAsync())!.Status);
        Assert.Equal("good", (await router.GetAsync())!.Body);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [Conformance("Bad requests", "bytes that a dyno sends unasked are nobody's response: the connection is given up")]
    public async Task Unsolicited_bytes_are_not_a_response(string method)
    {
        var isFirst = true;
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            var sendsMore = isFirst;
            isFirst = false;
            while (await connection.RequestAsync() is not null)
            {
                await connection.SendAsync(Response("good") + (sendsMore ? Response("evil") : ""));
            }
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        var request = $"{method} / HTTP/1.1\r\nHost: {TestRouter.Host}\r\nContent-Length: 0\r\n\r\n";
        Assert.Equal("good", (await router.SendAsync(request))!.Body);

        Assert.Equal("good", (await router.SendAsync(request))!.Body);
        Assert.Equal(2, dyno.Accepted);

        static string Response(string body) => $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}";
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf")]
    [Conformance("Codes", "H18 server request interrupted: the dyno closes within its response", "response cut")]
    public async Task A_cut_response_is_H18_and_stays_cut(string response)
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            await connection.SendAsync(response);
            connection.Close();
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync(TestRouter.Get());

        var wire = await client.RestAsync();

        Assert.DoesNotContain("\r\n0\r\n", wire, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n", wire, StringComparison.Ordinal);
        Assert.StartsWith(
            "at=error code=H18 desc=\"Server Request Interrupted\"", await router.Log.NextAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Codes", "H18 also when the head is cut", "503")]
    public async Task A_cut_head_is_H18()
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-");
            connection.Close();
        });
        await using var router = await TestRouter.ServingAsync(dyno);

        Assert.Equal(503, (await router.GetAsync())!.Status);
        Assert.StartsWith("at=error code=H18 ", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Codes", "H18 also when the dyno closes within the request's body", "503")]
    public async Task A_dyno_that_closes_within_an_upload_is_H18()
    {
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.HeadAsync();
            connection.Reset();
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {TestRouter.Host}\r\nContent-Length: 100000000\r\n\r\n");
        var line = router.Log.NextAsync();
        while (!line.IsCompleted)
        {
            try
            {
                await client.SendAsync(new byte[64 * 1024]);
            }
            catch (IOException)
            {
                break;
            }
        }

        Assert.StartsWith("at=error code=H18 ", await line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status line", 8_193)]
    [InlineData("cookie", 8_193)]
    [InlineData("header", 512 * 1024)]
    [Conformance("Codes", "H25 HTTP restriction: status line or cookie over 8,192 bytes, head over 512 kB", "502")]
    public async Task A_response_beyond_the_limits_is_H25(string part, int length)
    {
        var filler = new string('x', length);
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            await connection.SendAsync(part switch
            {
                "status line" => $"HTTP/1.1 200 {filler}\r\nContent-Length: 0\r\n\r\n",
                "cookie" => $"HTTP/1.1 200 OK\r\nSet-Cookie: {filler}\r\nContent-Length: 0\r\n\r\n",
                _ => $"HTTP/1.1 200 OK\r\nX-A: {filler}\r\nContent-Length: 0\r\n\r\n",
            });
        });
        await using var router = await TestRouter.ServingAsync(dyno);

        Assert.Equal(502, (await router.GetAsync())!.Status);
        Assert.StartsWith(
            "at=error code=H25 desc=\"HTTP Restriction\"", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Conformance("Limits", "a response's head may have 512 kB, a cookie and the status line 8,192 bytes each")]
    public async Task A_response_within_the_limits_passes()
    {
        var reason = new string('r', 8_192 - "HTTP/1.1 200 ".Length - 2);
        var cookie = new string('c', 8_192);
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            await connection.SendAsync(
                $"HTTP/1.1 200 {reason}\r\nSet-Cookie: {cookie}\r\nX-A: "
                + $"{new string('x', 480 * 1024)}\r\nContent-Length: 0\r\n\r\n");
        });
        await using var router = await TestRouter.ServingAsync(dyno);

        var response = await router.GetAsync();

        Assert.Equal($"HTTP/1.1 200 {reason}", response!.FirstLine);
        Assert.Equal(cookie, response.Header("Set-Cookie"));
    }

    [Fact]
    [Conformance("Codes", "H11 backlog too deep: Common: over 200 requests in flight for each web dyno", "503")]
    public async Task Too_many_requests_are_H11()
    {
        const int Limit = 200;
        var arrived = new CountdownEvent(Limit);
        var all = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            if (arrived.Signal())
            {
                all.SetResult();
            }

            await goOn.Task;
            await connection.RespondAsync("done");
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        var inFlight = Enumerable.Range(0, Limit).Select(_ => router.GetAsync()).ToArray();
        await all.Task.Soon();

        Assert.Equal(503, (await router.GetAsync())!.Status);
        Assert.StartsWith(
            "at=error code=H11 desc=\"Backlog too deep\"", await router.Log.NextAsync(), StringComparison.Ordinal);

        goOn.SetResult();
        Assert.All(await Task.WhenAll(inFlight), response => Assert.Equal(200, response!.Status));
    }

    [Fact]
    [Conformance(
        "Codes", "H22 connection limit reached: more requests in flight than the router serves at once", "503")]
    public async Task A_full_router_is_H22()
    {
        var begun = new TaskCompletionSource();
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            begun.SetResult();
        });
        await using var router = await TestRouter.StartAsync(new() { MaxRequestsInFlight = 1 });
        router.Publish(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync(TestRouter.Get());
        await begun.Task.Soon();

        Assert.Equal(503, (await router.GetAsync())!.Status);
        Assert.StartsWith(
            "at=error code=H22 desc=\"Connection limit reached\"", await router.Log.NextAsync(),
            StringComparison.Ordinal);
    }
}
