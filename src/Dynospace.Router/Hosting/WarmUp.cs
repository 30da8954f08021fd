using System.Net;
using System.Net.Sockets;
using System.Runtime;
using Dynospace.Router.Frontend;
using Dynospace.Router.Routing;
using Dynospace.Router.Tls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.Router.Hosting;

/// <summary>
/// Serves requests over loopback before the first client connects, with a second server of the same code and a dyno of
/// its own. The runtime compiles a method when it is first called, and again, with optimisations, after some thirty
/// calls. In the first seconds of a process that costs more than the requests themselves, and a rollout sends it all
/// clients at once.
/// </summary>
internal static class WarmUp
{
    /// <summary>
    /// On a processor that needs longer than this, starting late would be worse than starting slowly.
    /// </summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Time for the runtime's background thread to compile the methods that were called often.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    /// <summary>The warm-up ends after a cycle in which fewer methods than this were compiled.</summary>
    private const int Few = 40;

    /// <summary>
    /// Concurrent clients of each kind. They reconnect in each cycle, so that accepting is compiled too.
    /// </summary>
    private const int Clients = 8;

    private const int RequestsOfAClient = 20;

    /// <summary>Ends when the request path is compiled or the time is up. Fails only when cancelled.</summary>
    public static async Task RunAsync(TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var compiled = 0L;
            await ServeAsync(clock, GoesOn, either.Token);

            bool GoesOn()
            {
                var before = compiled;
                compiled = JitInfo.GetCompiledMethodCount();
                return compiled - before >= Few;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is up.
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            loggers.CreateLogger(typeof(WarmUp)).LogWarning(e, "The first requests will be slow: the warm-up failed");
        }
    }

    /// <summary>
    /// Serves all kinds of requests in cycles; the delegate decides after each whether another follows.
    /// </summary>
    internal static async Task ServeAsync(
        TimeProvider clock, Func<bool> goesOn, CancellationToken cancellationToken)
    {
        await using var dyno = new WarmUpDyno();
        var certificate = SelfSignedCertificate.Create(WarmUpClient.Host, null, clock.GetUtcNow());
        var table = new RoutingTable();
        table.Publish(RoutesTo(dyno.Address));
        using var edge = new RouterEdge(
            table, new CertificateTable(certificate), AddressRanges.Nobody, clock, NullLoggerFactory.Instance);
        await using var server = new RouterServer(
            new RouterServerOptions
            {
                Http = new IPEndPoint(IPAddress.Loopback, 0),
                Https = new IPEndPoint(IPAddress.Loopback, 0),
                ConfigureHttp = edge.ConfigureHttp,
                ConfigureHttps = edge.ConfigureHttps,
                IsMeasured = false,
            },
            table, new TcpDynoConnector(), Stream.Null, clock, NullLoggerFactory.Instance);
        await server.StartAsync(cancellationToken);
        var client = new WarmUpClient(server.Http!, server.Https!, certificate.Leaf, RequestsOfAClient);
        do
        {
            await Task.WhenAll(Enumerable.Range(0, Clients).SelectMany(_ => client.All(cancellationToken)));
            await Task.Delay(Pause, clock, cancellationToken);
        }
        while (goesOn());
    }

    private static RoutingSnapshot RoutesTo(IPEndPoint dyno) => new(
        RoutingSnapshot.HostsOf(
            [
                new(WarmUpClient.Host, new AppRoute(
                    "warm-up", "warm-up", AppWebState.Running, IsInMaintenance: false, RedirectsToHttps: false,
                    [new DynoEndpoint("web.1", "warm-up-web-1", dyno)])),
            ]),
        AddressRanges.Parse([$"{IPAddress.Loopback}/32"]),
        new RouterSettings());
}

/// <summary>A web dyno with just enough HTTP/1.1: it gets one request at a time and knows how each ends.</summary>
internal sealed class WarmUpDyno : IAsyncDisposable
{
    private static readonly string Body = new string('x', 1_000) + Ends.Body;

    private static readonly byte[] WithLength = Ascii.Bytes(
        "HTTP/1.1 200 OK\r\nServer: warm-up\r\nContent-Type: text/plain\r\n"
        + $"Content-Length: {Body.Length}\r\nConnection: keep-alive\r\n\r\n{Body}");

    private static readonly byte[] InChunks = Ascii.Bytes(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
        + $"{Body.Length:x}\r\n{Body}{Ends.Chunks}");

    private static readonly byte[] Switching = Ascii.Bytes(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public WarmUpDyno()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        finally
        {
            await Task.WhenAll(connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var ended = socket;
        socket.NoDelay = true;
        var buffer = new byte[8 * 1_024];
        var length = 0;
        while (await socket.ReceiveAsync(buffer.AsMemory(length), _stop.Token) is > 0 and var count)
        {
            length += count;
            var request = buffer.AsMemory(0, length);
            if (request.Span.IndexOf("Upgrade: websocket"u8) >= 0)
            {
                await socket.SendAsync(Switching, _stop.Token);
                await EchoAsync(socket, buffer);
                return;
            }

            if (IsWhole(request.Span))
            {
                length = 0;
                await socket.SendAsync(request.Span.StartsWith("GET /chunks"u8) ? InChunks : WithLength, _stop.Token);
            }
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> request) => request.EndsWith(
        request.IndexOf("Transfer-Encoding: chunked"u8) >= 0 ? Ends.OfChunks
        : request.StartsWith("POST"u8) ? Ends.OfBody
        : Ends.OfHead);

    private async Task EchoAsync(Socket socket, byte[] buffer)
    {
        while (await socket.ReceiveAsync(buffer, _stop.Token) is > 0 and var count)
        {
            await socket.SendAsync(buffer.AsMemory(0, count), _stop.Token);
        }
    }
}
