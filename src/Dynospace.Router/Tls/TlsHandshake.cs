// Tls: certificates from Secrets, and the choice of one for each handshake.

using System.Net.Security;
using System.Security.Authentication;
using Dynospace.Api.Spaces;
using Dynospace.Router.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Dynospace.Router.Tls;

/// <summary>Answers handshakes with the certificate for the host that the client names.</summary>
public static class TlsHandshake
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public static TlsHandshakeCallbackOptions Options(CertificateTable certificates) => new()
    {
        HandshakeTimeout = Timeout,
        OnConnection = context =>
        {
            var name = context.ClientHelloInfo.ServerName is { Length: > 0 } given
                ? given.TrimEnd('.').ToLowerInvariant()
                : null;
            var certificate = certificates.Select(name);
            context.Connection.Features.Set(new ServedCertificate(name, certificate));
            return ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = certificate.Context,
                // Versions that a Shield space forbids are of no use to other spaces either.
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                AllowRenegotiation = false,
            });
        },
    };
}

/// <summary>
/// A feature of an HTTPS connection: the host that the client named in the handshake, and the certificate that it got.
/// </summary>
internal sealed class ServedCertificate(string? serverName, ServerCertificate certificate)
{
    /// <summary>The host in the handshake, lower-case; null if the client named none.</summary>
    public string? ServerName { get; } = serverName;

    public ServerCertificate Certificate { get; } = certificate;

    /// <summary>
    /// Whether a request for this host belongs on the connection: for the host of the handshake, or for another that
    /// the certificate covers, since HTTP/2 clients reuse connections. A client that named no host may request any.
    /// </summary>
    public bool Admits(ReadOnlySpan<char> host) =>
        ServerName is null
        || host.Equals(ServerName, StringComparison.OrdinalIgnoreCase)
        || Certificate.Covers(host.ToString().ToLowerInvariant());
}

/// <summary>The checks and headers of a request that depend on TLS.</summary>
public static class TransportSecurity
{
    /// <summary>A year, as browsers require before they preload a host.</summary>
    private const string StrictTransport = "max-age=31536000; includeSubDomains";

    /// <summary>
    /// The error of a request for a host that does not belong on its connection; null if it does. On HTTP/2 it is H31,
    /// after which clients open another connection. On HTTP/1.1 it is H32: the client has mixed up two hosts.
    /// </summary>
    public static RouterError? Misdirection(HttpContext context, ReadOnlySpan<char> host) =>
        context.Features.Get<ServedCertificate>() is not { } served || served.Admits(host) ? null
            : HttpProtocol.IsHttp2(context.Request.Protocol) ? RouterErrors.Misdirected
            : RouterErrors.CertificateMismatch;

    /// <summary>
    /// In a Shield space every answer over TLS, the router's own pages included, tells browsers to use only HTTPS.
    /// </summary>
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
