using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using Dynospace.Router.Metrics;
using Dynospace.Router.Proxying;
using Dynospace.Router.Routing;
using Dynospace.Router.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Frontend;

/// <summary>The stages of a connection before its requests are read: the client's address, trust, and TLS.</summary>
public sealed class RouterEdge : IDisposable
{
    private readonly ClientAddressMiddleware _addresses;
    private readonly OpenConnections _connections;
    private readonly CertificateTable _certificates;

    public RouterEdge(
        IRoutingTable table, CertificateTable certificates, AddressRanges proxies, TimeProvider clock,
        ILoggerFactory loggers)
    {
        _addresses = new ClientAddressMiddleware(proxies, clock, loggers.CreateLogger<ClientAddressMiddleware>());
        _connections = new OpenConnections(table, clock);
        _certificates = certificates;
    }

    public void ConfigureHttp(ListenOptions listen)
    {
        listen.Use(next => connection => _addresses.OnConnectionAsync(connection, next));
        listen.Use(next => connection => _connections.OnConnectionAsync(connection, next));
    }

    public void ConfigureHttps(ListenOptions listen)
    {
        ConfigureHttp(listen);
        listen.UseHttps(TlsHandshake.Options(_certificates));
    }

    public void Dispose() => _connections.Dispose();
}

/// <summary>
/// Ends connections whose client is no longer trusted. Each request is checked when it arrives; this is for those
/// that last longer, such as WebSockets and long responses.
/// </summary>
internal sealed class OpenConnections : IDisposable
{
    /// <summary>
    /// Time for an idle connection to get the error page, and for short responses to end; a change is still in force
    /// within two seconds.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(1500);

    private readonly ConcurrentDictionary<ConnectionContext, IPAddress> _open = new();
    private readonly IRoutingTable _table;
    private readonly ITimer _timer;
    private (AddressRanges Trusted, Callers Callers) _judged;

    public OpenConnections(IRoutingTable table, TimeProvider clock)
    {
        _table = table;
        _judged = Judged(table.Current);
        _timer = clock.CreateTimer(_ => EndUntrusted(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        table.Changed += OnChanged;
    }

    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = ((IPEndPoint)connection.RemoteEndPoint!).Address;
        _open[connection] = address;
        try
        {
            await next(connection);
        }
        finally
        {
            _open.TryRemove(connection, out _);
        }
    }

    public void Dispose()
    {
        _table.Changed -= OnChanged;
        _timer.Dispose();
    }

    private void OnChanged(object? sender, EventArgs e)
    {
        var judged = Judged(_table.Current);
        lock (_timer)
        {
            if (judged != _judged)
            {
                _judged = judged;
                _timer.Change(Grace, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private static (AddressRanges Trusted, Callers Callers) Judged(RoutingSnapshot snapshot) =>
        (snapshot.TrustedRanges, snapshot.Callers);

    private void EndUntrusted()
    {
        var current = _table.Current;
        foreach (var (connection, _) in _open.Where(entry => !current.Admits(entry.Value)))
        {
            if (connection.Features.Get<ClientConnection>() is { } client)
            {
                client.End = RouterErrors.Untrusted;
            }

            connection.Abort(new ConnectionAbortedException("The client's address is not trusted any longer."));
        }
    }
}

/// <summary>
/// Determines the client's address before anything else reads from the connection: the peer's address or, if the peer
/// is a listed proxy, the one in the PROXY header. Listed proxies must send the header; from any other peer it is a
/// malformed request.
/// </summary>
internal sealed class ClientAddressMiddleware(
    AddressRanges proxies, TimeProvider clock, ILogger<ClientAddressMiddleware> logger)
{
    /// <summary>Generous: a proxy sends the header in its first packet.</summary>
    public static readonly TimeSpan HeaderTimeout = TimeSpan.FromSeconds(5);

    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (connection.RemoteEndPoint is not IPEndPoint remote)
        {
            // A socket of another kind has no address that could be trusted.
            connection.Abort();
            return;
        }

        connection.RemoteEndPoint = Plain(remote);
        if (proxies.Contains(remote.Address))
        {
            var (isSound, client) = await ReadHeaderAsync(connection);
            if (!isSound)
            {
                EdgeMetrics.ProxyHeaderRefused();
                logger.LogWarning(
                    "A connection from proxy {Proxy} ended: it sent no valid PROXY header", remote.Address);
                connection.Abort();
                return;
            }

            connection.RemoteEndPoint = client is null ? connection.RemoteEndPoint : Plain(client);
        }

        await next(connection);
    }

    /// <summary>An IPv4 client on an IPv6 socket counts as an IPv4 client.</summary>
    private static IPEndPoint Plain(IPEndPoint endpoint) =>
        endpoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endpoint.Address.MapToIPv4(), endpoint.Port) : endpoint;

    private async Task<(bool IsSound, IPEndPoint? Client)> ReadHeaderAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        using var patience = new CancellationTokenSource(HeaderTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, connection.ConnectionClosed);
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(either.Token);
                var state = Parse(result.Buffer, out var header);
                if (state == ProxyHeaderState.Complete)
                {
                    input.AdvanceTo(result.Buffer.GetPosition(header.Length));
                    return (true, header.Client);
                }

                input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                if (state == ProxyHeaderState.Malformed || result.IsCompleted || result.IsCanceled)
                {
                    return (false, null);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return (false, null);
        }
    }

    private static ProxyHeaderState Parse(in ReadOnlySequence<byte> buffer, out ProxyHeader header) =>
        ProxyHeaderParser.Parse(buffer.IsSingleSegment ? buffer.FirstSpan : buffer.ToArray(), out header);
}
