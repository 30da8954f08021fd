using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Dynospace.Router.Routing;

namespace Dynospace.Router.Hosting;

/// <summary>
/// Sends the warm-up's server every kind of request: HTTP/1.1 with and without bodies, WebSocket, TLS, HTTP/2. It
/// writes prepared bytes and reads up to a known end, since a library's client would have to be compiled too.
/// </summary>
internal sealed class WarmUpClient(IPEndPoint http, IPEndPoint https, X509Certificate2 certificate, int requests)
{
    public const string Host = "warm-up.localhost";

    private const string Http11 = "http/1.1";
    private const string Http2 = "h2";
    private const int Message = 125;

    private static readonly byte[] Get = Ascii.Bytes($"GET /length HTTP/1.1\r\nHost: {Host}\r\nAccept: */*\r\n\r\n");
    private static readonly byte[] GetChunks = Ascii.Bytes($"GET /chunks HTTP/1.1\r\nHost: {Host}\r\n\r\n");

    private static readonly byte[] Post = Ascii.Bytes(
        $"POST / HTTP/1.1\r\nHost: {Host}\r\nContent-Type: text/plain\r\n"
        + $"Content-Length: {Ends.Body.Length}\r\n\r\n{Ends.Body}");

    private static readonly byte[] PostChunks = Ascii.Bytes(
        $"POST / HTTP/1.1\r\nHost: {Host}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc{Ends.Chunks}");

    private static readonly byte[] Upgrade = Ascii.Bytes(
        $"GET / HTTP/1.1\r\nHost: {Host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

    /// <summary>One client of each kind, with its requests one after the other.</summary>
    public Task[] All(CancellationToken cancellationToken) =>
    [
        PlainAsync(cancellationToken), WebSocketAsync(cancellationToken), TlsAsync(cancellationToken),
        Http2Async(cancellationToken),
    ];

    private async Task PlainAsync(CancellationToken cancellationToken)
    {
        await using var stream = await ConnectAsync(http, cancellationToken);
        await RequestsAsync(stream, cancellationToken);
    }

    private async Task TlsAsync(CancellationToken cancellationToken)
    {
        await using var stream = await SecureAsync(Http11, cancellationToken);
        await RequestsAsync(stream, cancellationToken);
    }

    private async Task RequestsAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[8 * 1_024];
        for (var i = 0; i < requests; i++)
        {
            await AskAsync(stream, Get, buffer, Ends.OfBody, cancellationToken);
            await AskAsync(stream, Post, buffer, Ends.OfBody, cancellationToken);
            await AskAsync(stream, GetChunks, buffer, Ends.OfChunks, cancellationToken);
            await AskAsync(stream, PostChunks, buffer, Ends.OfBody, cancellationToken);
        }
    }

    private async Task WebSocketAsync(CancellationToken cancellationToken)
    {
        await using var stream = await ConnectAsync(http, cancellationToken);
        var buffer = new byte[8 * 1_024];
        await AskAsync(stream, Upgrade, buffer, Ends.OfHead, cancellationToken);
        for (var i = 0; i < requests; i++)
        {
            await stream.WriteAsync(buffer.AsMemory(0, Message), cancellationToken);
            await stream.ReadExactlyAsync(buffer.AsMemory(0, Message), cancellationToken);
        }
    }

    private async Task Http2Async(CancellationToken cancellationToken)
    {
        await using var stream = await SecureAsync(Http2, cancellationToken);
        await stream.WriteAsync(Http2Bytes.Opening, cancellationToken);
        var buffer = new byte[32 * 1_024];
        for (var i = 0; i < requests; i++)
        {
            await stream.WriteAsync(Http2Bytes.Get(Host, (4 * i) + 1), cancellationToken);
            await stream.WriteAsync(Http2Bytes.Post(Host, Ends.OfBody, (4 * i) + 3), cancellationToken);
            for (var answered = 0; answered < 2; answered += await IsEndOfStreamAsync() ? 1 : 0)
            {
                // Until both answers have come, in any order.
            }
        }

        async Task<bool> IsEndOfStreamAsync()
        {
            await stream.ReadExactlyAsync(buffer.AsMemory(0, Http2Bytes.FrameHead), cancellationToken);
            var (length, endsStream) = Http2Bytes.Read(buffer);
            await stream.ReadExactlyAsync(buffer.AsMemory(0, length), cancellationToken);
            return endsStream;
        }
    }

