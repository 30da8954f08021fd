using System.Runtime.CompilerServices;
using Dynospace.Router.Dynos;
using Dynospace.Router.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Dynospace.Router.Proxying;

/// <summary>
/// A request at one dyno: sent over a kept connection or a new one, its body and the response passed on as they come.
/// </summary>
public sealed class DynoExchange(RouterDrain drain, TimeProvider clock)
{
    /// <summary>
    /// Each try is on connections that were made after the last one failed; more than a few failures are not by
    /// chance.
    /// </summary>
    private const int MaxStaleConnections = 3;

    /// <summary>Null when the dyno's response went to the client whole.</summary>
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

    /// <summary>Sends the request, or as much of it as is there.</summary>
    private static ValueTask BeginAsync(HttpContext context, Visit visit, DynoConnection connection, Upload? upload)
    {
        DynoRequest.Write(connection.Request, context.Request, visit.Facts);
        return upload is null ? connection.SendRequestAsync(visit.Exchange.Progress) : upload.BeginAsync();
    }

    private async Task UpgradeAsync(HttpContext context, Visit visit, DynoConnection connection)
    {
        if (visit.Facts.Kind is not (RequestKind.Upgrade or RequestKind.ExtendedConnect))
        {
            // The client asked for no upgrade.
            throw new RequestFailedException(RouterErrors.PoorlyFormattedResponse);
        }

        ClientResponse.Begin(context, visit, connection.Response, drain.IsDraining);
        var headers = context.Response.Headers;
        headers.ContentLength = null;
        Stream client;
        if (visit.Facts.Kind == RequestKind.ExtendedConnect)
        {
            headers.Remove("Sec-WebSocket-Accept");   // It answers the key that the router made up.
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
    /// After the response: what is left of an upload still passes when the dyno goes on reading, and ends when the
    /// dyno is done with it.
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
            return;   // Ended a moment too late to matter.
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
    /// What an exception stands for. Whatever is thrown after a verdict, or after the client left, is the consequence
    /// of that.
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

            // What the server above does not write has no place in a response.
            InvalidOperationException => new(RouterErrors.PoorlyFormattedResponse),
            IOException or OperationCanceledException => new(RouterErrors.ClientInterrupted),
            _ => throw new InvalidOperationException("A request failed in an unexpected way.", reason),
        };
    }
}
