using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Dynospace.Benchmarks.Routing;

/// <summary>The same certificate for all proxies, as files.</summary>
internal static class ProxyCertificate
{
    public const string Chain = "proxy.crt";
    public const string Key = "proxy.key";

    /// <summary>Certificate and key in one, as HAProxy wants them.</summary>
    public const string Both = "proxy.pem";

    public static void Write(Workplace place)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={RouterProxy.Host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        // wrk names the address in its handshake, which only the certificate makes up for.
        names.AddDnsName(RouterProxy.Host);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(
            DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        var (chain, secret) = (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        place.Write(Chain, chain);
        place.Write(Key, secret);
        place.Write(Both, $"{chain}\n{secret}\n");
    }
}
