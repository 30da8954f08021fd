using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Conformance;

/// <summary>
/// Requests that two servers may read differently. None may reach a dyno as anything but one request, most not at all.
/// </summary>
public sealed class SmugglingTests
{
    private const string Host = "Host: shop.example.com\r\n";
    private const string Post = "POST / HTTP/1.1\r\n" + Host;
    private const string Next = "GET /smuggled HTTP/1.1\r\n" + Host + "\r\n";

    /// <summary>By name; the request, and the statuses with which it may be refused.</summary>
    public static TheoryData<string, string, int[]> Refused => new()
    {
        // Which length counts.
        { "CL.TE", Post + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG", [400] },
        { "TE.CL", Post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n" + Next + "\r\n0\r\n\r\n",
        [
            400,
        ] },
        { "TE and CL: 0", Post + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + Next, [400] },
        { "differing CL", Post + "Content-Length: 0\r\nContent-Length: 50\r\n\r\n" + Next, [400] },
        { "the same CL twice", Post + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n" + Next, [400] },
        { "a list of CL", Post + "Content-Length: 0, 0\r\n\r\n" + Next, [400] },
        { "negative CL", Post + "Content-Length: -1\r\n\r\n" + Next, [400] },
        { "hexadecimal CL", Post + "Content-Length: 0x10\r\n\r\n" + Next, [400] },
        { "fractional CL", Post + "Content-Length: 1.0\r\n\r\n" + Next, [400] },
        { "CL with a space", Post + "Content-Length: 1 0\r\n\r\n" + Next, [400] },
        { "CL beyond 64 bits", Post + "Content-Length: 18446744073709551616\r\n\r\n" + Next, [400] },
        { "signed CL", Post + "Content-Length: +5\r\n\r\nhello" + Next, [400] },
        { "CL of minus nothing", Post + "Content-Length: -0\r\n\r\n" + Next, [400] },
        { "CL with a NUL", Post + "Content-Length: 5\0\r\n\r\nhello" + Next, [400] },
        { "CL with several NULs", Post + "Content-Length: 5\0\0\r\n\r\nhello" + Next, [400] },
        { "CL behind a vertical tab", Post + "Content-Length: \v5\r\n\r\nhello" + Next, [400] },
        { "CL behind a form feed", Post + "Content-Length: \f5\r\n\r\nhello" + Next, [400] },
        { "CL of 21 digits", Post + "Content-Length: 000000000000000000005\r\n\r\nhello" + Next, [400] },
        { "CL of 40 digits", Post + $"Content-Length: {new string('9', 40)}\r\n\r\nhello" + Next, [400] },
        { "CL of 8,000 digits", Post + $"Content-Length: {new string('0', 7_999)}5\r\n\r\nhello" + Next, [400] },
        { "CL in other digits", Post + "Content-Length: \u00b2\r\n\r\nhello" + Next, [400] },
        { "empty CL", Post + "Content-Length: \r\n\r\n" + Next, [400] },

        // Encodings that some servers do not recognise.
        { "TE: xchunked", Post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + Next, [400, 501] },
        { "TE: chunked twice", Post
            + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            + Next,
        [
            400,
            501,
        ] },
        { "TE: identity after chunked", Post
            + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"
            + Next,
        [
            400,
            501,
        ] },
        { "TE: chunked, identity", Post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + Next, [400, 501] },
        { "TE: identity, chunked", Post + "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n" + Next, [400, 501] },
        { "TE: gzip, chunked", Post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + Next, [400, 501] },
        { "TE: identity", Post + "Transfer-Encoding: identity\r\n\r\n" + Next, [400, 501] },
        { "TE quoted", Post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n" + Next, [400, 501] },
        { "TE with a parameter", Post + "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n" + Next, [400, 501] },
        { "TE with a vertical tab", Post + "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n" + Next, [400, 501] },
        { "TE with a NUL", Post + "Transfer-Encoding: chunked\0\r\n\r\n0\r\n\r\n" + Next, [400, 501] },
        { "TE with a comma", Post + "Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n" + Next, [400, 501] },
        { "empty TE", Post + "Transfer-Encoding: \r\n\r\n" + Next, [400, 501] },
        { "TE in HTTP/1.0", "POST / HTTP/1.0\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + Next,
        [
            400,
        ] },
        { "TE behind a space", Post + " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + Next, [400] },
        { "TE with a space before the colon", Post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + Next, [400] },
        { "TE with a tab before the colon", Post + "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n" + Next, [400] },
        { "TE folded", Post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + Next, [400] },
        { "TE behind a bare CR", Post + "X: x\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + Next, [400] },
        { "TE behind a bare LF", Post + "X: x\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + Next, [400] },

        // Lines.
        { "a folded header", Post + "Content-Length: 0\r\nX: a\r\n b\r\n\r\n", [400] },
        { "a fold as the first header", "POST / HTTP/1.1\r\n " + Host + "\r\n", [400] },
        { "bare LF lines", "GET / HTTP/1.1\nHost: shop.example.com\n\n" + Next, [400] },
        { "a bare LF at the head's end", "GET / HTTP/1.1\r\n" + Host + "\n" + Next, [400] },
        { "a bare CR in a value", "GET / HTTP/1.1\r\n" + Host + "X: a\rb\r\n\r\n", [400] },
        { "a NUL in a value", "GET / HTTP/1.1\r\n" + Host + "X: a\0b\r\n\r\n", [400] },
        { "a control character in a value", "GET / HTTP/1.1\r\n" + Host + "X: a\u0001b\r\n\r\n", [400] },
        { "a NUL in a name", "GET / HTTP/1.1\r\n" + Host + "X\0: a\r\n\r\n", [400] },
        { "a space in a name", "GET / HTTP/1.1\r\n" + Host + "X Y: a\r\n\r\n", [400] },
        { "a name that is none", "GET / HTTP/1.1\r\n" + Host + "X(Y): a\r\n\r\n", [400] },
        { "a header without a name", "GET / HTTP/1.1\r\n" + Host + ": a\r\n\r\n", [400] },
        { "a header without a colon", "GET / HTTP/1.1\r\n" + Host + "X\r\n\r\n", [400] },

        // Chunks.
        { "a chunk size that is none", Post + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n" + Next, [400] },
        { "a chunk size with 0x", Post + "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n" + Next, [400] },
        { "a negative chunk size", Post + "Transfer-Encoding: chunked\r\n\r\n-1\r\na\r\n0\r\n\r\n" + Next, [400] },
        { "a chunk size beyond 32 bits", Post + "Transfer-Encoding: chunked\r\n\r\n100000001\r\na\r\n0\r\n\r\n" + Next,
        [
            400,
        ] },
        { "a chunk longer than its size", Post + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n" + Next,
        [
            400,
        ] },
        { "a chunk size behind a bare LF", Post + "Transfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n" + Next, [400] },
        { "an extension with a bare LF", Post + "Transfer-Encoding: chunked\r\n\r\n1;x\na\r\n0\r\n\r\n" + Next, [400] },

        // Hosts and targets.
        { "no Host", "GET / HTTP/1.1\r\n\r\n", [400] },
        { "no Host in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", [400] },
        { "an empty Host", "GET / HTTP/1.1\r\nHost: \r\n\r\n", [400] },
        { "two Hosts", "GET / HTTP/1.1\r\n" + Host + "Host: admin.example.com\r\n\r\n", [400] },
        { "the same Host twice", "GET / HTTP/1.1\r\n" + Host + Host + "\r\n", [400] },
        { "Hosts in a list", "GET / HTTP/1.1\r\nHost: shop.example.com, admin.example.com\r\n\r\n", [400] },
        { "a Host with a path", "GET / HTTP/1.1\r\nHost: shop.example.com/x\r\n\r\n", [400] },
        { "a Host with a user", "GET / HTTP/1.1\r\nHost: a@shop.example.com\r\n\r\n", [400] },
        { "a Host with a space", "GET / HTTP/1.1\r\nHost: shop.example.com x\r\n\r\n", [400] },
        { "a Host with a wrong port", "GET / HTTP/1.1\r\nHost: shop.example.com:x\r\n\r\n", [400] },
        { "an absolute target of another host", "GET http://admin.example.com/ HTTP/1.1\r\n" + Host + "\r\n", [400] },
        { "a target without a slash", "GET x HTTP/1.1\r\n" + Host + "\r\n", [400, 405] },
        { "a target with a user", "GET @other.example.com/ HTTP/1.1\r\n" + Host + "\r\n", [400, 405] },
        { "the target *", "OPTIONS * HTTP/1.1\r\n" + Host + "\r\n", [400] },
        { "a space in the target", "GET /a b HTTP/1.1\r\n" + Host + "\r\n", [400] },
        { "a NUL in the target", "GET /a\0b HTTP/1.1\r\n" + Host + "\r\n", [400] },
        { "a byte beyond ASCII in the target", "GET /\u00e4 HTTP/1.1\r\n" + Host + "\r\n", [400] },
        { "a bare CR in the request line", "GET /\rX HTTP/1.1\r\n" + Host + "\r\n", [400] },

        // Versions and methods.
        { "HTTP/0.9", "GET /\r\n\r\n", [400, 505] },
        { "HTTP/1.2", "GET / HTTP/1.2\r\n" + Host + "\r\n", [400, 505] },
        { "http in lower case", "GET / http/1.1\r\n" + Host + "\r\n", [400, 505] },
        { "a method that is none", "GE(T / HTTP/1.1\r\n" + Host + "\r\n", [400] },
    };

    /// <summary>
    /// By name; the bytes, and the requests that a dyno gets of them. Nothing beyond these may arrive.
    /// </summary>
    public static TheoryData<string, string, string[]> Understood => new()
    {
        { "chunk extensions", Post + "Transfer-Encoding: chunked\r\n\r\n1;x=\"a\"\r\na\r\n0\r\n\r\n",
        [
            "POST / HTTP/1.1 a",
        ] },
        { "trailers", Post + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nContent-Length: 50\r\nHost: x\r\n\r\n",
        [
            "POST / HTTP/1.1 a",
        ] },
        { "leading zeros of a chunk size", Post + "Transfer-Encoding: chunked\r\n\r\n0001\r\na\r\n0\r\n\r\n",
        [
            "POST / HTTP/1.1 a",
        ] },
        { "CHUNKED", Post + "Transfer-Encoding: CHUNKED\r\n\r\n1\r\na\r\n0\r\n\r\n", ["POST / HTTP/1.1 a"] },
        { "GET with a body", "GET / HTTP/1.1\r\n"
            + Host
            + "Content-Length: 44\r\n\r\n"
            + "GET /smuggled HTTP/1.1\r\nHost: example.com\r\n\r\n"[..44],
        [
            "GET / HTTP/1.1 GET /smuggled HTTP/1.1\r\nHost: example.com\r\n\r",
        ] },
        { "an absolute target", "GET http://shop.example.com/a HTTP/1.1\r\n" + Host + "\r\n", ["GET /a HTTP/1.1 "] },
        { "CL named by Connection", "POST / HTTP/1.1\r\n"
            + Host
            + "Connection: Content-Length\r\nContent-Length: 1\r\n\r\na",
        [
            "POST / HTTP/1.1 a",
        ] },
        { "leading zeros of a CL", Post + "Content-Length: 0001\r\n\r\na", ["POST / HTTP/1.1 a"] },
        { "an upgrade with a body", Post + "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\na",
        [
            "POST / HTTP/1.1 a",
        ] },
        { "an encoded line end", "GET /%0d%0aX:%20y HTTP/1.1\r\n" + Host + "\r\n", ["GET /%0d%0aX:%20y HTTP/1.1 "] },
    };

    public static TheoryData<string, (string, string)[], string?> Http2Refused => new()
    {
        { "a line end in a value", Http2Wire.Get(("x", "a\r\nTransfer-Encoding: chunked")), null },
        { "a line end in a name", Http2Wire.Get(("x: a\r\ny", "b")), null },
        { "a NUL in a value", Http2Wire.Get(("x", "a\0b")), null },
        { "a colon in a name", Http2Wire.Get(("x:y", "b")), null },
        { "a name in upper case", Http2Wire.Get(("X", "b")), null },
        { "Transfer-Encoding", Http2Wire.Get(("transfer-encoding", "chunked")), "0\r\n\r\n" + Next },
        { "Connection", Http2Wire.Get(("connection", "close")), null },
        { "a line end in the method",
        [
            (":method", "GET /smuggled HTTP/1.1\r\nX: "),
            (":scheme", "https"),
            (":authority", TestRouter.Host),
            (":path", "/"),
        ], null },
        { "a line end in the path",
        [
            (":method", "GET"),
            (":scheme", "https"),
            (":authority", TestRouter.Host),
            (":path", "/ HTTP/1.1\r\nX: y"),
        ], null },
        { "a space in the path",
        [
            (":method", "GET"),
            (":scheme", "https"),
            (":authority", TestRouter.Host),
            (":path", "/a b"),
        ], null },
        { "a path without a slash",
        [
            (":method", "GET"),
            (":scheme", "https"),
            (":authority", TestRouter.Host),
            (":path", "x"),
        ], null },
        { "a line end in the authority",
        [
            (":method", "GET"),
            (":scheme", "https"),
            (":authority", "shop.example.com\r\nX: y"),
            (":path", "/"),
        ], null },
        { "no authority", [(":method", "GET"), (":scheme", "https"), (":path", "/")], null },
        { "two paths", Http2Wire.Get((":path", "/smuggled")), null },
        { "a pseudo-header behind others",
        [
            (":method", "GET"),
            (":scheme", "https"),
            ("x", "y"),
            (":authority", TestRouter.Host),
            (":path", "/"),
        ], null },
        { "a pseudo-header that is none", Http2Wire.Get((":x", "y")), null },
        { "a scheme with more in it",
        [
            (":method", "GET"),
            (":scheme", "https://x/y"),
            (":authority", TestRouter.Host),
            (":path", "/"),
        ], null },
        { "a Content-Length that is too short",
        [
            (":method", "POST"),
            (":scheme", "https"),
            (":authority", TestRouter.Host),
            (":path", "/"),
            ("content-length", "1"),
        ], "a" + Next },
        { "a Content-Length that is too long",
        [
            (":method", "POST"),
            (":scheme", "https"),
            (":authority", TestRouter.Host),
            (":path", "/"),
            ("content-length", "90"),
        ], "a" },
        { "CONNECT", [(":method", "CONNECT"), (":authority", "shop.example.com:443")], null },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    [Conformance(
        "Codes", "H26 request error: it breaks a rule or a limit of HTTP", "400 and what the limits below say")]
    [Conformance(
        "Bad requests",
        "a request that two servers may read differently is refused and ends its connection",
        "H26 400, 501")]
    public async Task An_ambiguous_request_is_refused(string name, string request, int[] statuses)
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync(request);

        var response = await client.ResponseAsync();

        Assert.True(statuses.Contains(response!.Status), $"{name}: {response.FirstLine}");
        Assert.Equal("close", response.Header("Connection"));
        Assert.Equal("", await client.RestAsync());
        Assert.Contains("code=H26", await router.Log.NextAsync(), StringComparison.Ordinal);
        Assert.True(dyno.Requests == 0, $"{name}: a dyno got a request");
    }

    [Theory]
    [MemberData(nameof(Understood))]
    [Conformance("Bad requests", "what is odd but clear reaches the dyno as the one request that it is")]
    public async Task An_odd_request_is_one_request(string name, string request, string[] expected)
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync(request + "GET /last HTTP/1.1\r\n" + Host + "\r\n");

        foreach (var one in (string[])[.. expected, "GET /last HTTP/1.1 "])
        {
            Assert.Equal(200, (await client.ResponseAsync())!.Status);
            var seen = await dyno.NextRequestAsync();
            Assert.True(one == $"{seen.FirstLine} {seen.Body}", $"{name}: {seen.FirstLine} {seen.Body}");
        }

        Assert.Equal(0, dyno.Requests);
    }

    [Theory]
    [MemberData(nameof(Http2Refused))]
    [Conformance(
        "Bad requests",
        "HTTP/2 fields that would be more than themselves in HTTP/1.1 are refused",
        "H26 400, RST_STREAM, GOAWAY")]
    public async Task An_http2_request_cannot_inject(string name, (string, string)[] fields, string? body)
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await Http2Wire.ConnectAsync(router);

        var status = await client.StatusOfAsync(1, fields, body);

        Assert.True(status is 0 or >= 400 and < 500, $"{name}: {status}");
        Assert.True(dyno.Requests == 0, $"{name}: a dyno got a request");
        Assert.StartsWith("at=error code=H26 ", await router.Log.NextAsync(), StringComparison.Ordinal);
        await router.DisposeAsync();
        Assert.True(router.Log.IsEmpty, $"{name}: more than one line");
    }

    [Theory]
    [InlineData("5\0", 400)]
    [InlineData("5\0\0", 400)]
    [InlineData("\v5", 400)]
    [InlineData("\f5", 400)]
    [InlineData(" 5", 400)]
    [InlineData("+5", 400)]
    [InlineData("5, 5", 400)]
    [InlineData("000000000000000000005", 400)]
    [InlineData("0x5", 400)]
    [InlineData("5", 200)]
    [InlineData("05", 200)]
    [Conformance(
        "Bad requests",
        "HTTP/2 with a Content-Length that is not 1 to 20 digits: that stream is refused, the others go on",
        "H26 400")]
    public async Task An_http2_stream_with_a_bad_length_is_refused_alone(string length, int status)
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await Http2Wire.ConnectAsync(router);
        (string, string)[] post =
            [
                (":method", "POST"),
                (":scheme", "https"),
                (":authority", TestRouter.Host),
                (":path", "/"),
                ("content-length", length),
            ];

        Assert.Equal(status, await client.StatusOfAsync(1, post, "hello"));
        Assert.Equal(
            status == 400, (await router.Log.NextAsync()).StartsWith("at=error code=H26 ", StringComparison.Ordinal));
        Assert.Equal(200, await client.StatusOfAsync(3, Http2Wire.Get()));
        Assert.StartsWith("at=info method=GET ", await router.Log.NextAsync(), StringComparison.Ordinal);
        Assert.Equal(status == 200 ? 2 : 1, dyno.Requests);
    }

    [Theory]
    [InlineData("-0", 400)]
    [InlineData("0\0", 400)]
    [InlineData("0", 200)]
    [Conformance("Bad requests", "the same of a length of nothing", "H26 400")]
    public async Task An_http2_stream_with_a_bad_length_of_nothing_is_refused_alone(string length, int status)
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await Http2Wire.ConnectAsync(router);

        Assert.Equal(status, await client.StatusOfAsync(1, Http2Wire.Get(("content-length", length))));
        Assert.Equal(200, await client.StatusOfAsync(3, Http2Wire.Get()));
    }

    [Theory]
    [InlineData("99999999999999999999999999")]
    [InlineData("18446744073709551621")]
    [Conformance("Bad requests", "a length that no body can have ends its stream alone", "H26 400, RST_STREAM")]
    public async Task An_http2_stream_with_an_impossible_length_ends_alone(string length)
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await Http2Wire.ConnectAsync(router);
        (string, string)[] post =
            [
                (":method", "POST"),
                (":scheme", "https"),
                (":authority", TestRouter.Host),
                (":path", "/"),
                ("content-length", length),
            ];

        Assert.Contains(await client.StatusOfAsync(1, post, "hello"), (int[])[0, 400]);
        Assert.StartsWith("at=error code=H26 ", await router.Log.NextAsync(), StringComparison.Ordinal);
        Assert.Equal(200, await client.StatusOfAsync(3, Http2Wire.Get()));
        Assert.StartsWith("at=info method=GET ", await router.Log.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Conformance(
        "Bad requests", "HTTP/2 with a Host beside its authority: the authority counts, for the router and the dyno")]
    public async Task An_http2_request_has_one_host()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await Http2Wire.ConnectAsync(router);

        Assert.Equal(200, await client.StatusOfAsync(1, Http2Wire.Get(("host", "admin.example.com"))));
        Assert.Equal(TestRouter.Host, (await dyno.NextRequestAsync()).Header("Host"));
    }

    [Fact]
    [Conformance("Bad requests", "HTTP/2 in clear text is not served", "closed")]
    public async Task Clear_text_http2_is_not_served()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await router.ConnectAsync();
        await client.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Next);

        Assert.DoesNotContain("200", await client.RestAsync(), StringComparison.Ordinal);
        Assert.Equal(0, dyno.Accepted);
    }
}
