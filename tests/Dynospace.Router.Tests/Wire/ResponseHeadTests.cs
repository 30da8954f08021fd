using System.Text;
using CsCheck;
using Dynospace.Router.Wire;
using Microsoft.AspNetCore.Http;

namespace Dynospace.Router.Tests.Wire;

public sealed class ResponseHeadTests
{
    private static readonly string[] Some =
    [
        "Content-Type: text/plain", "Content-Type: text/html", "Date: Thu, 01 Jan 1970 00:00:00 GMT",
        "Date: Thu, 01 Jan 1970 00:00:01 GMT", "Content-Length: 5",
        "Transfer-Encoding: chunked", "Connection: close", "Connection: X-A", "X-A: a", "X-A: b", "x-a: a", "X-A:  a ",
        "X-A: a\r\n b", "Set-Cookie: a=1",
    ];

    private static readonly Gen<string> Heads = Gen.Select(
        Gen.Int[0, 2], Gen.Int[0, Some.Length - 1].Array[0, 5], (status, lines) =>
            $"HTTP/1.{status % 2} {200 + status} "
            + $"x\r\n{string.Concat(lines.Distinct().Select(line => Some[line] + "\r\n"))}\r\n");

    [Fact]
    public void What_a_connection_read_before_does_not_matter() => Heads.Array[2, 6].Sample(heads =>
    {
        var again = new ResponseHead();
        return heads.All(head => Read(again, head) == Read(new(), head));
    });

    [Fact]
    public void However_it_is_cut_the_end_of_a_head_is_found() =>
        Gen.Select(Heads, Gen.Int[1, 9].Array[1, 9]).Sample((head, cuts) =>
    {
        var wire = Encoding.Latin1.GetBytes($"{head}more\r\n\r\n");
        var (scanned, length, read) = (0, 0, 0);
        for (var i = 0; length == 0; i++)
        {
            read = Math.Min(wire.Length, read + cuts[i % cuts.Length]);
            length = HeadLines.LengthOf(wire.AsSpan(0, read), ref scanned);
        }

        return length == head.Length;
    });

    [Theory]
    [InlineData("A: a\r\nB: b\r\n", "A=a B=b")]
    [InlineData("A: a\nB: b\r\n", "A=a B=b")]
    [InlineData("A:a\r\nB:\r\n", "A=a B=")]
    [InlineData("A \t: \t a b \t\r\n", "A=a b")]
    [InlineData("A: a\r\n b\r\n\tc\r\nB: b\r\n", "A=a   b  \tc B=b")]
    [InlineData("A: a\n b\r\n", "A=a  b")]
    [InlineData("A: a\r\nA: b\r\n", "A=a,b")]
    [InlineData("A: a\0b\rc\r\n", "A=a b c")]
    [InlineData("A: J\u00fcrgen\r\n", "A=J\u00fcrgen")]
    [InlineData("Connection: A\r\nA: a\r\nB: b\r\n", "B=b")]
    [InlineData("A: a\r\nConnection: close\r\nConnection: a\r\nKeep-Alive: 5\r\nUpgrade: x\r\nB: b\r\n", "B=b")]
    [InlineData("Connection: Set-Cookie\r\nSet-Cookie: a=1\r\n", "Set-Cookie=a=1")]
    public void Headers_are_read(string lines, string expected) =>
        Assert.StartsWith(
            $"200 {expected} |", Read(new(), $"HTTP/1.1 200 OK\r\n{lines}\r\n"), StringComparison.Ordinal);

    [Theory]
    [InlineData("Content-Length: 05\r\n", 5L, false)]
    [InlineData("content-length:5\r\n", 5L, false)]
    [InlineData("Transfer-Encoding: Chunked\r\n", null, true)]
    [InlineData("", null, false)]
    public void Where_a_body_ends_is_read(string lines, long? length, bool isChunked)
    {
        var head = new ResponseHead();
        Read(head, $"HTTP/1.1 200 OK\r\n{lines}\r\n");

        Assert.Equal((length, isChunked), (head.ContentLength, head.IsChunked));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n A: a\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n: a\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA B: a\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA\0: a\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA: \u0001\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA: \u007f\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: \r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n 5\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000000000\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n")]
    [InlineData("HTTP/1.1 2\u00b2\u00b2 OK\r\n")]
    [InlineData("HTTP/1.1 200OK\r\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n")]
    [InlineData("HTTP/1.1 099 OK\r\n")]
    [InlineData("HTTP/1.10 200 OK\r\n")]
    [InlineData("HTTP/2.0 200 OK\r\n")]
    [InlineData("http/1.1 200 OK\r\n")]
    [InlineData("HTTP/1.1\t200 OK\r\n")]
    [InlineData("HTTP/1.1 200 O\rK\r\n")]
    [InlineData("\r\nHTTP/1.1 200 OK\r\n")]
    public void What_is_not_a_head_is_refused(string head) =>
        Assert.Throws<RequestFailedException>(() => new ResponseHead().Read(Encoding.Latin1.GetBytes($"{head}\r\n")));

    private static string Read(ResponseHead head, string wire)
    {
        try
        {
            head.Read(Encoding.Latin1.GetBytes(wire));
        }
        catch (RequestFailedException e)
        {
            return e.Message;
        }

        var headers = new HeaderDictionary();
        head.CopyTo(headers);
        var names = string.Join(' ', headers.Select(header => $"{header.Key}={header.Value}"));
        return $"{head.Status} {names} | {head.ContentLength} {head.IsChunked} {head.IsLast} {head.Reason}";
    }
}
