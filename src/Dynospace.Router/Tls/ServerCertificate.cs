using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Dynospace.Router.Tls;

/// <summary>A certificate to serve, with its chain ready for handshakes.</summary>
internal sealed class ServerCertificate
{
    private ServerCertificate(X509Certificate2 leaf, X509Certificate2Collection chain)
    {
        Leaf = leaf;
        // Offline: a handshake must not wait for what a certificate says about where its issuer is to be found.
        Context = SslStreamCertificateContext.Create(leaf, chain, offline: true);
        Names = NamesOf(leaf);
    }

    public X509Certificate2 Leaf { get; }

    public SslStreamCertificateContext Context { get; }

    /// <summary>The host names, lower-case, wildcards among them.</summary>
    public ImmutableArray<string> Names { get; }

    public DateTimeOffset NotAfter => Leaf.NotAfter;

    public static ServerCertificate Of(X509Certificate2 leaf, X509Certificate2Collection chain) => new(leaf, chain);

    public bool IsValidAt(DateTimeOffset time) => Leaf.NotBefore <= time && time < Leaf.NotAfter;

    public bool Covers(string host) => Names.Any(name => HostPattern.Matches(name, host));

    public bool CoversExactly(string host) => Names.Contains(host);

    /// <summary>Clients look at the alternative names alone; the common name counts for nothing since RFC 9525.</summary>
    private static ImmutableArray<string> NamesOf(X509Certificate2 leaf) =>
    [
        .. leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames())
            .Select(name => name.ToLowerInvariant()),
    ];
}
