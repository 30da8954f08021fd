using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Threading.Channels;
using DevCluster.Schema.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// The server side of a SPDY/3.1 connection as client-go uses it: the client opens streams, and there is no flow
/// control, because client-go's library does not implement it.
/// </summary>
internal sealed class SpdyConnection : IAsyncDisposable
{
    public const string Protocol = "SPDY/3.1";

    private const string StreamProtocol = "X-Stream-Protocol-Version";
    private const int HeaderBytes = 8;
    private const int MostBytes = 32 * 1024;
    private const int MostControlBytes = 64 * 1024;

    private readonly Stream _transport;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ConcurrentDictionary<uint, SpdyStream> _streams = new();
    private readonly Channel<SpdyStream> _opened = Channel.CreateUnbounded<SpdyStream>();
    private readonly SpdyHeaderReader _headers = new();
    private readonly SpdyHeaderWriter _replies = new();

    public SpdyConnection(Stream transport) => _transport = transport;

    /// <summary>The streams that the client opens; completes with the connection.</summary>
    public ChannelReader<SpdyStream> Opened => _opened.Reader;

    /// <summary>Whether the request is a SPDY upgrade.</summary>
    public static bool IsAskedFor(HttpRequest request) =>
        request.Headers.Upgrade.ToString().Equals(Protocol, StringComparison.OrdinalIgnoreCase);

