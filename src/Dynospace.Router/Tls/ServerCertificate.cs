using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography;
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

    /// <summary>
    /// Clients look at the alternative names alone; the common name counts for nothing since RFC 9525.
    /// </summary>
    private static ImmutableArray<string> NamesOf(X509Certificate2 leaf) =>
    [
        .. leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames())
            .Select(name => name.ToLowerInvariant()),
    ];
}

/// <summary>A name of a certificate: a host, or a wildcard for exactly one label in front (RFC 6125).</summary>
internal static class HostPattern
{
    private const string Wildcard = "*.";

    public static bool IsWildcard(string pattern) => pattern.StartsWith(Wildcard, StringComparison.Ordinal);

    /// <summary>Whether a certificate of this name may speak for the host. Both are lower-case.</summary>
    public static bool Matches(string pattern, ReadOnlySpan<char> host)
    {
        if (!IsWildcard(pattern))
        {
            return host.SequenceEqual(pattern);
        }

        var dot = host.IndexOf('.');
        return dot > 0 && host[dot..].SequenceEqual(pattern.AsSpan(1));
    }
}

/// <summary>A certificate that nobody vouches for, so that TLS works before anyone has brought a better one.</summary>
internal static class SelfSignedCertificate
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);

    /// <summary>Clocks differ; a certificate of this moment is not valid yet for some.</summary>
    private static readonly TimeSpan Leeway = TimeSpan.FromHours(1);

    public static ServerCertificate Create(string baseDomain, string? space, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(
            new X500DistinguishedName("CN=Dynospace router"), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(baseDomain);
        names.AddDnsName(space is null ? $"*.{baseDomain}" : $"*.{space}.{baseDomain}");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        return ServerCertificate.Of(request.CreateSelfSigned(now - Leeway, now + Lifetime), []);
    }
}
