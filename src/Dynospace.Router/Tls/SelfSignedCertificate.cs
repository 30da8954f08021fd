using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Dynospace.Router.Tls;

/// <summary>A certificate that nobody vouches for, so that TLS works before anyone has brought a better one.</summary>
internal static class SelfSignedCertificate
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);

    /// <summary>Clocks differ; a certificate of this moment is not valid yet for some.</summary>
    private static readonly TimeSpan Leeway = TimeSpan.FromHours(1);

    public static ServerCertificate Create(string baseDomain, string? space, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName("CN=Dynospace router"), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(baseDomain);
        names.AddDnsName(space is null ? $"*.{baseDomain}" : $"*.{space}.{baseDomain}");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        return ServerCertificate.Of(request.CreateSelfSigned(now - Leeway, now + Lifetime), []);
    }
}
