using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Dynospace.Router.Tls;

namespace Dynospace.Router.Tests.Tls;

/// <summary>Certificates made in memory, as PEM and as Secrets.</summary>
internal sealed record TestCertificate(string Certificate, string Key)
{
    public static readonly DateTimeOffset Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    public ServerCertificate Read() => TlsSecretReader.Read(Certificate, Key).Certificate!;

    public static TestCertificate For(params string[] names) => Create(names, Now.AddDays(-1), Now.AddDays(30));

    public static TestCertificate Create(string[] names, DateTimeOffset from, DateTimeOffset until, bool isRsa = false)
    {
        using AsymmetricAlgorithm key = isRsa ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedName("CN=test");
        var request = key is RSA rsa
            ? new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject, (ECDsa)key, HashAlgorithmName.SHA256);
        if (names.Length > 0)
        {
            var builder = new SubjectAlternativeNameBuilder();
            Array.ForEach(names, builder.AddDnsName);
            request.CertificateExtensions.Add(builder.Build());
        }

        using var certificate = request.CreateSelfSigned(from, until);
        return new TestCertificate(certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    public JsonElement Secret(string ns = "acme", string name = "shop-tls", string type = "kubernetes.io/tls") =>
        JsonSerializer.SerializeToElement(new
        {
            metadata = new { @namespace = ns, name },
            type,
            data = new Dictionary<string, string>
            {
                ["tls.crt"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(Certificate)),
                ["tls.key"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(Key)),
            },
        });
}
