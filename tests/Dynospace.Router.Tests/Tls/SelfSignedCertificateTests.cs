using Dynospace.Router.Tls;

namespace Dynospace.Router.Tests.Tls;

public sealed class SelfSignedCertificateTests
{
    [Fact]
    public void It_is_valid_now_and_for_the_generated_hosts_of_a_space()
    {
        var certificate = SelfSignedCertificate.Create("apps.example", "acme", TestCertificate.Now);
        Assert.True(certificate.IsValidAt(TestCertificate.Now));
        Assert.True(certificate.Covers("shop.acme.apps.example"));
        Assert.True(certificate.Leaf.HasPrivateKey);
    }
}
