using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using DevCluster.Schema.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// A WebSocket with several channels: the first byte of each message is the channel's number. In version 5 a message on
/// channel 255 reports that the client has closed the channel it names.
/// </summary>
internal sealed class ChannelSocket : IDisposable
{
    public const string VersionFive = "v5.channel.k8s.io";
    public const string VersionFour = "v4.channel.k8s.io";

    private const string HandshakeKey = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private const byte CloseChannel = 255;
    private const int MostBytes = 32 * 1024;

    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    private readonly WebSocket _socket;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Dictionary<byte, Pipe> _incoming = [];

    private ChannelSocket(WebSocket socket, string protocol) => (_socket, Protocol) = (socket, protocol);

    /// <summary>The negotiated protocol.</summary>
    public string Protocol { get; }

    /// <summary>Whether the request is a WebSocket upgrade.</summary>
    public static bool IsAskedFor(HttpRequest request) =>
        request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase);

    /// <summary>The protocols that the client offers.</summary>
    public static IReadOnlyList<string> Offered(HttpRequest request) =>
        [
            .. request.Headers.SecWebSocketProtocol.SelectMany(line => (line ?? "").Split(','))
                .Select(word => word.Trim()),
        ];

    /// <param name="protocols">The protocols that the server supports, preferred first.</param>
    public static async Task<ChannelSocket> AcceptAsync(HttpContext http, params IReadOnlyList<string> protocols)
    {
        var (socket, protocol) = await AcceptWebSocketAsync(http, protocols);
        return new ChannelSocket(socket, protocol);
    }

    /// <inheritdoc cref="AcceptAsync"/>
    public static async Task<(WebSocket Socket, string Protocol)> AcceptWebSocketAsync(
        HttpContext http, params IReadOnlyList<string> protocols)
    {
        var key = http.Request.Headers.SecWebSocketKey.ToString();
        var offered = Offered(http.Request);
        var upgrade = http.Features.Get<IHttpUpgradeFeature>();
        if (upgrade is not { IsUpgradableRequest: true } || key.Length == 0)
        {
            throw ApiErrors.BadRequest("the request is not a WebSocket handshake");
        }

        // A client may offer no subprotocol, as .NET's does; the response then names none.
        var protocol = protocols.FirstOrDefault(offered.Contains) ?? (offered.Count == 0 ? "" : null)
            ?? throw ApiErrors.BadRequest(
                $"no subprotocol of {string.Join(", ", offered)} is known: offer {string.Join(" or ", protocols)}");
        http.Response.Headers.Upgrade = "websocket";
        http.Response.Headers.Connection = "Upgrade";
        if (protocol.Length > 0)
        {
            http.Response.Headers.SecWebSocketProtocol = protocol;
        }

#pragma warning disable CA5350 // RFC 6455 requires SHA-1 for the handshake; it protects no secret.
        http.Response.Headers.SecWebSocketAccept =
            Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + HandshakeKey)));
#pragma warning restore CA5350
        var stream = await upgrade.UpgradeAsync();
        // WebSocket rejects the slash in the name of the SPDY tunnel, and works without a name.
        return (WebSocket.CreateFromStream(stream, isServer: true, subProtocol: null, KeepAlive), protocol);
    }

    /// <summary>The client's data on a channel. Must be called before anything is received.</summary>
    public Stream Incoming(byte channel) => (_incoming[channel] = new Pipe()).Reader.AsStream();

    /// <summary>A stream that sends to the client on a channel.</summary>
    public Stream Outgoing(byte channel) => new ChannelStream(this, channel);

    /// <summary>Receives until the client disconnects.</summary>
    public async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MostBytes);
        try
        {
            byte? channel = null;
            while (_socket.State is WebSocketState.Open or WebSocketState.CloseSent)
            {
                var result = await _socket.ReceiveAsync(buffer.AsMemory(0, MostBytes), cancellationToken);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                var bytes = buffer.AsMemory(0, result.Count);
                if (channel is null && bytes.Length > 0)
                {
                    channel = bytes.Span[0];
                    bytes = bytes[1..];
                }

                await TakeAsync(channel, bytes, cancellationToken);
                channel = result.EndOfMessage ? null : channel;
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            // The client disconnected.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            foreach (var pipe in _incoming.Values)
            {
                await pipe.Writer.CompleteAsync();
            }
        }
    }

    public async Task SendAsync(byte channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var message = ArrayPool<byte>.Shared.Rent(bytes.Length + 1);
        await _sending.WaitAsync(cancellationToken);
        try
        {
            message[0] = channel;
            bytes.CopyTo(message.AsMemory(1));
            if (_socket.State == WebSocketState.Open)
            {
                await _socket.SendAsync(
                    message.AsMemory(0, bytes.Length + 1), WebSocketMessageType.Binary, true, cancellationToken);
            }
        }
        finally
        {
            _sending.Release();
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    /// <summary>Sends a close message and gives the client a moment to close its side.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            // The client closed first.
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _sending.Dispose();
    }

    private async Task TakeAsync(byte? channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (channel == CloseChannel)
        {
            if (bytes.Length > 0 && _incoming.Remove(bytes.Span[0], out var closed))
            {
                await closed.Writer.CompleteAsync();
            }
        }
        else if (channel is { } number && bytes.Length > 0 && _incoming.TryGetValue(number, out var pipe))
        {
            // Backpressure: waits for a slow reader, and so delays the client; a reader that is gone receives no more.
            if ((await pipe.Writer.WriteAsync(bytes, cancellationToken)).IsCompleted)
            {
                _incoming.Remove(number);
            }
        }
    }

    private sealed class ChannelStream(ChannelSocket socket, byte channel) : ConnectionStream
    {
        public override async ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            await socket.SendAsync(channel, buffer, cancellationToken);
    }
}

/// <summary>A stream over a connection: not seekable, with asynchronous reads and writes only.</summary>
internal abstract class ConnectionStream : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public abstract override ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
