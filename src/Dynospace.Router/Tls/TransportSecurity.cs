using Dynospace.Api.Spaces;
using Dynospace.Router.Errors;
using Dynospace.Router.Routing;
using Microsoft.AspNetCore.Http;

namespace Dynospace.Router.Tls;

/// <summary>What TLS has to do with a request.</summary>
internal static class TransportSecurity
{
    /// <summary>A year, which is what browsers ask for to remember it.</summary>
    private const string StrictTransport = "max-age=31536000; includeSubDomains";

    /// <summary>
    /// The error of a request for a host that is not the connection's: of HTTP/2, where clients share connections and know what to do with
    /// the answer, H31; of HTTP/1.1 the client has mixed up two hosts, H32.
    /// </summary>
    public static RouterError? Misdirection(HttpContext context, ReadOnlySpan<char> host) =>
        context.Features.Get<ServedCertificate>() is not { } served || served.Admits(host) ? null
            : HttpProtocol.IsHttp2(context.Request.Protocol) ? RouterErrors.Misdirected
            : RouterErrors.CertificateMismatch;

    /// <summary>In a Shield space every answer over TLS tells the browser to never come without it, the router's own pages too.</summary>
    public static void Announce(HttpContext context, RouterSettings settings)
    {
        if (settings.Runtime == SpaceRuntime.Shield && context.Features.Get<ServedCertificate>() is not null)
        {
            context.Response.OnStarting(static state =>
            {
                var headers = ((HttpContext)state).Response.Headers;
                if (headers.StrictTransportSecurity.Count == 0)
                {
                    headers.StrictTransportSecurity = StrictTransport;
                }

                return Task.CompletedTask;
            }, context);
        }
    }
}
