using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Dynospace.Router.Tls;

/// <summary>Answers handshakes with the certificate of the host that the client names.</summary>
internal static class TlsHandshake
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public static TlsHandshakeCallbackOptions Options(CertificateTable certificates) => new()
    {
        HandshakeTimeout = Timeout,
        OnConnection = context =>
        {
            var name = context.ClientHelloInfo.ServerName is { Length: > 0 } given ? given.TrimEnd('.').ToLowerInvariant() : null;
            var certificate = certificates.Select(name);
            context.Connection.Features.Set(new ServedCertificate(name, certificate));
            return ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = certificate.Context,
                // What a Shield space must not speak, nobody needs.
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                AllowRenegotiation = false,
            });
        },
    };
}
