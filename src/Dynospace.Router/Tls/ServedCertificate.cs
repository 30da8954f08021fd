namespace Dynospace.Router.Tls;

/// <summary>On an HTTPS connection: the host that the client asked for in the handshake, and the certificate that it got.</summary>
internal sealed class ServedCertificate(string? serverName, ServerCertificate certificate)
{
    /// <summary>The host of the handshake, lower-case; null when the client named none.</summary>
    public string? ServerName { get; } = serverName;

    public ServerCertificate Certificate { get; } = certificate;

    /// <summary>
    /// Whether a request for this host belongs on the connection: the host of the handshake, or another that the certificate covers, as
    /// HTTP/2 clients reuse connections. Who named no host in the handshake made no promise.
    /// </summary>
    public bool Admits(ReadOnlySpan<char> host) =>
        ServerName is null
        || host.Equals(ServerName, StringComparison.OrdinalIgnoreCase)
        || Certificate.Covers(host.ToString().ToLowerInvariant());
}
