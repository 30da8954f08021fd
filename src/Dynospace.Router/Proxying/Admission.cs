using System.Globalization;
using Dynospace.Router.Routing;
using Dynospace.Router.Tls;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Dynospace.Router.Proxying;

/// <summary>How many requests are admitted, and the ports that clients use.</summary>
/// <param name="MaxRequestsInFlight">Requests that the router serves at once (H22).</param>
/// <param name="HttpPort">The port of plain HTTP, for X-Forwarded-Port.</param>
/// <param name="HttpsPort">The port of HTTPS, for X-Forwarded-Port and redirects.</param>
public sealed record AdmissionOptions(int MaxRequestsInFlight, int HttpPort, int HttpsPort);

/// <summary>
/// Everything that can be decided about a request without a dyno: whether it is admitted, whether it is valid, and
/// which app it is for.
/// </summary>
public sealed class Admission(IRoutingTable table, AdmissionOptions options, TimeProvider clock)
{
    private readonly string _httpPort = options.HttpPort.ToString(CultureInfo.InvariantCulture);
    private readonly string _httpsPort = options.HttpsPort.ToString(CultureInfo.InvariantCulture);

    /// <summary>Gives a visit to an app, or the error if there is none.</summary>
    internal RouterError? Admit(HttpContext context, int inFlight, string requestId, TlsFacts tls, out Visit? visit)
    {
        visit = null;
        var snapshot = table.Current;
        TransportSecurity.Announce(context, snapshot.Settings);
        if (inFlight > options.MaxRequestsInFlight)
        {
            return RouterErrors.ConnectionLimit;
        }

        if (context.Connection.RemoteIpAddress is not { } address || !snapshot.Admits(address))
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
        if (tls.IsTls
            && TransportSecurity.Misdirection(context, RequestHost.WithoutPort(host)) is { } misdirected)
        {
            return misdirected;
        }

        if (snapshot.Find(host) is not { } route)
        {
            return NoSuchHost(context, host);
        }

        if (route.IsInMaintenance)
        {
            return RouterErrors.Maintenance;
        }

        var exchange = new Exchange(context, snapshot.Settings, clock);
        var facts = Facts(context, host, path, requestId, tls.IsTls);
        visit = new()
        {
            Facts = facts,
            HasRead = facts.Kind != RequestKind.Body,
            Route = route,
            Admitted = snapshot,
            Exchange = exchange,
            Response = new(context.Response.Body, exchange),
        };
        return null;
    }

    /// <summary>Redirects a plain request to HTTPS if the app wants that.</summary>
    internal bool Redirect(HttpContext context, Visit visit)
    {
        if (!visit.Route.RedirectsToHttps || visit.Facts.IsTls)
        {
            return false;
        }

        HttpsRedirect.Write(context, visit.Facts, options.HttpsPort);
        return true;
    }

    /// <summary>
    /// A client that reuses a TLS connection for a host that is not served here is asked to open another (H31).
    /// </summary>
    private static RouterError NoSuchHost(HttpContext context, string host) =>
        context.Features.Get<ITlsHandshakeFeature>() is { HostName: { Length: > 0 } name }
        && !RequestHost.WithoutPort(host).Equals(name, StringComparison.OrdinalIgnoreCase)
            ? RouterErrors.Misdirected
            : RouterErrors.NoSuchHost;

    private static RequestKind KindOf(HttpContext context) =>
        HttpMethods.IsConnect(context.Request.Method) ? RequestKind.ExtendedConnect
        : context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
            ? UpgradeRequest.IsHttp2(context.Request.Headers) ? RequestKind.Plain : RequestKind.Upgrade
        : context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true } ? RequestKind.Body
        : RequestKind.Plain;

    private RequestFacts Facts(HttpContext context, string host, string path, string requestId, bool isTls)
    {
        var kind = KindOf(context);
        return new()
        {
            Host = host,
            Path = path,
            Kind = kind,
            RequestId = requestId,
            ForwardedFor = ForwardedFor.FromContext(context),
            IsTls = isTls,
            Port = isTls ? _httpsPort : _httpPort,
            StartedUnixMilliseconds = clock.GetUtcNow().ToUnixTimeMilliseconds(),
            IsRepeatable = kind == RequestKind.Plain && DynoRequest.IsIdempotent(context.Request.Method),
        };
    }
}
