using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Dynospace.Router.Tests.Support;

/// <summary>A client that sends what the test wrote, byte for byte.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket;
    private readonly WireReader _reader;

    private RawClient(Socket socket, Stream stream)
    {
        _socket = socket;
        Stream = stream;
        _reader = new(stream);
    }

    public Stream Stream { get; }

    public static async Task<RawClient> ConnectAsync(IPEndPoint router, Action<Socket>? configure = null)
    {
        var socket = await SocketAsync(router, configure);
        return new(socket, new NetworkStream(socket, ownsSocket: true));
    }

    public static async Task<RawClient> ConnectTlsAsync(
        IPEndPoint router, string host, params SslApplicationProtocol[] protocols)
    {
        var socket = await SocketAsync(router, null);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = host,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            ApplicationProtocols = [.. protocols],
        }).Soon();
        return new(socket, tls);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await Stream.WriteAsync(bytes).AsTask().Soon();

    /// <summary>The next response with its body; null when the connection ended first.</summary>
    public async Task<WireMessage?> ResponseAsync(bool isHead = false)
    {
        try
        {
            return await _reader.HeadAsync() is { } head
                ? isHead
                    ? head
                    : head with { Body = await _reader.BodyAsync(head, untilEnd: head.Header("Connection") == "close") }
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    public Task<WireMessage?> HeadAsync() => _reader.HeadAsync();

    public Task<string> BytesAsync(int count) => _reader.BytesAsync(count);

    public Task<string> RestAsync() => _reader.RestAsync();

    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Ends the connection without a word.</summary>
    public void Reset()
    {
        _socket.LingerState = new(true, 0);
        _socket.Dispose();
    }

    public void Dispose() => Stream.Dispose();

    private static async Task<Socket> SocketAsync(IPEndPoint router, Action<Socket>? configure)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        configure?.Invoke(socket);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, router.Port)).Soon();
        return socket;
    }
}
