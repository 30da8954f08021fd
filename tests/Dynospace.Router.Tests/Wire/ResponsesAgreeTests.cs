using System.Text;
using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Wire;

/// <summary>
/// A request with a body has an upload beside its response. Whatever a dyno answers, client and log get the same as
/// for one without.
/// </summary>
public sealed class ResponsesAgreeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly string[] Lines =
    [
        "Content-Length: 5\r\n", "Content-Length: 0\r\n", "Content-Length:5\r\n", "content-length: 05\r\n",
        "Content-Length: 5, 5\r\n", "Content-Length: +5\r\n",
        "Content-Length: 4\r\n", "Content-Length: 99999999999999999999\r\n", "Content-Length:\r\n",
        "Transfer-Encoding: chunked\r\n", "transfer-encoding: Chunked\r\n", "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Connection: close\r\n", "Connection: keep-alive, X-Plain\r\n", "Keep-Alive: timeout=5\r\n", "Upgrade: x\r\n",
        "Trailer: X-T\r\n",
        "X-Plain: a\r\n", "X-Plain: b\r\n", "x-plain:  c \t\r\n", "X-Empty:\r\n", "X-Name: J\u00fcrgen\r\n",
        "Set-Cookie: a=1\r\n", "Set-Cookie: b=2\r\n",
        "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n", "Server: s\r\n", "Via: 1.1 x\r\n", "Content-Type: text/plain\r\n",
        "X-Lf: a\n",
        "X-Nul: a\0b\r\n", "X-Cr: a\rb\r\n", "X Space: a\r\n", ": a\r\n", "X-None\r\n", "X(Y): a\r\n",
        "X-Control: \u0001\r\n", "X-Del: \u007f\r\n",
    ];

    private static readonly string[] Starts =
    [
        "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 404 Gone fishing\r\n", "HTTP/1.1 200\r\n", "HTTP/1.1 200 \r\n",
        "HTTP/1.0 200 OK\r\n", "HTTP/1.1 204 No Content\r\n", "HTTP/1.1 304 Not Modified\r\n", "HTTP/1.1 500 x\r\n",
        "HTTP/1.1 999 x\r\n", "HTTP/1.1 200 OK\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n", "HTTP/2 200\r\n", "http/1.1 200 OK\r\n", "HTTP/1.1  200 OK\r\n",
        " HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 2000 OK\r\n", "HTTP/1.1 20 OK\r\n", "HTTP/1.1 200 O\0K\r\n", "\r\nHTTP/1.1 200 OK\r\n",
        "ICY 200 OK\r\n",
    ];

    private static readonly string[] Bodies =
    [
        "", "hello", "hello", "hell", "hello, more", "5\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n",
        "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nX-T: t\r\n\r\n", "5\r\nhello\r\n0\r\n\r\nmore",
        "5\r\nhello\r\n", "5\r\nhello", "5\r\nhelloo\r\n0\r\n\r\n", "x\r\nhello\r\n0\r\n\r\n", "\r\nhello",
        "-5\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", "00005\r\nhello\r\n00\r\n\r\n",
        "fffffffffffffffff\r\nhello\r\n0\r\n\r\n", "5\nhello\n0\n\n", "0\r\n\r\n", "0\r\nbad trailer\r\n\r\n",
        "5;\0\r\nhello\r\n0\r\n\r\n",
    ];

    [Fact]
    public async Task A_response_is_the_same_with_and_without_an_upload()
    {
        var response = "";
        using var closed = new SemaphoreSlim(0);
        await using var dyno = new ScriptedDyno("web.1", async connection =>
        {
            try
            {
                await connection.RequestAsync();
                await connection.SendAsync(response);
            }
            finally
            {
                connection.Close();
                closed.Release();
            }
        });
        await using var router = await TestRouter.ServingAsync(dyno);
        var random = new Random(1);
        for (var i = 0; i < 300; i++)
        {
            response = Next(random);

            // The next request must find the connection closed rather than about to be: only a PUT would be sent again.
            var direct = await OutcomeAsync(router, "PUT", "");
            Assert.True(await closed.WaitAsync(Patience, TestContext.Current.CancellationToken));
            var reference = await OutcomeAsync(router, "POST", "a body");
            Assert.True(await closed.WaitAsync(Patience, TestContext.Current.CancellationToken));

            Assert.True(direct == reference, $"{response}\n\nwithout:\n{direct}\n\nwith an upload:\n{reference}");
        }
    }

    private static string Next(Random random) =>
        $"{Any(random, Starts)}{string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => Any(random, Lines)))}\r\n{Any(random, Bodies)}";

    private static string Any(Random random, string[] choice) => choice[random.Next(choice.Length)];

    /// <summary>
    /// What client and log got; of an invalid response only that: how much of it had passed by then is chance.
    /// </summary>
    private static async Task<string> OutcomeAsync(TestRouter router, string method, string content)
    {
        using var client = await router.ConnectAsync();
        await client.SendAsync(
            $"{method} / HTTP/1.1\r\nHost: {TestRouter.Host}\r\nConnection: close\r\nContent-Length: "
            + $"{content.Length}\r\n\r\n{content}");
        var wire = await client.RestAsync();
        var line = await router.Log.NextAsync();
        var outcome =
            line[line.IndexOf(
                " status=", StringComparison.Ordinal)..line.IndexOf(" protocol=", StringComparison.Ordinal)];
        return line.StartsWith("at=error", StringComparison.Ordinal)
            ? "error"
            : $"{outcome}\n{await MessageAsync(wire)}";
    }

    /// <summary>
    /// However the router frames it: a body that ends with the connection is not known to be empty until it has ended.
    /// </summary>
    private static async Task<string> MessageAsync(string wire)
    {
        var reader = new WireReader(new MemoryStream(Encoding.Latin1.GetBytes(wire)));
        var head = (await reader.HeadAsync())!;
        var body = head.Status is 204 or 304 ? await reader.RestAsync() : await reader.BodyAsync(head, untilEnd: true);
        var headers = head.Headers.Where(
            header => header is not (("Date" or "Transfer-Encoding"), _) and not ("Content-Length", "0"));
        return $"{head.FirstLine}\n{string.Join('\n', headers)}\n{body}";
    }
}
