using System.Buffers;
using System.Net;
using Dynospace.Router.Metrics;
using Dynospace.Router.ProxyProtocol;
using Dynospace.Router.Routing;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Connections;

/// <summary>
/// Finds out whose a connection is, before anything else reads from it: its own address or, when a listed proxy passes it on, the one that
/// the PROXY header says. From those proxies the header is a must; from everybody else it is no header but rubbish.
/// </summary>
internal sealed class ClientAddressMiddleware(AddressRanges proxies, TimeProvider clock, ILogger<ClientAddressMiddleware> logger)
{
    /// <summary>A proxy sends the header with the first packet.</summary>
    public static readonly TimeSpan HeaderTimeout = TimeSpan.FromSeconds(5);

    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (connection.RemoteEndPoint is not IPEndPoint remote)
        {
            // A socket of another kind has no address to trust.
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
                logger.LogWarning("A connection from proxy {Proxy} ended: it sent no sound PROXY header", remote.Address);
                connection.Abort();
                return;
            }

            connection.RemoteEndPoint = client is null ? connection.RemoteEndPoint : Plain(client);
        }

        await next(connection);
    }

    /// <summary>An IPv4 client of an IPv6 socket is an IPv4 client.</summary>
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
