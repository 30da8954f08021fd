using Dynospace.Router.Tls;

namespace Dynospace.Router.Tests.Tls;

public sealed class ServedCertificateTests
{
    [Theory]
    [InlineData("shop.example.com", "shop.example.com", true)]
    [InlineData("shop.example.com", "SHOP.example.com", true)]
    [InlineData("shop.example.com", "www.example.com", true)]
    [InlineData("shop.example.com", "other.example.org", false)]
    [InlineData("unknown.example.org", "unknown.example.org", true)]
    [InlineData("unknown.example.org", "other.example.org", false)]
    [InlineData(null, "other.example.org", true)]
    public void A_request_belongs_on_a_connection_for_its_host_or_a_certificate_that_covers_it(
        string? serverName, string host, bool expected) =>
        Assert.Equal(
            expected, new ServedCertificate(
                serverName, TestCertificate.For("shop.example.com", "www.example.com").Read()).Admits(host));
}
