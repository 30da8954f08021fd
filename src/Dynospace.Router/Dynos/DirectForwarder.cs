using System.Runtime.CompilerServices;
using Dynospace.Router.Errors;
using Dynospace.Router.Exchanges;
using Dynospace.Router.Requests;
using Dynospace.Router.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Dynospace.Router.Dynos;

/// <summary>
/// Sends requests without a body whose repetition changes nothing, which are most, over connections of the router's own: the general way
/// costs several times as much. They behave alike.
/// </summary>
internal static class DirectForwarder
{
    /// <summary>Whether a request is one of those.</summary>
    public static bool Takes(HttpContext context) =>
        DynoTransformer.IsIdempotent(context.Request.Method)
        && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false }
        && context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true };

    /// <summary>Null when the dyno's response went to the client whole.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<ForwardFailure?> SendAsync(HttpContext context, RequestVisit visit, DynoPool pool)
    {
        var exchange = visit.Exchange;
        var aborted = context.RequestAborted;
        for (var attempt = 1; ; attempt++)
        {
            DynoConnection? connection = null;
            try
            {
                connection = pool.Idle.Take() ?? await OpenAsync(pool, exchange, aborted);
                if (!exchange.TryTake(connection))
                {
                    connection.Dispose();
                    return new(exchange.Verdict!, IsConnect: false);
                }

                using (aborted.UnsafeRegister(static exchange => ((Exchange)exchange!).Disconnect(), exchange))
                {
                    await ExchangeAsync(context, visit, connection);
                }

                Release(pool, exchange, connection);
                return null;
            }
            catch (DynoClosedException e) when (
                (e.WasReused || e.WasReset)
                && attempt <= Exchange.MaxStaleConnections && exchange.Verdict is null && !aborted.IsCancellationRequested)
            {
                pool.Idle.LetGo(connection!);
                connection!.Dispose();
            }
            catch (Exception e)
            {
                connection?.Dispose();
                return FailureOf(e, exchange, aborted.IsCancellationRequested);
            }
        }
    }

    private static async ValueTask<DynoConnection> OpenAsync(DynoPool pool, Exchange exchange, CancellationToken aborted)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, exchange.Cancellation);
        return await pool.OpenAsync(either.Token);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask ExchangeAsync(HttpContext context, RequestVisit visit, DynoConnection connection)
    {
        var exchange = visit.Exchange;
        connection.Request.Write(context.Request, visit.Facts);
        await connection.SendAsync(exchange);
        await connection.ReadHeadAsync(exchange);
        ClientResponse.Begin(context, visit, connection.Response);
        await ResponseBody.CopyAsync(connection, exchange, context);
    }

    private static void Release(DynoPool pool, Exchange exchange, DynoConnection connection)
    {
        if (!exchange.TryGiveBack(connection))
        {
            return;   // Ended a moment too late to matter.
        }

        if (connection.TryRest())
        {
            pool.Idle.Keep(connection);
        }
        else
        {
            connection.Dispose();
        }
    }

    private static ForwardFailure FailureOf(Exception reason, Exchange exchange, bool clientLeft) => reason switch
    {
        _ when exchange.Verdict is { } verdict => new(verdict, IsConnect: false),
        DynoConnectException connect => new(connect.Error, IsConnect: true),
        RefusedResponseException refused => new(refused.Error, IsConnect: false),
        RefusedRequestException => new(RouterErrors.BadRequest, IsConnect: false),
        _ when clientLeft => new(RouterErrors.ClientInterrupted, IsConnect: false),
        DynoClosedException => new(RouterErrors.ClosedWithoutResponse, IsConnect: false),
        CutResponseException => new(RouterErrors.ServerInterrupted, IsConnect: false),

        // What the server above does not write has no place in a response.
        InvalidOperationException => new(RouterErrors.PoorlyFormattedResponse, IsConnect: false),
        IOException or OperationCanceledException => new(RouterErrors.ClientInterrupted, IsConnect: false),
        _ => throw new InvalidOperationException("A request failed in a way that nobody foresaw.", reason),
    };
}
