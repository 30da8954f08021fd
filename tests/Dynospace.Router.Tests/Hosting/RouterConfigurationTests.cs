using Dynospace.Hosting.Options;
using Dynospace.Router.Cluster;
using Dynospace.Router.Hosting;
using Dynospace.Runtime;
using k8s;
using Microsoft.Extensions.Configuration;

namespace Dynospace.Router.Tests.Hosting;

public sealed class RouterConfigurationTests
{
    [Fact]
    public void Without_options_it_is_the_shared_routers_public_listener_on_the_platforms_ports()
    {
        var options = Read();
        Assert.Equal(new RouterScope(ListenerKind.Public, null), options.Scope);
        Assert.Equal((8080, 8443, 9090, 5000), (options.HttpPort, options.HttpsPort, options.HealthPort, options.Port));
        Assert.Equal("dynospace.localhost", options.BaseDomain);
        Assert.Empty(options.ProxyProtocolFrom);
        Assert.Null(options.DefaultCertificate);
    }

    [Fact]
    public void Every_option_is_read()
    {
        var options = Read(
            "--listener",
            "internal",
            "--space",
            "acme",
            "--httpPort",
            "81",
            "--httpsPort",
            "444",
            "--publicHttpsPort",
            "445",
            "--healthPort",
            "82",
            "--baseDomain",
            "apps.example.com",
            "--defaultCertificate",
            "dynospace-system/wild",
            "--proxyProtocolFrom",
            "10.0.0.0/8, 2001:db8::/32",
            "--drainSeconds", "7", "--drainLeadSeconds", "0", "--port", "5001");
        Assert.Equal(new RouterScope(ListenerKind.Internal, "acme"), options.Scope);
        Assert.Equal(
            (81, 444, 445, 82, 5001),
            (options.HttpPort, options.HttpsPort, options.PublicHttpsPort, options.HealthPort, options.Port));
        Assert.Equal("apps.example.com", options.BaseDomain);
        Assert.Equal(new ObjectKey("dynospace-system", "wild"), options.DefaultCertificate);
        Assert.Equal(["10.0.0.0/8", "2001:db8::/32"], options.ProxyProtocolFrom);
        Assert.Equal((7, 0), ((int)options.Drain.TotalSeconds, (int)options.DrainLead.TotalSeconds));
    }

    [Theory]
    [InlineData("listener", "both", "Public, Internal")]
    [InlineData("space", "Acme_1", "not a valid name of a Space")]
    [InlineData("httpPort", "0", "1 to 65535")]
    [InlineData("httpsPort", "70000", "1 to 65535")]
    [InlineData("healthPort", "x", "1 to 65535")]
    [InlineData("baseDomain", "Apps.Example", "lower-case host name")]
    [InlineData("baseDomain", "", "lower-case host name")]
    [InlineData("defaultCertificate", "wild", "namespace/name")]
    [InlineData("proxyProtocolFrom", "10.0.0.0", "not a valid CIDR range")]
    [InlineData("proxyProtocolFrom", "10.0.0.0/8,everybody", "'everybody' is not a valid CIDR range")]
    [InlineData("drainSeconds", "-1", "seconds")]
    [InlineData("drainSeconds", "9999", "seconds")]
    [InlineData("trustAll", "true", "no such option")]
    public void A_value_that_makes_no_sense_is_one_line_that_names_it(string name, string value, string says)
    {
        var message = Assert.Throws<OptionException>(() => Read($"--{name}", value)).Message;
        Assert.StartsWith(name + ":", message, StringComparison.Ordinal);
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private static RouterProcessOptions Read(params string[] arguments) =>
        RouterConfiguration.ReadServing(
            new ConfigurationBuilder().AddCommandLine(arguments).Build(), new KubernetesClientConfiguration());
}
