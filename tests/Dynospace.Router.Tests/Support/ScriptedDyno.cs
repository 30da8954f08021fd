using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Dynospace.Router.Routing;

namespace Dynospace.Router.Tests.Support;

/// <summary>A dyno's server that does what the test says, connection by connection.</summary>
internal sealed class ScriptedDyno : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Channel<WireMessage> _requests = Channel.CreateUnbounded<WireMessage>();
    private readonly List<DynoConnection> _connections = [];
    private readonly Func<DynoConnection, Task> _script;
    private readonly Task _accepting;
    private int _accepted;

    /// <param name="script">What happens on each connection; the connection stays open when it returns.</param>
    public ScriptedDyno(string dyno, Func<DynoConnection, Task> script)
    {
        _script = script;
        _listener.Start(1_024);
        Endpoint = new(dyno, $"shop-{dyno.Replace('.', '-')}-x", (IPEndPoint)_listener.LocalEndpoint);
        _accepting = AcceptAsync();
    }

    public DynoEndpoint Endpoint { get; }

    public int Accepted => Volatile.Read(ref _accepted);

    public int Requests => _requests.Reader.Count;

    /// <summary>Answers every request alike.</summary>
    public static ScriptedDyno Answering(string dyno, string body = "hello", string headers = "") =>
        new(dyno, async connection => { })
        {
            Answer = request => $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n{headers}\r\n{body}",
        };

    /// <summary>The answer to each request, in place of the script.</summary>
    public Func<WireMessage, string>? Answer { get; init; }

    public Task<WireMessage> NextRequestAsync() => _requests.Reader.ReadAsync().AsTask().Soon();

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        lock (_connections)
        {
            _connections.ForEach(connection => connection.Close());
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = new DynoConnection(await _listener.AcceptSocketAsync());
                Interlocked.Increment(ref _accepted);
                lock (_connections)
                {
                    _connections.Add(connection);
                }

                _ = RunAsync(connection);
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task RunAsync(DynoConnection connection)
    {
        try
        {
            if (Answer is null)
            {
                await _script(connection);
                return;
            }

            while (await connection.RequestAsync() is { } request)
            {
                _requests.Writer.TryWrite(request);
                await connection.SendAsync(Answer(request));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or TimeoutException)
        {
            // The router or the test closed it.
        }
    }
}
