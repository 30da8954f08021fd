using System.Diagnostics.Metrics;
using System.Net.Security;
using Dynospace.Router.Metrics;
using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Conformance;

/// <summary>However a request ends, the log has one line of it and the metrics count it once.</summary>
public sealed class LedgerTests
{
    private const string Post = "POST / HTTP/1.1\r\nHost: shop.example.com\r\n";

    /// <summary>By name; what a client sends on a connection before it closes it, and the codes of the lines.</summary>
    public static TheoryData<string, string, string[]> Requests => new()
    {
        { "nothing", "", [] },
        { "rubbish", "rubbish\r\n\r\n", ["H26"] },
        { "a whole request", TestRouter.Get(), [""] },
        { "two", TestRouter.Get() + TestRouter.Get(), ["", ""] },
        { "a bad one behind a good one", TestRouter.Get() + "GET x\r\n\r\n", ["", "H26"] },
        { "no such host", "GET / HTTP/1.1\r\nHost: other.example.com\r\n\r\n", ["404"] },
        {
            "no such host, and a body that makes no sense",
            "POST / HTTP/1.1\r\nHost: other.example.com\r\nTransfer-Encoding: chunked\r\n\r\nrubbish\r\n", ["404"]
        },
        { "no such host, and a body that is cut", "POST / HTTP/1.1\r\nHost: other.example.com\r\nContent-Length: "
            + "9\r\n\r\nx",
        [
            "404",
        ] },
        { "an unknown expectation, and a body that is cut", Post + "Expect: x\r\nContent-Length: 9\r\n\r\nx", ["H26"] },
        { "a header that is too large", TestRouter.Get($"X: {new string('x', 9_000)}\r\n"), ["H26"] },
        { "a body that makes no sense", Post + "Transfer-Encoding: chunked\r\n\r\nrubbish\r\n", ["H26"] },
        { "a body whose second chunk makes no sense", Post + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\nrubbish\r\n",
        [
            "H26",
        ] },
        { "a body that is cut", Post + "Content-Length: 9\r\n\r\nx", ["H27"] },
        { "chunks that are cut", Post + "Transfer-Encoding: chunked\r\n\r\n9\r\nx", ["H27"] },
    };

    /// <summary>By name; the head of an HTTP/2 request, its body if any, and the code of the line.</summary>
    public static TheoryData<string, (string, string)[], string?, string> Http2Requests => new()
    {
        { "a whole request", Http2Wire.Get(), null, "" },
        { "a target that is too long", Path(new string('a', 8_200)), null, "H26 414" },
        { "a target that is much too long", Path(new string('a', 16_000)), null, "H26 414" },
        { "a header that is too large", Http2Wire.Get(("x", new string('a', 9_000))), null, "H26 431" },
        { "too many headers", Http2Wire.Get(
            [.. Enumerable.Range(0, 1_001).Select(i => ($"x-{i}", "x"))]), null, "H26 431" },
        { "no authority", [(":method", "GET"), (":scheme", "https"), (":path", "/")], null, "H26 400" },
        { "a path without a slash",
        [
            (":method", "GET"),
            (":scheme", "https"),
            (":authority", TestRouter.Host),
            (":path", "x"),
        ], null, "H26 400" },
        { "a name in upper case", Http2Wire.Get(("X", "b")), null, "H26 400" },
        { "a body shorter than its length", Upload("9"), "x", "H26" },
        { "a body longer than its length", Upload("1"), "xyz", "H26" },
        { "no body where a length says so", Http2Wire.Get(("content-length", "5")), null, "H26 400" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    [Conformance("Log", "each request has one line and is counted once, however it ends")]
    public async Task A_request_has_one_line(string name, string sent, string[] codes)
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);
        using (var client = await router.ConnectAsync())
        {
            await client.SendAsync(sent);
            if (name.Contains("cut", StringComparison.Ordinal))
            {
                client.EndSending();   // A client that ends before it was answered has left, so the others wait.
            }

            foreach (var _ in codes)
            {
                await client.ResponseAsync();
            }
        }

        await ExpectAsync(router, name, codes);
    }