    /// <summary>Takes over the connection of a request.</summary>
    /// <param name="protocols">The protocols that the server supports, preferred first.</param>
    public static async Task<SpdyConnection> AcceptAsync(HttpContext http, params IReadOnlyList<string> protocols)
    {
        var offered = http.Request.Headers[StreamProtocol]
            .SelectMany(line => (line ?? "").Split(',')).Select(word => word.Trim()).ToList();
        var protocol = protocols.FirstOrDefault(offered.Contains)
            ?? throw ApiErrors.BadRequest(
                $"no protocol of {string.Join(", ", offered)} is known: offer {string.Join(" or ", protocols)}");
        if (http.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
        {
            throw ApiErrors.BadRequest("the request cannot be upgraded to SPDY/3.1");
        }

        http.Response.Headers.Upgrade = Protocol;
        http.Response.Headers.Connection = "Upgrade";
        http.Response.Headers[StreamProtocol] = protocol;
        return new SpdyConnection(await upgrade.UpgradeAsync());
    }

    /// <summary>Receives until the client disconnects.</summary>
    public async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var header = new byte[HeaderBytes];
        try
        {
            while (await _transport.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, cancellationToken)
                == HeaderBytes)
            {
                var first = BinaryPrimitives.ReadUInt32BigEndian(header);
                var length = (int)(BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)) & 0xFFFFFF);
                var isLast = (header[4] & 1) != 0;
                await ((first & 0x8000_0000) == 0
                    ? TakeDataAsync(first, length, isLast, cancellationToken)
                    : TakeControlAsync((ushort)first, length, isLast, cancellationToken));
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException or OperationCanceledException
            or WebSocketException)
        {
            // The client disconnected, or sent an invalid frame.
        }
        finally
        {
            _opened.Writer.TryComplete();
            foreach (var stream in _streams.Values)
            {
                await stream.EndInputAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync();
        _headers.Dispose();
        _replies.Dispose();
        _sending.Dispose();
    }

    /// <summary>Sends data on a stream; the last frame ends the server's side.</summary>
    internal async Task SendAsync(
        uint stream, ReadOnlyMemory<byte> bytes, bool isLast, CancellationToken cancellationToken)
    {
        do
        {
            var part = bytes[..Math.Min(bytes.Length, MostBytes)];
            bytes = bytes[part.Length..];
            await SendFrameAsync(stream, isLast && bytes.IsEmpty ? (byte)1 : (byte)0, part, cancellationToken);
        }
        while (!bytes.IsEmpty);
    }

    private async Task TakeDataAsync(uint id, int length, bool isLast, CancellationToken cancellationToken)
    {
        var stream = _streams.GetValueOrDefault(id);
        var buffer = ArrayPool<byte>.Shared.Rent(MostBytes);
        try
        {
            while (length > 0)
            {
                var part = buffer.AsMemory(0, Math.Min(length, MostBytes));
                await _transport.ReadExactlyAsync(part, cancellationToken);
                length -= part.Length;
                if (stream is not null)
                {
                    await stream.TakeAsync(part, cancellationToken);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (isLast && stream is not null)
        {
            await stream.EndInputAsync();
        }
    }

    private async Task TakeControlAsync(ushort type, int length, bool isLast, CancellationToken cancellationToken)
    {
        if (length > MostControlBytes)
        {
            throw new InvalidDataException("a control frame is too long");
        }

        var body = new byte[length];
        await _transport.ReadExactlyAsync(body, cancellationToken);
        switch ((SpdyFrame)type)
        {
            case SpdyFrame.OpenStream when length > 10:
                await OpenAsync(body, isLast, cancellationToken);
                break;
            case SpdyFrame.Headers when length > 4:
                // Must be read although unused, because later headers are compressed against it.
                _headers.Read(body.AsSpan(4));
                break;
            case SpdyFrame.ResetStream when length >= 4
                && _streams.TryRemove(Id(body), out var reset):
                await reset.EndInputAsync();
                break;
            case SpdyFrame.Ping:
                await SendControlAsync(SpdyFrame.Ping, body, cancellationToken);
                break;
            default:
                // SETTINGS, WINDOW_UPDATE and GOAWAY have no effect here.
                break;
        }
    }

    private async Task OpenAsync(byte[] body, bool isLast, CancellationToken cancellationToken)
    {
        var id = Id(body);
        var stream = new SpdyStream(this, id, _headers.Read(body.AsSpan(10)));
        _streams[id] = stream;
        if (isLast)
        {
            await stream.EndInputAsync();
        }

        byte[] reply = [.. body[..4], .. _replies.WriteEmpty()];
        await SendControlAsync(SpdyFrame.Reply, reply, cancellationToken);
        _opened.Writer.TryWrite(stream);
    }

    private Task SendControlAsync(SpdyFrame type, byte[] body, CancellationToken cancellationToken) =>
        SendFrameAsync(0x8003_0000 | (uint)type, 0, body, cancellationToken);

    private async Task SendFrameAsync(
        uint first, byte flags, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var frame = ArrayPool<byte>.Shared.Rent(HeaderBytes + body.Length);
        await _sending.WaitAsync(cancellationToken);
        try
        {
            BinaryPrimitives.WriteUInt32BigEndian(frame, first);
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), ((uint)flags << 24) | (uint)body.Length);
            body.CopyTo(frame.AsMemory(HeaderBytes));
            await _transport.WriteAsync(frame.AsMemory(0, HeaderBytes + body.Length), cancellationToken);
            await _transport.FlushAsync(cancellationToken);
        }
        finally
        {
            _sending.Release();
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    private static uint Id(byte[] body) => BinaryPrimitives.ReadUInt32BigEndian(body) & 0x7FFF_FFFF;

    private enum SpdyFrame : ushort
    {
        OpenStream = 1,
        Reply = 2,
        ResetStream = 3,
        Ping = 6,
        Headers = 8,
    }
}

/// <summary>A stream that the client opened.</summary>
internal sealed class SpdyStream : ConnectionStream
{
    private readonly SpdyConnection _connection;
    private readonly uint _id;
    private readonly Pipe _input = new();
    private bool _isRead = true;

    public SpdyStream(SpdyConnection connection, uint id, IReadOnlyDictionary<string, string> headers)
    {
        (_connection, _id, Headers) = (connection, id, headers);
        Input = _input.Reader.AsStream();
    }

    /// <summary>The headers, with lower-case names.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The client's data.</summary>
    public Stream Input { get; }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!buffer.IsEmpty)
        {
            await _connection.SendAsync(_id, buffer, isLast: false, cancellationToken);
        }
    }

    /// <summary>Ends the server's side of the stream.</summary>
    public Task EndAsync(CancellationToken cancellationToken) =>
        _connection.SendAsync(_id, ReadOnlyMemory<byte>.Empty, isLast: true, cancellationToken);

    /// <summary>Waits for a slow reader; a reader that is gone receives no more.</summary>
    internal async Task TakeAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_isRead)
        {
            _isRead = !(await _input.Writer.WriteAsync(bytes, cancellationToken)).IsCompleted;
        }
    }

    internal ValueTask EndInputAsync() => _input.Writer.CompleteAsync();
}
