using System.Runtime.CompilerServices;
using Dynospace.Router.Dynos;
using Dynospace.Router.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Dynospace.Router.Proxying;

/// <summary>
/// A request at one dyno: sent over an idle connection or a new one, with body and response passed on as they arrive.
/// </summary>
public sealed class DynoExchange(RouterDrain drain, TimeProvider clock)
{
    /// <summary>
    /// Each attempt uses connections that were opened after the last one failed; more than a few failures are no
    /// coincidence.
    /// </summary>
    private const int MaxStaleConnections = 3;

    /// <summary>Null if the dyno's complete response was sent to the client.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<RequestFailedException?> SendAsync(HttpContext context, Visit visit, DynoPool pool)
    {
        var exchange = visit.Exchange;
        var clientLeft = context.RequestAborted;
        for (var attempt = 1; ; attempt++)
        {
            DynoConnection? connection = null;
            Upload? upload = null;
            try
            {
                connection = pool.Idle.Take() ?? await OpenAsync(pool, exchange, clientLeft);
                if (!exchange.TryTake(connection))
                {
                    connection.Dispose();
                    return new(exchange.Verdict!);
                }

                upload = visit.Facts.Kind == RequestKind.Body ? new(context, visit, connection, clock) : null;
                using (clientLeft.UnsafeRegister(static exchange => ((Exchange)exchange!).Disconnect(), exchange))
                {
                    await BeginAsync(context, visit, connection, upload);
                    await connection.ReadHeadAsync(exchange.Progress);
                    while (connection.Response.IsInterim)
                    {
                        upload?.Informed(connection.Response.Status);
                        await connection.ReadHeadAsync(exchange.Progress);
                    }

                    if (connection.Response.Status == StatusCodes.Status101SwitchingProtocols)
                    {
                        await UpgradeAsync(context, visit, connection);
                    }
                    else
                    {
                        var isLast = drain.IsDraining || upload is { IsWanted: false };
                        ClientResponse.Begin(context, visit, connection.Response, isLast);
                        await ClientResponse.CopyBodyAsync(context, visit, connection.Body);
                    }
                }

                await EndAsync(context, visit, pool, connection, upload);
                return null;
            }
            catch (Exception e)
            {
                connection?.Dispose();
                await (upload?.StopAsync() ?? Task.CompletedTask);
                var failure = FailureOf(e, context, exchange);
                if (failure.Retry == Retry.NewConnection)
                {
                    pool.Idle.LetGo(connection!);
                    if (visit.Facts.IsRepeatable && attempt <= MaxStaleConnections)
                    {
                        continue;
                    }
                }

                return failure;
            }
        }
    }

    private static async ValueTask<DynoConnection> OpenAsync(
        DynoPool pool, Exchange exchange, CancellationToken clientLeft)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(clientLeft, exchange.Cancellation);
        return await pool.OpenAsync(either.Token);
    }

    /// <summary>Sends the request with as much of its body as has arrived.</summary>
    private static ValueTask BeginAsync(HttpContext context, Visit visit, DynoConnection connection, Upload? upload)
    {
        DynoRequest.Write(connection.Request, context.Request, visit.Facts);
        return upload is null ? connection.SendRequestAsync(visit.Exchange.Progress) : upload.BeginAsync();
    }

    private async Task UpgradeAsync(HttpContext context, Visit visit, DynoConnection connection)
    {
        if (visit.Facts.Kind is not (RequestKind.Upgrade or RequestKind.ExtendedConnect))
        {
            // The client did not ask for an upgrade.
            throw new RequestFailedException(RouterErrors.PoorlyFormattedResponse);
        }

        ClientResponse.Begin(context, visit, connection.Response, drain.IsDraining);
        var headers = context.Response.Headers;
        headers.ContentLength = null;
        Stream client;
        if (visit.Facts.Kind == RequestKind.ExtendedConnect)
        {
            headers.Remove("Sec-WebSocket-Accept");   // It answers the key that the router generated.
            context.Response.StatusCode = StatusCodes.Status200OK;
            client = await context.Features.GetRequiredFeature<IHttpExtendedConnectFeature>().AcceptAsync();
        }
        else
        {
            headers.Upgrade = connection.Response.Find("Upgrade") ?? context.Request.Headers.Upgrade;
            client = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        }

        await Tunnel.RunAsync(client, visit, connection, context.RequestAborted);
        if (ClientConnection.EndOf(context) is var end && end != RouterErrors.ClientInterrupted)
        {
            throw new RequestFailedException(end);
        }
    }

    /// <summary>
    /// After the response: the rest of an upload is still passed on while the dyno keeps reading, and stops when the
    /// dyno closes its connection.
    /// </summary>
    private static ValueTask EndAsync(
        HttpContext context, Visit visit, DynoPool pool, DynoConnection connection, Upload? upload)
    {
        if (upload is { IsGoingOn: true })
        {
            return EndUploadAsync(context, visit, pool, connection, upload);
        }

        Release(pool, visit.Exchange, connection, isWhole: upload is null or { IsComplete: true });
        return ValueTask.CompletedTask;
    }

    private static async ValueTask EndUploadAsync(
        HttpContext context, Visit visit, DynoPool pool, DynoConnection connection, Upload upload)
    {
        if (connection.Response.IsLast || !upload.IsWanted)
        {
            visit.Exchange.Disconnect();
            await upload.StopAsync();
            return;
        }

        await context.Response.CompleteAsync();
        visit.Rest = async () =>
        {
            await upload.RestAsync();
            Release(pool, visit.Exchange, connection, upload.IsComplete);
        };
    }

    private static void Release(DynoPool pool, Exchange exchange, DynoConnection connection, bool isWhole)
    {
        if (!exchange.TryGiveBack(connection))
        {
            return;   // The exchange was ended after its response was complete.
        }

        if (isWhole && connection.TryRest())
        {
            pool.Idle.Keep(connection);
        }
        else
        {
            connection.Dispose();
        }
    }

    /// <summary>
    /// The failure that an exception stands for. Anything thrown after a verdict, or after the client left, is a
    /// consequence of that.
    /// </summary>
    private static RequestFailedException FailureOf(Exception reason, HttpContext context, Exchange exchange)
    {
        if (exchange.Verdict is { } verdict)
        {
            return new(verdict);
        }

        var clientLeft = context.RequestAborted.IsCancellationRequested;
        return reason switch
        {
            RequestFailedException { Retry: Retry.AnotherDyno } connect => connect,
            _ when clientLeft => new(ClientConnection.EndOf(context)),
            RequestFailedException failed => failed,

            // The server refuses to write the dyno's status or headers.
            InvalidOperationException => new(RouterErrors.PoorlyFormattedResponse),
            IOException or OperationCanceledException => new(RouterErrors.ClientInterrupted),
            _ => throw new InvalidOperationException("A request failed in an unexpected way.", reason),
        };
    }
}
