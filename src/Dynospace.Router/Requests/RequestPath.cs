using System.Globalization;
using Dynospace.Router.Dynos;
using Dynospace.Router.Errors;
using Dynospace.Router.Exchanges;
using Dynospace.Router.Logging;
using Dynospace.Router.Routing;
using Dynospace.Router.Serving;
using Dynospace.Router.Tls;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Requests;

/// <summary>What happens to every request: checked, routed, forwarded, logged.</summary>
internal sealed class RequestPath(
    IRoutingTable table, DynoPools pools, DynoForwarder forwarder, RouteChanges changes, IdleWatch watch, RouterDrain drain,
    RequestLog log, RouterMetrics metrics, RouterServerOptions options, TimeProvider clock, ILogger logger)
{
    private readonly string _httpPort = options.PublicHttpPort.ToString(CultureInfo.InvariantCulture);
    private readonly string _httpsPort = options.PublicHttpsPort.ToString(CultureInfo.InvariantCulture);

    public async Task ServeAsync(HttpContext context)
    {
        var started = clock.GetTimestamp();
        var inFlight = metrics.Begin();
        var visit = default(RequestVisit);
        var requestId = RequestId.Of(context.Request.Headers["X-Request-Id"].ToString());
        RouterError? error;
        try
        {
            error = Admit(context, inFlight, requestId, out visit) ?? await VisitAsync(context, visit!);
        }
        catch (OperationCanceledException)
        {
            error = visit?.Exchange.Verdict ?? RouterErrors.ClientInterrupted;
        }
        catch (Exception e)
        {
            logger.LogError(e, "A request failed for a reason of the router's own");
            error = RouterErrors.PlatformError;
        }

        var bytes = visit?.Exchange.Response?.Bytes ?? 0;   // Of the dyno: the error page does not count.
        if (error is not null)
        {
            await AnswerAsync(context, error);
        }

        Finish(context, visit, requestId, error, started, bytes);
    }

    /// <summary>Everything that can be said without a dyno; a visit when there is nothing to say.</summary>
    private RouterError? Admit(HttpContext context, int inFlight, string requestId, out RequestVisit? visit)
    {
        visit = null;
        var snapshot = table.Current;
        TransportSecurity.Announce(context, snapshot.Settings);
        if (inFlight > options.MaxRequestsInFlight)
        {
            return RouterErrors.ConnectionLimit;
        }

        if (context.Connection.RemoteIpAddress is not { } address || !snapshot.TrustedRanges.Contains(address))
        {
            return RouterErrors.Untrusted;
        }

        if (RequestCheck.Find(context) is { } wrong)
        {
            return wrong;
        }

        if (RequestTarget.PathOf(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget) is not { } path)
        {
            return RouterErrors.BadRequest;
        }

        var host = context.Request.Headers.Host.ToString();
        if (TransportSecurity.Misdirection(context, HostName.Of(host)) is { } misdirected)
        {
            return misdirected;
        }

        if (snapshot.Find(HostName.Of(host)) is not { } route)
        {
            return NoSuchHost(context, host);
        }

        if (route.IsInMaintenance)
        {
            return RouterErrors.Maintenance;
        }

        visit = new()
        {
            Facts = Facts(context, host, path, requestId),
            Route = route,
            Settings = snapshot.Settings,
            Exchange = new(clock, snapshot.Settings),
        };
        return null;
    }

    /// <summary>A client that reuses a TLS connection for a host that is not here is told to make another (H31).</summary>
    private static RouterError NoSuchHost(HttpContext context, string host) =>
        context.Features.Get<ITlsHandshakeFeature>() is { HostName: { Length: > 0 } name } && !HostName.Of(host).Equals(name, StringComparison.OrdinalIgnoreCase)
            ? RouterErrors.Misdirected
            : RouterErrors.NoSuchHost;

    private RequestFacts Facts(HttpContext context, string host, string path, string requestId)
    {
        var isTls = context.Features.Get<ITlsConnectionFeature>() is not null;
        return new()
        {
            Host = host,
            Path = path,
            RequestId = requestId,
            ForwardedFor = ForwardedFor.Of(context),
            IsTls = isTls,
            Port = isTls ? _httpsPort : _httpPort,
            StartedUnixMilliseconds = clock.GetUtcNow().ToUnixTimeMilliseconds(),
            IsDraining = drain.IsDraining,
        };
    }

    private async Task<RouterError?> VisitAsync(HttpContext context, RequestVisit visit)
    {
        if (visit.Route.RedirectsToHttps && !visit.Facts.IsTls)
        {
            HttpsRedirect.Write(context, visit.Facts, options.PublicHttpsPort);
            return null;
        }

        watch.Add(visit.Exchange);
        try
        {
            return await StateErrorAsync(context, visit) ?? await LimitedAsync(context, visit);
        }
        finally
        {
            watch.Remove(visit.Exchange);
            visit.Exchange.Detach();
        }
    }

    /// <summary>While an app boots its requests wait, for as long as the platform lets them.</summary>
    private async Task<RouterError?> StateErrorAsync(HttpContext context, RequestVisit visit)
    {
        var started = clock.GetTimestamp();
        while (visit.Route.State == AppWebState.Booting)
        {
            var change = changes.Next;
            if (table.Current.Find(HostName.Of(visit.Facts.Host)) is not { } route)
            {
                return RouterErrors.NoSuchHost;
            }

            visit.Route = route;
            var left = visit.Settings.QuarantineWait - clock.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                return RouterErrors.BootTimeout;
            }

            if (route.State == AppWebState.Booting)
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, visit.Exchange.Cancellation);
                await changes.WaitAsync(change, left, either.Token);
            }
        }

        return RouterErrors.Of(visit.Route.State) ?? (visit.Route.Dynos.IsDefaultOrEmpty ? RouterErrors.NoWebDynos : null);
    }

    private async Task<RouterError?> LimitedAsync(HttpContext context, RequestVisit visit)
    {
        if (!visit.Settings.IsCommon)
        {
            return await ForwardAsync(context, visit);
        }

        var gate = pools.Of(visit.Route).Gate;
        if (!gate.TryEnter(visit.Settings.ConcurrencyPerDyno * visit.Route.Dynos.Length))
        {
            return RouterErrors.BacklogTooDeep;
        }

        try
        {
            return await ForwardAsync(context, visit);
        }
        finally
        {
            gate.Leave();
        }
    }

    private Task<RouterError?> ForwardAsync(HttpContext context, RequestVisit visit)
    {
        var exchange = visit.Exchange;
        exchange.Response = new(context.Features.GetRequiredFeature<IHttpResponseBodyFeature>(), exchange);
        if (DirectForwarder.Takes(context))
        {
            return forwarder.ForwardAsync(context, visit);
        }

        context.Features.Set<IHttpResponseBodyFeature>(exchange.Response);
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            exchange.RequestBody = new(context.Request.Body);
            context.Request.Body = exchange.RequestBody;
        }

        visit.Transformer = new DynoTransformer(visit);
        return forwarder.ForwardAsync(context, visit);
    }

    /// <summary>Where the response has begun, only its cut end can tell of the error; the forwarder has seen to that.</summary>
    private async Task AnswerAsync(HttpContext context, RouterError error)
    {
        if (context.Response.HasStarted || error == RouterErrors.ClientInterrupted)
        {
            context.Abort();
            return;
        }

        try
        {
            await ErrorPage.WriteAsync(context, error);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            logger.LogDebug(e, "The client was gone before its answer");
            context.Abort();
        }
    }

    private void Finish(HttpContext context, RequestVisit? visit, string requestId, RouterError? error, long started, long bytes)
    {
        var status = error is null || context.Response.HasStarted ? context.Response.StatusCode : error.Status;
        if (error == RouterErrors.ClientInterrupted)
        {
            status = error.Status;
        }

        metrics.End(error, status);
        var tls = context.Features.Get<ITlsHandshakeFeature>();
        log.Append(new RequestRecord
        {
            Error = error,
            Method = context.Request.Method,
            Target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            Host = context.Request.Headers.Host.ToString(),
            RequestId = requestId,
            Forwarded = visit?.Facts.ForwardedFor ?? ForwardedFor.Of(context),
            Dyno = visit?.Dyno,
            ConnectMilliseconds = (long)(visit?.Exchange.ConnectTime.TotalMilliseconds ?? 0),
            ServiceMilliseconds = (long)clock.GetElapsedTime(started).TotalMilliseconds,
            Status = status,
            Bytes = bytes,
            IsTls = tls is not null,
            TlsVersion = tls?.Protocol ?? default,
        });
    }
}
