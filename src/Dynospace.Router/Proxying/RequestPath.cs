// Proxying: passes requests to dynos, and responses back.

using Dynospace.Router.Logging;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Proxying;

/// <summary>
/// The stages of every request, from the server to the log: admitted, forwarded, answered, counted. This folder is the
/// request path; the connections to dynos are in Dynos and Wire, the server in Frontend.
/// </summary>
public sealed class RequestPath(
    Admission admission, DynoForwarder forwarder, IdleWatch watch, RequestLedger ledger, TimeProvider clock,
    ILogger logger)
{
    public async Task ServeAsync(HttpContext context)
    {
        if (!ClientConnection.TryClaim(context.Features, context.Request.Protocol))
        {
            context.Abort();
            return;
        }

        var started = clock.GetTimestamp();
        var inFlight = ledger.Begin();
        // The scheme is at hand. A feature that the connection lacks would be looked for in many places.
        var tls = context.Request.IsHttps ? TlsFacts.FromFeatures(context.Features) : default;
        var requestId = RequestId.FromHeader(context.Request.Headers["X-Request-Id"].ToString());
        var error = admission.Admit(context, inFlight, requestId, tls, out var visit);
        if (visit is null)
        {
            var isRead = !HasBody(context);
            await AnswerAsync(context, error!, isRead);
            Finish(context, visit, requestId, tls, error, started);
            EndConnection(context, isRead);
            return;
        }

        watch.Add(visit.Exchange);
        try
        {
            try
            {
                error = admission.Redirect(context, visit) ? null : await forwarder.ForwardAsync(context, visit);
            }
            catch (OperationCanceledException)
            {
                error = visit.Exchange.Verdict ?? ClientConnection.EndOf(context);
            }
            catch (Exception e)
            {
                logger.LogError(e, "A request failed for a reason of the router's own");
                error = RouterErrors.PlatformError;
            }

            if (error is not null)
            {
                await AnswerAsync(context, error, visit.HasRead);
            }

            Finish(context, visit, requestId, tls, error, started);
            if (visit.Rest is { } rest)
            {
                await rest();
            }

            EndConnection(context, visit.HasRead);
        }
        finally
        {
            watch.Remove(visit.Exchange);
            visit.Exchange.Dispose();
        }
    }

    private static void EndConnection(HttpContext context, bool isRead)
    {
        if (!isRead && !HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            ClientConnection.Spend(context.Features);
        }
    }

    private static bool HasBody(HttpContext context) =>
        context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };

    /// <summary>If the response has begun, the error can only show by cutting it off.</summary>
    private async Task AnswerAsync(HttpContext context, RouterError error, bool isRead)
    {
        if (context.Response.HasStarted || error == RouterErrors.ClientInterrupted)
        {
            context.Abort();
            return;
        }

        try
        {
            await ErrorPage.WriteAsync(context, error, isLast: !isRead);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            logger.LogDebug(e, "The client was gone before its answer");
            context.Abort();
        }
    }

    private void Finish(
        HttpContext context, Visit? visit, string requestId, TlsFacts tls, RouterError? error, long started)
    {
        var status = error is null || context.Response.HasStarted ? context.Response.StatusCode : error.Status;
        if (error == RouterErrors.ClientInterrupted)
        {
            status = error.Status;
        }

        ledger.End(new RequestRecord
        {
            Error = error,
            Route = visit?.Route,
            Method = context.Request.Method,
            Target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            Host = context.Request.Headers.Host.ToString(),
            RequestId = requestId,
            Forwarded = visit?.Facts.ForwardedFor ?? ForwardedFor.FromContext(context),
            Dyno = visit?.Dyno,
            ConnectMilliseconds = (long)(visit?.Exchange.ConnectTime.TotalMilliseconds ?? 0),
            ServiceMilliseconds = (long)clock.GetElapsedTime(started).TotalMilliseconds,
            Status = status,
            Bytes = visit?.Response.Bytes ?? 0,   // Bytes of the dyno: the error page does not count.
            IsTls = tls.IsTls,
            TlsVersion = tls.Protocol,
        });
    }
}
