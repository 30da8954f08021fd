using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DevCluster.Network.Programs;

/// <summary>
/// A web server that echoes the request and supports enough of HTTP/1.1 for clients and routers. It answers other
/// protocols with its name.
/// </summary>
internal sealed class WebListener : IDisposable
{
    private const int LongestHead = 64 * 1024;

    private readonly StreamListener _listener;
    private readonly IReadOnlyList<string> _about;

    public WebListener(int port, IReadOnlyList<string> about, CancellationToken cancellationToken)
    {
        _about = about;
        _listener = new StreamListener(port, ServeAsync, cancellationToken);
    }

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync(Socket connection, CancellationToken cancellationToken)
    {
        using var taken = connection;
        connection.NoDelay = true;
        var buffer = ArrayPool<byte>.Shared.Rent(LongestHead);
        try
        {
            var length = 0;
            while (true)
            {
                var end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
                if (end < 0)
                {
                    var more = length == LongestHead
                        ? 0
                        : await connection.ReceiveAsync(
                            buffer.AsMemory(length, LongestHead - length), cancellationToken);
                    if (more == 0)
                    {
                        await SendAsync(connection, length == 0 ? "here\n" : "", cancellationToken);
                        return;
                    }

                    length += more;
                    continue;
                }

                var head = Encoding.Latin1.GetString(buffer, 0, end);
                length = await PassBodyAsync(connection, buffer, end + 4, length, BodyLength(head), cancellationToken);
                if (length < 0)
                {
                    return;
                }

                await SendAsync(connection, Answer(head, connection), cancellationToken);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client disconnected.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Skips a request body and moves the bytes after it to the start of the buffer.</summary>
    /// <returns>The number of bytes after the body; -1 if the client disconnected first.</returns>
    private static async Task<int> PassBodyAsync(
        Socket connection, byte[] buffer, int start, int length, long body, CancellationToken cancellationToken)
    {
        var here = length - start;
        if (here >= body)
        {
            var rest = here - (int)body;
            buffer.AsSpan(length - rest, rest).CopyTo(buffer);
            return rest;
        }

        for (var missing = body - here; missing > 0;)
        {
            var more = await connection.ReceiveAsync(
                buffer.AsMemory(0, (int)Math.Min(missing, LongestHead)), cancellationToken);
            if (more == 0)
            {
                return -1;
            }

            missing -= more;
        }

        return 0;
    }

    private string Answer(string head, Socket connection)
    {
        var page = new StringBuilder("A simulated web process answers: no image is pulled. It runs in the pod.\n\n");
        foreach (var line in _about)
        {
            page.Append(line).Append('\n');
        }

        page.Append(
            CultureInfo.InvariantCulture, $"address: {(connection.LocalEndPoint as IPEndPoint)?.Address}\n");
        page.Append(
            CultureInfo.InvariantCulture, $"caller: {(connection.RemoteEndPoint as IPEndPoint)?.Address}\n\n");
        page.Append(head.ReplaceLineEndings("\n")).Append('\n');
        var text = page.Replace("::ffff:", "").ToString();
        var sent = head.StartsWith("HEAD ", StringComparison.Ordinal) ? "" : text;
        Console.WriteLine(head.AsSpan(0, Math.Max(0, head.IndexOf('\r'))).ToString());
        return $"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
            + $"Content-Length: {Encoding.UTF8.GetByteCount(text)}\r\n\r\n{sent}";
    }

    private static long BodyLength(string head) => head.Split("\r\n")
        .Where(line => line.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase))
        .Select(line => long.TryParse(line.AsSpan(15), out var number) ? number : 0)
        .FirstOrDefault();

    private static async Task SendAsync(Socket connection, string text, CancellationToken cancellationToken) =>
        await connection.SendAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
}

/// <summary>Echoes datagrams.</summary>
internal sealed class EchoSocket : IDisposable
{
    private readonly Socket _socket = Dual.Listen(SocketType.Dgram, ProtocolType.Udp);

    public EchoSocket(int port, CancellationToken cancellationToken)
    {
        _socket.Bind(Dual.Any(_socket, port));
        _ = ReturnAsync(cancellationToken);
    }

    public void Dispose() => _socket.Dispose();

    private async Task ReturnAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var received = await _socket.ReceiveFromAsync(buffer, Dual.Any(_socket, 0), cancellationToken);
                await _socket.SendToAsync(
                    buffer.AsMemory(0, received.ReceivedBytes), received.RemoteEndPoint, cancellationToken);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // An ICMP error for a response that was not delivered.
            }
        }
    }
}

/// <summary>Gives clients a shell, for tests of pods in which exec is forbidden.</summary>
internal sealed class ShellListener : IDisposable
{
    private readonly StreamListener _listener;

    public ShellListener(int port, CancellationToken cancellationToken) =>
        _listener = new StreamListener(port, ServeAsync, cancellationToken);

    public void Dispose() => _listener.Dispose();

    private static async Task ServeAsync(Socket connection, CancellationToken cancellationToken)
    {
        await using var stream = new NetworkStream(connection, ownsSocket: true);
        using var shell = Process.Start(new ProcessStartInfo("sh")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            var feeding = FeedAsync(stream, shell, cancellationToken);
            await shell.StandardOutput.BaseStream.CopyToAsync(stream, cancellationToken);
            await shell.WaitForExitAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client disconnected.
        }
        finally
        {
            if (!shell.HasExited)
            {
                shell.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task FeedAsync(Stream stream, Process shell, CancellationToken cancellationToken)
    {
        var buffer = new byte[8192];
        try
        {
            int length;
            while ((length = await stream.ReadAsync(buffer, cancellationToken)) > 0)
            {
                await shell.StandardInput.BaseStream.WriteAsync(buffer.AsMemory(0, length), cancellationToken);
                await shell.StandardInput.BaseStream.FlushAsync(cancellationToken);
            }

            shell.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The shell has exited.
        }
    }
}

/// <summary>Accepts TCP connections and serves each concurrently until disposed.</summary>
internal sealed class StreamListener : IDisposable
{
    private const int Backlog = 512;

    private readonly Socket _socket = Dual.Listen(SocketType.Stream, ProtocolType.Tcp);
    private readonly Func<Socket, CancellationToken, Task> _serve;

    public StreamListener(int port, Func<Socket, CancellationToken, Task> serve, CancellationToken cancellationToken)
    {
        _serve = serve;
        _socket.Bind(Dual.Any(_socket, port));
        _socket.Listen(Backlog);
        _ = AcceptAsync(cancellationToken);
    }

    public void Dispose() => _socket.Dispose();

    private async Task AcceptAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                _ = _serve(await _socket.AcceptAsync(cancellationToken), cancellationToken);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // The client disconnected before it was accepted.
            }
        }
    }
}

/// <summary>Creates dual-stack sockets if the kernel has both families.</summary>
internal static class Dual
{
    public static Socket Listen(SocketType type, ProtocolType protocol)
    {
        if (!Socket.OSSupportsIPv6)
        {
            return new Socket(AddressFamily.InterNetwork, type, protocol);
        }

        return new Socket(AddressFamily.InterNetworkV6, type, protocol) { DualMode = true };
    }

    public static IPEndPoint Any(Socket socket, int port) => new(
        socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, port);
}
