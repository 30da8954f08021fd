using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Dynospace.EndToEnd.Tests.Egress;

/// <summary>
/// A host outside the cluster, on an address of this machine: it notes where each connection and datagram comes from.
/// </summary>
internal sealed class OutsideHost : IAsyncDisposable
{
    private readonly TcpListener _calls;
    private readonly TcpListener _lines;
    private readonly Socket _datagrams = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<(string Protocol, IPAddress Source), int> _seen = new();
    private readonly ConcurrentDictionary<EndPoint, int> _live = new();
    private readonly Task _work;

    private OutsideHost(IPAddress address)
    {
        (_calls, _lines) = (new(address, 0), new(address, 0));
        _calls.Start(backlog: 512);
        _lines.Start();
        _datagrams.Bind(new IPEndPoint(address, 0));
        _work = Task.WhenAll(
            AcceptAsync(_calls, AnswerAsync), AcceptAsync(_lines, FollowAsync), ReceiveAsync());
    }

    /// <summary>A port where each connection is answered with its source and closed.</summary>
    public int CallPort => ((IPEndPoint)_calls.LocalEndpoint).Port;

    /// <summary>A port where connections stay and speak.</summary>
    public int LinePort => ((IPEndPoint)_lines.LocalEndpoint).Port;

    /// <summary>A UDP port that answers with the source.</summary>
    public int DatagramPort => ((IPEndPoint)_datagrams.LocalEndPoint!).Port;

    /// <summary>How many connections and datagrams came from where.</summary>
    public IReadOnlyDictionary<(string Protocol, IPAddress Source), int> Seen => _seen;

    /// <summary>The connections that are open on <see cref="LinePort"/>: what each has said, in bytes.</summary>
    public IReadOnlyDictionary<EndPoint, int> Live => _live;

    public static OutsideHost Listen(IPAddress address) => new(address);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _calls.Dispose();
        _lines.Dispose();
        _datagrams.Dispose();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener, Func<Socket, Task> serve)
    {
        while (!_stop.IsCancellationRequested)
        {
            var socket = await listener.AcceptSocketAsync(_stop.Token);
            Note("TCP", socket.RemoteEndPoint!);
            _ = ServeAsync(socket, serve);
        }
    }

    private static async Task ServeAsync(Socket socket, Func<Socket, Task> serve)
    {
        using (socket)
        {
            try
            {
                await serve(socket);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The other side left, or the test ends.
            }
        }
    }

    private async Task AnswerAsync(Socket socket) =>
        await socket.SendAsync(Text(socket.RemoteEndPoint!), _stop.Token);

    private async Task FollowAsync(Socket socket)
    {
        var (source, buffer) = (socket.RemoteEndPoint!, new byte[1024]);
        _live[source] = 0;
        try
        {
            while (await socket.ReceiveAsync(buffer, _stop.Token) is var count && count > 0)
            {
                _live.AddOrUpdate(source, count, (_, before) => before + count);
            }
        }
        finally
        {
            _live.TryRemove(source, out _);
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[1024];
        while (!_stop.IsCancellationRequested)
        {
            var received = await _datagrams.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
            Note("UDP", received.RemoteEndPoint);
            await _datagrams.SendToAsync(Text(received.RemoteEndPoint), received.RemoteEndPoint, _stop.Token);
        }
    }

    private void Note(string protocol, EndPoint source) =>
        _seen.AddOrUpdate((protocol, ((IPEndPoint)source).Address), 1, (_, before) => before + 1);

    private static byte[] Text(EndPoint source) =>
        System.Text.Encoding.ASCII.GetBytes($"{((IPEndPoint)source).Address}\n");
}