    [Theory]
    [MemberData(nameof(Http2Requests))]
    [Conformance("Log", "so has each request of HTTP/2, also when the server resets its stream or ends its connection")]
    public async Task An_http2_request_has_one_line(string name, (string, string)[] fields, string? body, string code)
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);
        using (var client = await Http2Wire.ConnectAsync(router))
        {
            await client.StatusOfAsync(1, fields, body);
        }

        await ExpectAsync(router, name, [code]);
    }

    [Fact]
    [Conformance("Limits", "a target of HTTP/2 is limited as a request line is", "H26 414")]
    public async Task A_target_of_http2_is_limited()
    {
        await using var dyno = ScriptedDyno.Answering("web.1");
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await Http2Wire.ConnectAsync(router);
        var longest = new string('a', 8_192 - "GET / HTTP/1.1\r\n".Length);

        Assert.Equal(200, await client.StatusOfAsync(1, Path(longest)));
        Assert.Equal(414, await client.StatusOfAsync(3, Path(longest + "a")));
        Assert.Equal(200, await client.StatusOfAsync(5, Http2Wire.Get()));
    }

    [Fact]
    [Conformance("Log", "so has a request whose TLS connection breaks (H27)", "logged as 499")]
    public async Task A_request_whose_connection_breaks_has_one_line()
    {
        const int many = 20;
        var begun = new SemaphoreSlim(0);
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.RequestAsync();
            begun.Release();
            await connection.RestAsync();
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        for (var i = 0; i < many; i++)
        {
            using var client = await RawClient.ConnectTlsAsync(
                router.Server.Https!, TestRouter.Host, SslApplicationProtocol.Http11);
            await client.SendAsync(TestRouter.Get());
            await begun.WaitAsync(CancellationToken.None).Soon();
            client.Reset();
        }

        for (var i = 0; i < many; i++)
        {
            var line = await router.Log.NextAsync();
            Assert.StartsWith("at=error code=H27 ", line, StringComparison.Ordinal);
            Assert.EndsWith(
                " status=499 bytes=0 protocol=https tls=true tls_version=tls1.3", line, StringComparison.Ordinal);
        }

        await router.DisposeAsync();
        Assert.True(router.Log.IsEmpty);
    }

    [Fact]
    [Conformance("Codes", "H26 also for a body of HTTP/2 that is not as long as its length says", "RST_STREAM")]
    public async Task A_wrong_length_on_http2_is_H26()
    {
        var begun = new TaskCompletionSource();
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            await connection.HeadAsync();
            await connection.BytesAsync(2);
            begun.SetResult();
            await connection.RestAsync();
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        using var client = await Http2Wire.ConnectAsync(router);
        await client.BeginAsync(1, Upload("9"));
        await client.DataAsync(1, "ab", isLast: false);
        await begun.Task.Soon();
        await client.DataAsync(1, "c", isLast: true);

        Assert.StartsWith("at=error code=H26 ", await router.Log.NextAsync(), StringComparison.Ordinal);
        Assert.NotEqual(
            0, await client.StatusOfAsync(
                3, [.. Http2Wire.Get()[..2], (":authority", "other.example.com"), (":path", "/")]));
    }

    private static (string, string)[] Path(string path) =>
        [(":method", "GET"), (":scheme", "https"), (":authority", TestRouter.Host), (":path", "/" + path)];

    private static (string, string)[] Upload(string length) =>
        [
            (":method", "POST"),
            (":scheme", "https"),
            (":authority", TestRouter.Host),
            (":path", "/"),
            ("content-length", length),
        ];

    private static async Task ExpectAsync(TestRouter router, string name, string[] codes)
    {
        var lines = new List<string>();
        for (var i = 0; i < codes.Length; i++)
        {
            lines.Add(await router.Log.NextAsync());
        }

        var counted = Counted(router.Server.Metrics);
        await router.DisposeAsync();
        Assert.True(
            router.Log.IsEmpty,
            $"{name}: a line too many {string.Join('\n', lines)} "
            + $"{(router.Log.IsEmpty ? "" : await router.Log.NextAsync())}");
        Assert.True(counted == codes.Length, $"{name}: {counted} counted");
        foreach (var (line, code) in lines.Zip(codes))
        {
            var expected = code.Split(' ') switch
            {
                [""] => "at=info ",
                ["404"] => "at=error desc=\"No such host\" ",
                var parts => $"at=error code={parts[0]} ",
            };
            Assert.True(line.StartsWith(expected, StringComparison.Ordinal), $"{name}: {line}");
            Assert.True(
                code.Split(' ') is not [_, var status]
                    || line.Contains($" status={status} ", StringComparison.Ordinal), line);
        }
    }

    private static long Counted(RouterMetrics metrics)
    {
        var sum = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "requests.total" && metrics.Owns(instrument))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => sum += value);
        listener.Start();
        listener.RecordObservableInstruments();
        return sum;
    }
}
