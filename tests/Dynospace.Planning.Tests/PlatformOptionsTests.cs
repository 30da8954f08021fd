using Dynospace.Planning.Gateways;
using Dynospace.Planning.Options;
using Dynospace.Planning.Tests.Gateways;

namespace Dynospace.Planning.Tests;

public sealed class PlatformOptionsTests
{
    public static TheoryData<PlatformOptions, string> Mistakes => new()
    {
        { new() { Dynos = new() { Port = 0 } }, "port 0" },
        { new() { Dynos = new() { Port = 65536 } }, "port 65536" },
        { new() { Dns = new() { Ports = [53, -1] } }, "dnsPorts -1" },
        { new() { Cluster = new() { Ranges = ["10.0.0.0/8", "10/8"] } }, "clusterRanges \"10/8\"" },
        { new() { Egress = new() { GateAddress = "169.254.77.77/32" } }, "gateAddress \"169.254.77.77/32\"" },
        { new() { Dns = new() { NodeLocalAddresses = ["dns"] } }, "nodeLocalDnsAddress \"dns\"" },
        { new() { Cluster = new() { SystemNamespace = "" } }, "systemNamespace" },
        { new() { Router = new() { BaseDomain = "" } }, "baseDomain \"\"" },
        { new() { Router = new() { ProxyProtocolFrom = ["0.0.0.0/0"] } }, "proxyProtocolFrom 0.0.0.0/0" },
        { new() { Router = new() { ProxyProtocolFrom = ["::/0"] } }, "proxyProtocolFrom ::/0" },
        {
            new() { Router = new() { ProxyProtocolFrom = ["128.0.0.0/1", "0.0.0.0/1"] } },
            "proxyProtocolFrom 128.0.0.0/1,0.0.0.0/1"
        },
        { new() { Router = new() { BaseDomain = "Apps.example" } }, "baseDomain \"Apps.example\"" },
        { new() { Router = new() { BaseDomain = ".example" } }, "baseDomain \".example\"" },
        { new() { Router = new() { BaseDomain = "-a.example" } }, "baseDomain \"-a.example\"" },
        { new() { Dns = new() { PodLabels = new Dictionary<string, string>() } }, "dnsPodLabels" },
        { new() { Dynos = new() { ImagePullPolicy = "Sometimes" } }, "imagePullPolicy \"Sometimes\"" },
        { new() { Dynos = new() { ShutdownTimeout = TimeSpan.Zero } }, "shutdownTimeout" },
        { new() { Isolation = new() { CanaryImage = "" } }, "canaryImage" },
        { new() { Isolation = new() { TrialInterval = TimeSpan.FromSeconds(5) } }, "enforcementInterval 00:00:05" },
        { new()
        {
            Isolation = new() { TrialInterval = null, IsProofRequired = true },
        }, "requireEnforcement without trials" },
        { With(
            router => router with
            {
                Implementation = RouterImplementation.IngressNginx,
            }), "routerImplementation IngressNginx" },
        { With(
            router => router with
            {
                Provider = RouterProvider.Ingress,
                Implementation = RouterImplementation.Istio,
            }), "routerImplementation Istio" },
        { With(
            router => router with
            {
                PublicGateway = router.PublicGateway with { Gateway = "public" },
            }), "publicGateway \"public\"" },
        { With(
            router => router with
            {
                InternalGateway = router.InternalGateway with { Gateway = null },
            }), "internalGateway \"\"" },
        { With(
            router => router with
            {
                InternalGateway = router.InternalGateway with { Gateway = "gateways/public" },
            }), "publicGateway and internalGateway are both" },
        { With(router => router with { HttpsListener = "" }), "gatewayHttpsListener \"\"" },
        { With(
            router => router with
            {
                Provider = RouterProvider.Ingress,
                PublicGateway = router.PublicGateway with { IngressClass = "a b" },
            }), "publicIngressClass \"a b\"" },
        { With(
            router => router with
            {
                Provider = RouterProvider.Ingress,
                PublicGateway = router.PublicGateway with { IngressClass = "internal" },
            }), "publicIngressClass and internalIngressClass" },
        { With(
            router => router with
            {
                PublicGateway = router.PublicGateway with { PodNamespace = null },
            }), "publicGatewayNamespace \"\"" },
        { With(
            router => router with
            {
                InternalGateway = router.InternalGateway with { PodLabels = new Dictionary<string, string>() },
            }), "internalGatewayPods is empty" },
        { With(
            router => router with
            {
                InternalGateway = router.InternalGateway with
                {
                    PodLabels = new Dictionary<string, string> { ["app"] = "envoy" },
                },
            }), "publicGatewayPods and internalGatewayPods" },
        { new() { Router = new() { Image = " " } }, "routerImage" },
        { new() { Router = new() { SharedReplicas = 17 } }, "sharedRouterReplicas 17" },
        { new() { Router = new() { Drain = TimeSpan.Zero } }, "routerDrainSeconds 0" },
        { new() { Router = new() { ProxyProtocolFrom = ["lb"] } }, "proxyProtocolFrom \"lb\"" },
        { new() { Router = new() { DefaultCertificate = "wildcard" } }, "routerCertificate \"wildcard\"" },
        { new() { Releases = new() { History = 0 } }, "releaseHistory 0" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_with_its_value(PlatformOptions options, string named) =>
        Assert.StartsWith(named, Assert.Single(Validate(options)), StringComparison.Ordinal);

    private static string[] Validate(PlatformOptions options) =>
        [.. options.Validate(), .. GatewayCatalog.Validate(options.Router)];

    private static PlatformOptions With(Func<RouterOptions, RouterOptions> change)
    {
        var options = ProviderSample.Options(RouterProvider.GatewayAPI);
        return options with { Router = change(options.Router) };
    }

    [Fact]
    public void Gateways_of_the_cluster_are_right_when_all_of_them_is_said() => Assert.All(
        ProviderSample.Combinations,
        with => Assert.Empty(Validate(ProviderSample.Options(with.Provider, with.Implementation))));

    [Fact]
    public void The_defaults_are_right()
    {
        Assert.Empty(new PlatformOptions().Validate());
        Assert.Empty(new PlatformOptions { Dns = new() { NodeLocalAddresses = [] } }.Validate());
        Assert.Empty(new PlatformOptions { Isolation = new() { TrialInterval = null } }.Validate());
    }
}
