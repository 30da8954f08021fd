// Certificates: the server's certificates, and kubeconfigs that trust them.

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DevCluster.ApiServer.Certificates;

/// <summary>A CA created at this start and the serving certificate that it signed; neither is persisted.</summary>
internal sealed class ServerCertificates : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(365);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);

    /// <summary>The addresses of the server for pods: its Service, and its address on the node network.</summary>
    private static readonly IPAddress[] Inside = [IPAddress.Parse("10.96.0.1"), IPAddress.Parse("192.168.240.2")];

    private ServerCertificates(string authorityPem, X509Certificate2 serving)
    {
        AuthorityPem = authorityPem;
        Serving = serving;
    }

    /// <summary>The CA certificate that clients must trust.</summary>
    public string AuthorityPem { get; }

    public X509Certificate2 Serving { get; }

    public static ServerCertificates Create(TimeProvider clock)
    {
        var from = clock.GetUtcNow() - ClockSkew;
        var until = from + Lifetime;
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=devcluster-ca", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        authorityRequest.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        authorityRequest.CertificateExtensions.Add(
            new X509SubjectKeyIdentifierExtension(authorityRequest.PublicKey, false));
        using var authority = authorityRequest.CreateSelfSigned(from, until);
        return new ServerCertificates(authority.ExportCertificatePem(), Sign(authority, from, until));
    }

    public void Dispose() => Serving.Dispose();

    private static X509Certificate2 Sign(X509Certificate2 authority, DateTimeOffset from, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kube-apiserver", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(Names());
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
                authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var serial = RandomNumberGenerator.GetBytes(16);
        using var signed = request.Create(authority, from, until, serial);
        using var withKey = signed.CopyWithPrivateKey(key);

        // Schannel refuses keys that exist only in memory; a round trip through PKCS#12 works on every platform.
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    private static X509Extension Names()
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in new[]
        {
            "localhost",
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local",
        })
        {
            names.AddDnsName(name);
        }

        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        foreach (var address in Inside)
        {
            names.AddIpAddress(address);
        }

        return names.Build();
    }
}
