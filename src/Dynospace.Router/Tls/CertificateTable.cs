using System.Collections.Frozen;

namespace Dynospace.Router.Tls;

/// <summary>The certificates in force, replaced as a whole.</summary>
public sealed class CertificateTable(ServerCertificate fallback)
{
    private volatile CertificateSnapshot _current = new(FrozenDictionary<string, ServerCertificate>.Empty, fallback);

    /// <summary>The certificate for hosts that have none of their own.</summary>
    public ServerCertificate Default => _current.Default;

    /// <summary>The certificate for the host that a client named in the handshake.</summary>
    public ServerCertificate Select(string? serverName)
    {
        var current = _current;
        return serverName is { Length: > 0 } && current.Hosts.TryGetValue(serverName, out var certificate)
            ? certificate
            : current.Default;
    }

    /// <summary>Replaces the certificates; without a default, the self-signed one is used.</summary>
    public void Publish(IEnumerable<KeyValuePair<string, ServerCertificate>> hosts, ServerCertificate? @default) =>
        _current = new CertificateSnapshot(
            hosts.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase), @default ?? fallback);

    private sealed record CertificateSnapshot(
        FrozenDictionary<string, ServerCertificate> Hosts, ServerCertificate Default);
}
