using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Dynospace.Router.Tls;

/// <summary>A certificate to serve, with its chain prepared for handshakes.</summary>
public sealed class ServerCertificate
{
    private ServerCertificate(X509Certificate2 leaf, X509Certificate2Collection chain)
    {
        Leaf = leaf;
        // Offline: a handshake must not wait for the download of an issuer from an address in the certificate.
        Context = SslStreamCertificateContext.Create(leaf, chain, offline: true);
        Names = NamesOf(leaf);
    }

    public X509Certificate2 Leaf { get; }

    public SslStreamCertificateContext Context { get; }

    /// <summary>The host names, lower-case, which may include wildcards.</summary>
    public ImmutableArray<string> Names { get; }

    public DateTimeOffset NotAfter => Leaf.NotAfter;

    public static ServerCertificate FromChain(X509Certificate2 leaf, X509Certificate2Collection chain) =>
        new(leaf, chain);

    public bool IsValidAt(DateTimeOffset time) => Leaf.NotBefore <= time && time < Leaf.NotAfter;

    public bool Covers(string host) => Names.Any(name => HostPattern.Matches(name, host));

    public bool CoversExactly(string host) => Names.Contains(host);

    /// <summary>Clients check only the alternative names: since RFC 9525 the common name does not count.</summary>
    private static ImmutableArray<string> NamesOf(X509Certificate2 leaf) =>
    [
        .. leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames())
            .Select(name => name.ToLowerInvariant()),
    ];
}

/// <summary>A name in a certificate: a host, or a wildcard for exactly one leading label (RFC 6125).</summary>
internal static class HostPattern
{
    private const string Wildcard = "*.";

    public static bool IsWildcard(string pattern) => pattern.StartsWith(Wildcard, StringComparison.Ordinal);

    /// <summary>Whether a certificate with this name covers the host. Both are lower-case.</summary>
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

/// <summary>A self-signed certificate, so that TLS works before another is configured.</summary>
public static class SelfSignedCertificate
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);

    /// <summary>Clocks differ: a certificate that is valid from now on is not valid yet for some clients.</summary>
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
        return ServerCertificate.FromChain(request.CreateSelfSigned(now - Leeway, now + Lifetime), []);
    }
}
