using System.Collections.Frozen;

namespace Dynospace.Router.Tls;

/// <summary>The certificates in force, swapped as a whole.</summary>
public sealed class CertificateTable(ServerCertificate fallback)
{
    private volatile CertificateSnapshot _current = new(FrozenDictionary<string, ServerCertificate>.Empty, fallback);

    /// <summary>The certificate for hosts that have no other.</summary>
    public ServerCertificate Default => _current.Default;

    /// <summary>The certificate for the host that a client asked for.</summary>
    public ServerCertificate Select(string? serverName)
    {
        var current = _current;
        return serverName is { Length: > 0 } && current.Hosts.TryGetValue(serverName, out var certificate)
            ? certificate
            : current.Default;
    }

    /// <summary>Swaps the certificates; without a default the self-signed one serves.</summary>
    public void Publish(IEnumerable<KeyValuePair<string, ServerCertificate>> hosts, ServerCertificate? @default) =>
        _current = new CertificateSnapshot(
            hosts.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase), @default ?? fallback);

    private sealed record CertificateSnapshot(
        FrozenDictionary<string, ServerCertificate> Hosts, ServerCertificate Default);
}
