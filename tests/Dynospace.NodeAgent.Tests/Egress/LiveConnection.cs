using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Dynospace.NodeAgent.Tests.Egress;

/// <summary>Who of a live connection speaks.</summary>
internal enum Speaker
{
    /// <summary>The dyno sends, and the outside echoes.</summary>
    Dyno,

    /// <summary>The outside sends, and the dyno only listens.</summary>
    Server,

    /// <summary>The dyno sends datagrams, and the outside echoes.</summary>
    Datagrams,
}

/// <summary>A connection of a dyno to the outside over which something comes all the time.</summary>
internal sealed class LiveConnection : IAsyncDisposable
{
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _sockets = [];
    private readonly List<Task> _running = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private long _count;
    private TimeSpan _last;
    private TimeSpan _longest;

    private readonly TimeSpan _spacing;

    private LiveConnection(Speaker speaker, TimeSpan spacing) => (Speaker, _spacing) = (speaker, spacing);

    public Speaker Speaker { get; }

    /// <summary>How often something came.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>The longest time in which nothing came, since it was last reset.</summary>
    public TimeSpan LongestGap => _longest;

    /// <summary>The source that the outside sees.</summary>
    public IPAddress? Source { get; private set; }

    /// <param name="spacing">The time between what is sent; null for a short one.</param>
    public static async Task<LiveConnection> OpenAsync(
        LabPod pod, LabHost outside, Speaker speaker, IPAddress target, TimeSpan? spacing = null)
    {
        var connection = new LiveConnection(speaker, spacing ?? Spacing);
        await connection.OpenAsync(pod, outside, target);
        return connection;
    }

    public void ResetGap() => (_longest, _last) = (TimeSpan.Zero, _clock.Elapsed);

    /// <summary>Waits until something came after now.</summary>
    public async Task<bool> GoesOnAsync(TimeSpan atMost)
    {
        var (count, until) = (Count, _clock.Elapsed + atMost);
        while (Count < count + 3 && _clock.Elapsed < until)
        {
            await Task.Delay(Spacing);
        }

        return Count >= count + 3;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _sockets.ForEach(socket => socket.Dispose());
        await Task.WhenAll(_running);
        _stop.Dispose();
    }

    private async Task OpenAsync(LabPod pod, LabHost outside, IPAddress target)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var isTcp = Speaker != Speaker.Datagrams;
        var (type, protocol) = isTcp ? (SocketType.Stream, ProtocolType.Tcp) : (SocketType.Dgram, ProtocolType.Udp);
        var listener = outside.Namespace.Run(() => new Socket(target.AddressFamily, type, protocol));
        var client = pod.Namespace.Run(() => new Socket(target.AddressFamily, type, protocol));
        _sockets.AddRange([listener, client]);
        listener.Bind(new IPEndPoint(target, 0));
        client.Bind(new IPEndPoint(pod.AddressFor(target), 0));
        var server = listener;
        if (isTcp)
        {
            listener.Listen(1);
            await client.ConnectAsync(listener.LocalEndPoint!, patience.Token);
            server = await listener.AcceptAsync(patience.Token);
            _sockets.Add(server);
            client.NoDelay = server.NoDelay = true;
        }
        else
        {
            await client.ConnectAsync(listener.LocalEndPoint!, patience.Token);
            await client.SendAsync(new byte[8], patience.Token);
            var first = await listener.ReceiveFromAsync(
                new byte[8], listener.LocalEndPoint!, patience.Token);
            await listener.ConnectAsync(first.RemoteEndPoint, patience.Token);
        }

        Source = ((IPEndPoint)server.RemoteEndPoint!).Address;
        _running.Add(SpeakAsync(Speaker == Speaker.Server ? server : client));
        _running.Add(ReceiveAsync(client));
        if (Speaker != Speaker.Server)
        {
            _running.Add(EchoAsync(server));
        }
    }

    private Task SpeakAsync(Socket socket) => LoopAsync(async () =>
    {
        await socket.SendAsync(new byte[8], _stop.Token);
        await Task.Delay(_spacing, _stop.Token);
    });

    private Task EchoAsync(Socket socket) => LoopAsync(async () =>
    {
        var buffer = new byte[4096];
        var length = await socket.ReceiveAsync(buffer, _stop.Token);
        await socket.SendAsync(buffer.AsMemory(0, length), _stop.Token);
    });

    private Task ReceiveAsync(Socket socket) => LoopAsync(async () =>
    {
        if (await socket.ReceiveAsync(new byte[4096], _stop.Token) > 0)
        {
            var now = _clock.Elapsed;
            _longest = now - _last > _longest ? now - _last : _longest;
            _last = now;
            Interlocked.Increment(ref _count);
        }
    });

    private async Task LoopAsync(Func<Task> action)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await action();
            }
            catch (SocketException) when (Speaker == Speaker.Datagrams)
            {
                // An ICMP error does not end it.
                await Task.Delay(Spacing, CancellationToken.None);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
