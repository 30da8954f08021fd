using Dynospace.Router.Errors;
using Dynospace.Router.Exchanges;
using Dynospace.Router.Requests;
using Dynospace.Router.Routing;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Dynospace.Router.Dynos;

/// <summary>
/// Brings a request to a dyno of its app. It goes to another dyno only while none has got a byte of it, and only in the Common Runtime.
/// </summary>
internal sealed class DynoForwarder(IHttpForwarder forwarder, IRoutingTable table, DynoPools pools, RouteChanges changes, TimeProvider clock)
{
    private const string AnyDyno = "http://dyno/";

    /// <summary>The idle watch times requests; the forwarder's own clock stands still.</summary>
    private static readonly ForwarderRequestConfig Config = new()
    {
        ActivityTimeout = Timeout.InfiniteTimeSpan,
        Version = System.Net.HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <summary>Null when the dyno's response went to the client whole.</summary>
    public async Task<RouterError?> ForwardAsync(HttpContext context, RequestVisit visit)
    {
        var settings = visit.Settings;
        var started = clock.GetTimestamp();
        var choice = default(DynoChoice);
        while (true)
        {
            var change = changes.Next;
            if (Refresh(visit) is not { } route)
            {
                // The host is another app's by now, or nobody's: no dyno of this one will ever come.
                return visit.LastConnectError ?? RouterErrors.NoWebDynos;
            }

            if (RouterErrors.Of(route.State) is { } state)
            {
                return visit.LastConnectError ?? state;   // Scaled to none, say, while the request looked for a dyno.
            }

            var pool = choice.Next(pools.Of(route).Pools, clock.GetTimestamp(), out var freeAt);
            if (pool is null)
            {
                if (choice.Attempts > 0 && freeAt == long.MaxValue)
                {
                    return visit.LastConnectError;
                }

                var left = settings.QuarantineWait - clock.GetElapsedTime(started);
                if (left <= TimeSpan.Zero)
                {
                    return RouterErrors.PlatformError;
                }

                await WaitAsync(change, freeAt, left, visit.Exchange, context.RequestAborted);
                continue;
            }

            if (!pool.TryEnter())
            {
                continue;   // It left rotation a moment ago; the next snapshot is there already.
            }

            try
            {
                if (await SendAsync(context, visit, pool) is not { } failed)
                {
                    return null;
                }

                if (!failed.IsConnect || !settings.IsCommon)
                {
                    return failed.Error;
                }

                visit.LastConnectError = failed.Error;
            }
            finally
            {
                pool.Leave();
            }

            choice.Failed(pool);
            if (choice.Attempts >= settings.ConnectAttempts)
            {
                return visit.LastConnectError;
            }
        }
    }

    private ValueTask<ForwardFailure?> SendAsync(HttpContext context, RequestVisit visit, DynoPool pool)
    {
        visit.Dyno = pool.Dyno.Dyno;
        return visit.Transformer is { } transformer
            ? new(ForwardAsync(context, visit.Exchange, pool, transformer))
            : DirectForwarder.SendAsync(context, visit, pool);
    }

    private async Task<ForwardFailure?> ForwardAsync(HttpContext context, Exchange exchange, DynoPool pool, HttpTransformer transformer)
    {
        exchange.To(pool);
        if (await forwarder.SendAsync(context, AnyDyno, exchange, Config, transformer, exchange.Cancellation) == ForwarderError.None)
        {
            return null;
        }

        var feature = context.Features.Get<IForwarderErrorFeature>()!;
        var failure = FailureOf(context, exchange, feature);
        if (failure.IsConnect)
        {
            // The forwarder takes a second try for a mistake unless the first left no trace.
            context.Response.Clear();
            context.Features.Set<IForwarderErrorFeature>(null);
        }

        return failure;
    }

    private static ForwardFailure FailureOf(HttpContext context, Exchange exchange, IForwarderErrorFeature feature)
    {
        if (exchange.Verdict is { } verdict)
        {
            return new(verdict, IsConnect: false);
        }

        return !exchange.HasSent && FailureCause.Find<DynoConnectException>(feature.Exception) is { } connect
            ? new(connect.Error, IsConnect: true)
            : new(FailureCause.ErrorOf(feature.Error, feature.Exception, exchange, context.RequestAborted.IsCancellationRequested), IsConnect: false);
    }

    /// <summary>The app as it is now: dynos may have come while the request waited.</summary>
    private AppRoute? Refresh(RequestVisit visit) => table.Current.Find(HostName.Of(visit.Facts.Host)) is { } route && route.App == visit.Route.App
        && route.Space == visit.Route.Space ? route : null;

    private async Task WaitAsync(Task change, long freeAt, TimeSpan longest, Exchange exchange, CancellationToken aborted)
    {
        var untilFree = freeAt == long.MaxValue ? longest : clock.GetElapsedTime(clock.GetTimestamp(), freeAt) + TimeSpan.FromMilliseconds(1);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, exchange.Cancellation);
        await changes.WaitAsync(change, untilFree < longest ? untilFree : longest, either.Token);
    }
}
