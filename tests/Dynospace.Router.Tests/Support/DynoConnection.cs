using System.Net.Sockets;
using System.Text;

namespace Dynospace.Router.Tests.Support;

/// <summary>A connection that the router made to a dyno.</summary>
internal sealed class DynoConnection(Socket socket) : IDisposable
{
    private readonly NetworkStream _stream = new(socket, ownsSocket: true);
    private WireReader? _reader;

    private WireReader Reader => _reader ??= new(_stream);

    /// <summary>The next request with its body; null when the router closed the connection.</summary>
    public async Task<WireMessage?> RequestAsync() =>
        await HeadAsync() is { } head ? head with { Body = await Reader.BodyAsync(head, untilEnd: false) } : null;

    public Task<WireMessage?> HeadAsync() => Reader.HeadAsync();

    /// <summary>Waits for bytes without reading them.</summary>
    public async Task ArrivedAsync() => await _stream.ReadAsync(Memory<byte>.Empty).AsTask().Soon();

    public Task<string> BytesAsync(int count) => Reader.BytesAsync(count);

    public Task<string> RestAsync() => Reader.RestAsync();

    public async Task SendAsync(string text) =>
        await _stream.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask().Soon();

    public Task RespondAsync(string body, string headers = "") =>
        SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n{headers}\r\n{body}");

    public void Close() => _stream.Dispose();

    public void Dispose() => Close();

    public void Reset()
    {
        // The stream would say goodbye first.
        socket.LingerState = new(true, 0);
        socket.Dispose();
    }
}
