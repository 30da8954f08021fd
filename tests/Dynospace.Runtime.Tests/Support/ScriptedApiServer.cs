using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using k8s;

namespace Dynospace.Runtime.Tests.Support;

/// <summary>
/// A loopback HTTP server that does only what a test says, down to the bytes on the wire. A test takes requests one by
/// one and answers them.
/// </summary>
internal sealed class ScriptedApiServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<ScriptedRequest> _requests = Channel.CreateUnbounded<ScriptedRequest>();
    private readonly List<TcpClient> _connections = [];
    private readonly TcpListener _listener;
    private readonly Task _accepting;

    private ScriptedApiServer(TcpListener listener)
    {
        _listener = listener;
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Starts on a free port, or on one that the test keeps for it.</summary>
    public static ScriptedApiServer Start(ReservedPort? port = null)
    {
        var listener = port?.Listen() ?? new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new ScriptedApiServer(listener);
    }

    public static Kubernetes ClientOf(int port, string? token = null) =>
        new(new KubernetesClientConfiguration { Host = $"http://127.0.0.1:{port}", AccessToken = token });

    public Kubernetes Client(string? token = null) => ClientOf(Port, token);

    /// <summary>The next request that arrives. One that never does fails the test, rather than hang the run.</summary>
    public Task<ScriptedRequest> NextAsync() => _requests.Reader.ReadAsync(TestContext.Current.CancellationToken)
        .AsTask()
        .WaitAsync(Patience, TestContext.Current.CancellationToken);

    /// <summary>The next request, which must be a list.</summary>
    public async Task<ScriptedRequest> NextListAsync()
    {
        var request = await NextAsync();
        Assert.False(request.Query.ContainsKey("watch"), $"expected a list but got {request.Target}");
        return request;
    }

    /// <summary>The next request, which must be a watch from this version.</summary>
    public async Task<ScriptedRequest> NextWatchAsync(string resourceVersion)
    {
        var request = await NextAsync();
        Assert.True(request.Query.ContainsKey("watch"), $"expected a watch but got {request.Target}");
        Assert.Equal(resourceVersion, request.Query["resourceVersion"]);
        return request;
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync();
        _listener.Stop();
        _requests.Writer.TryComplete();
        lock (_connections)
        {
            _connections.ForEach(c => c.Dispose());
        }

        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var connection = await _listener.AcceptTcpClientAsync(_stop.Token);
            connection.NoDelay = true;
            lock (_connections)
            {
                _connections.Add(connection);
            }

            _ = ServeAsync(connection);
        }
    }

    private async Task ServeAsync(TcpClient connection)
    {
        try
        {
            var stream = connection.GetStream();
            while (await ScriptedRequest.ReadAsync(connection, stream, _stop.Token) is { } request)
            {
                await _requests.Writer.WriteAsync(request, _stop.Token);
                await request.Answered;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException
            or ChannelClosedException)
        {
            // The client went away or the test ended.
        }
    }
}
