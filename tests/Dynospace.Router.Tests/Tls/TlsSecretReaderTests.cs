using System.Text.Json;
using Dynospace.Router.Tls;
using Dynospace.Runtime;

namespace Dynospace.Router.Tests.Tls;

public sealed class TlsSecretReaderTests
{
    private static readonly TestCertificate Shop = TestCertificate.For("shop.example.com", "*.Shop.Example.com");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_certificate_and_its_key_are_read(bool isRsa)
    {
        var pem = TestCertificate.Create(
            ["shop.example.com"], TestCertificate.Now, TestCertificate.Now.AddDays(1), isRsa);
        var state = TlsSecretReader.Read(pem.Secret());
        Assert.Equal(new ObjectKey("acme", "shop-tls"), state.Key);
        Assert.Null(state.Problem);
        Assert.True(state.Certificate!.Leaf.HasPrivateKey);
    }

    [Fact]
    public void Names_are_lower_case_and_a_wildcard_is_for_one_label()
    {
        var certificate = Shop.Read();
        Assert.True(certificate.Covers("shop.example.com"));
        Assert.True(certificate.Covers("www.shop.example.com"));
        Assert.False(certificate.Covers("a.b.shop.example.com"));
        Assert.False(certificate.Covers(".shop.example.com"));
        Assert.False(certificate.Covers("example.com"));
    }

    [Fact]
    public void What_is_wrong_is_a_reason_and_never_an_exception()
    {
        var other = TestCertificate.For("other.example.com");
        var rsa = TestCertificate.Create(
            ["shop.example.com"], TestCertificate.Now, TestCertificate.Now.AddDays(1), isRsa: true);
        Assert.Equal(TlsSecretProblem.WrongType, TlsSecretReader.Read(Shop.Secret(type: "Opaque")).Problem);
        Assert.Equal(
            TlsSecretProblem.KeyMismatch, TlsSecretReader.Read((Shop with { Key = other.Key }).Secret()).Problem);
        Assert.Equal(
            TlsSecretProblem.KeyMismatch, TlsSecretReader.Read((Shop with { Key = rsa.Key }).Secret()).Problem);
        Assert.Equal(
            TlsSecretProblem.Unreadable, TlsSecretReader.Read((Shop with { Key = "rubbish" }).Secret()).Problem);
        Assert.Equal(
            TlsSecretProblem.Unreadable, TlsSecretReader.Read(
                (Shop with { Certificate = "rubbish" }).Secret()).Problem);
        Assert.Equal(
            TlsSecretProblem.Unreadable, TlsSecretReader.Read(
                (Shop with { Certificate = Shop.Certificate.Replace('M', '!') }).Secret()).Problem);
        Assert.Equal(TlsSecretProblem.NoHosts, TlsSecretReader.Read(TestCertificate.For().Secret()).Problem);
        var empty = JsonSerializer.SerializeToElement(
            new { metadata = new { @namespace = "acme", name = "s" }, type = "kubernetes.io/tls" });
        Assert.Equal(TlsSecretProblem.Unreadable, TlsSecretReader.Read(empty).Problem);
        var rubbish = JsonSerializer.SerializeToElement(new
        {
            metadata = new { @namespace = "acme", name = "s" },
            type = "kubernetes.io/tls",
            data = new Dictionary<string, object> { ["tls.crt"] = "%%%", ["tls.key"] = 7 },
        });
        Assert.Equal(TlsSecretProblem.Unreadable, TlsSecretReader.Read(rubbish).Problem);
    }
}