    private static async Task AskAsync(
        Stream stream, byte[] request, byte[] buffer, byte[] end, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(request, cancellationToken);
        var length = 0;
        while (!buffer.AsSpan(0, length).EndsWith(end))
        {
            var count = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            length += count > 0 ? count : throw new IOException("The warm-up's server closed a connection.");
        }
    }

    private static async Task<Stream> ConnectAsync(IPEndPoint address, CancellationToken cancellationToken) =>
        await new TcpDynoConnector().ConnectAsync(new DynoEndpoint("", "", address), cancellationToken);

    private async Task<Stream> SecureAsync(string protocol, CancellationToken cancellationToken)
    {
        var stream = new SslStream(await ConnectAsync(https, cancellationToken));
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = Host,
                ApplicationProtocols = [new(protocol)],
                // The certificate is known, and no other is accepted.
                RemoteCertificateValidationCallback = (_, given, _, _) =>
                    given is not null && given.GetRawCertData().AsSpan().SequenceEqual(certificate.RawDataMemory.Span),
            },
            cancellationToken);
        return stream;
    }
}

/// <summary>As much HTTP/2 as two concurrent requests need (RFC 9113).</summary>
internal static class Http2Bytes
{
    public const int FrameHead = 9;

    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Settings = 4;
    private const byte WindowUpdate = 8;
    private const byte EndStream = 1;
    private const byte EndHeaders = 4;
    private const int Window = 16 * 1_024 * 1_024;

    /// <summary>The preface, with a connection window that is never used up.</summary>
    public static byte[] Opening { get; } =
    [
        .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8,
        .. Frame(Settings, 0, 0, []),
        .. Frame(WindowUpdate, 0, 0, Number(Window)),
    ];

    public static byte[] Get(string host, int stream) =>
        Frame(Headers, EndHeaders | EndStream, stream, Head(0x82, host));

    public static byte[] Post(string host, byte[] body, int stream) =>
        [.. Frame(Headers, EndHeaders, stream, Head(0x83, host)), .. Frame(Data, EndStream, stream, body)];

    /// <summary>The length of a frame's payload, and whether the stream ends with it.</summary>
    public static (int Length, bool EndsStream) Read(ReadOnlySpan<byte> head) =>
        (BinaryPrimitives.ReadInt32BigEndian(head) >> 8, head[3] <= Headers && (head[4] & EndStream) != 0);

    /// <summary>Method, scheme and path by their indexes in the static table; the authority as a literal.</summary>
    private static byte[] Head(byte method, string host) =>
        [method, 0x87, 0x84, 0x01, (byte)host.Length, .. Ascii.Bytes(host)];

    private static byte[] Frame(byte type, int flags, int stream, byte[] payload) =>
        [.. Number(payload.Length << 8 | type)[..4], (byte)flags, .. Number(stream), .. payload];

    private static byte[] Number(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }
}

/// <summary>The ends of the warm-up's messages, in both directions.</summary>
internal static class Ends
{
    /// <summary>The end of a body with a Content-Length.</summary>
    public const string Body = "the end";

    /// <summary>The end of a body in chunks.</summary>
    public const string Chunks = "\r\n0\r\n\r\n";

    public static byte[] OfHead { get; } = Ascii.Bytes("\r\n\r\n");

    public static byte[] OfBody { get; } = Ascii.Bytes(Body);

    public static byte[] OfChunks { get; } = Ascii.Bytes(Chunks);
}

internal static class Ascii
{
    public static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);
}
