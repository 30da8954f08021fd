using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Dynospace.EndToEnd.Tests.Faults;

/// <summary>
/// Stands between an operator and its API server and can lose the connection, as a network does: all at once and for a
/// while.
/// </summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly string _host;
    private readonly int _port;
    private readonly ConcurrentDictionary<Socket, byte> _sockets = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _tasks = [];
    private readonly ReservedPort _reserved = new();
    private TcpListener? _listener;

    private TcpProxy(Uri server) => (_host, _port) = (server.Host, server.Port);

    public int Port => _reserved.Number;

    /// <summary>Connections that were made through it.</summary>
    public int Connections { get; private set; }

    public static TcpProxy Start(Uri server)
    {
        var proxy = new TcpProxy(server);
        proxy.Restore();
        return proxy;
    }

    /// <summary>Drops every connection and refuses new ones.</summary>
    public void Cut()
    {
        _listener?.Dispose();
        _listener = null;
        foreach (var socket in _sockets.Keys)
        {
            Drop(socket);
        }
    }

    /// <summary>Takes connections again, on the same port.</summary>
    public void Restore()
    {
        var listener = _reserved.Listen();
        _listener = listener;
        _tasks.Add(AcceptAsync(listener));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Cut();
        await Task.WhenAll(_tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _reserved.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var near = await listener.AcceptSocketAsync(_stop.Token);
                Connections++;
                _tasks.Add(ServeAsync(listener, near));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Cut.
        }
    }

    private async Task ServeAsync(TcpListener listener, Socket near)
    {
        using var far = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        (_sockets[near], _sockets[far]) = (0, 0);
        try
        {
            await far.ConnectAsync(_host, _port, _stop.Token);
            if (listener != _listener)
            {
                return; // accepted just before the cut
            }

            await Task.WhenAny(PumpAsync(near, far), PumpAsync(far, near));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Either side went away.
        }
        finally
        {
            Drop(near);
            Drop(far);
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var count)
            {
                await to.SendAsync(buffer.AsMemory(0, count), _stop.Token);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Either side went away.
        }
    }

    /// <summary>With a reset rather than a farewell: a network that fails says nothing.</summary>
    private void Drop(Socket socket)
    {
        if (_sockets.TryRemove(socket, out _))
        {
            try
            {
                if (socket.Connected)
                {
                    socket.LingerState = new LingerOption(true, 0);
                }
            }
            catch (ObjectDisposedException)
            {
                // The connection ended at the same moment.
            }

            socket.Dispose();
        }
    }
}
