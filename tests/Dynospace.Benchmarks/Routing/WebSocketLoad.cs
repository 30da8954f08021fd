using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Dynospace.Benchmarks.Routing;

/// <summary>A dyno that takes an upgrade and sends back what it gets.</summary>
internal sealed class EchoOrigin : IAsyncDisposable
{
    public const string Path = "/ws";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _accepting;

    public EchoOrigin()
    {
        _listener.Start(1_024);
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = EchoAsync(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Disposed.
        }
    }

    private static async Task EchoAsync(Socket socket)
    {
        socket.NoDelay = true;
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            var buffer = new byte[4_096];
            await WebSocketLoad.HeadAsync(stream, buffer);
            await stream.WriteAsync(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"u8
                    .ToArray());
            while (await stream.ReadAsync(buffer) is > 0 and var count)
            {
                await stream.WriteAsync(buffer.AsMemory(0, count));
            }
        }
        catch (IOException)
        {
            // The client is gone.
        }
    }
}

/// <summary>Sends messages over WebSockets, each when the one before came back.</summary>
internal static class WebSocketLoad
{
    private const int Message = 125;

    public static async Task<LoadResult> RunAsync(
        IProxy proxy, Load load, TimeSpan duration, CancellationToken cancellationToken)
    {
        var before = proxy.ProcessorTime;
        var clients = Enumerable.Range(0, load.Connections).Select(
            _ => EchoAsync(proxy.Port, duration, cancellationToken)).ToArray();
        var results = await Task.WhenAll(clients);
        var used = proxy.ProcessorTime - before;
        List<long> ticks = [.. results.SelectMany(result => result.Ticks).Order()];
        return new LoadResult(
            ticks.Count / duration.TotalSeconds,
            At(ticks, 0.5),
            At(ticks, 0.99),
            ticks.Count,
            results.Count(result => !result.IsWhole),
            used / Math.Max(ticks.Count, 1),
            proxy.ResidentBytes);
    }

    /// <summary>Reads a head; what follows one of these was not sent yet.</summary>
    public static async Task HeadAsync(Stream stream, byte[] buffer)
    {
        var length = 0;
        while (!buffer.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            var count = await stream.ReadAsync(buffer.AsMemory(length));
            length += count > 0 ? count : throw new IOException("The head is cut.");
        }
    }

    private static async Task<(List<long> Ticks, bool IsWhole)> EchoAsync(
        int port, TimeSpan duration, CancellationToken cancellationToken)
    {
        List<long> ticks = [];
        try
        {
            using var socket = new Socket(
                AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes(
                    $"GET {EchoOrigin.Path} HTTP/1.1\r\nHost: {RouterProxy.EchoHost}\r\nConnection: "
                    + $"Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"),
                cancellationToken);
            var buffer = new byte[4_096];
            await HeadAsync(stream, buffer);
            var started = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(started) < duration)
            {
                var sent = Stopwatch.GetTimestamp();
                await stream.WriteAsync(buffer.AsMemory(0, Message), cancellationToken);
                await stream.ReadExactlyAsync(buffer.AsMemory(0, Message), cancellationToken);
                ticks.Add(Stopwatch.GetTimestamp() - sent);
            }

            return (ticks, true);
        }
        catch (IOException)
        {
            return (ticks, false);
        }
    }

    private static TimeSpan At(List<long> ticks, double part) =>
        ticks.Count == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(0, ticks[(int)(ticks.Count * part)]);
}
