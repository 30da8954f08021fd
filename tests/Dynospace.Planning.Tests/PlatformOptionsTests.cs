using Dynospace.Planning.Routing;
using Dynospace.Planning.Tests.Routing.Providers;

namespace Dynospace.Planning.Tests;

public sealed class PlatformOptionsTests
{
    public static TheoryData<PlatformOptions, string> Mistakes => new()
    {
        { new() { Port = 0 }, "Port 0" },
        { new() { Port = 65536 }, "Port 65536" },
        { new() { DnsPorts = [53, -1] }, "DnsPorts -1" },
        { new() { ClusterRanges = ["10.0.0.0/8", "10/8"] }, "ClusterRanges \"10/8\"" },
        { new() { GateAddress = "169.254.77.77/32" }, "GateAddress \"169.254.77.77/32\"" },
        { new() { NodeLocalDnsAddress = "dns" }, "NodeLocalDnsAddress \"dns\"" },
        { new() { SystemNamespace = "" }, "SystemNamespace" },
        { new() { BaseDomain = "" }, "BaseDomain \"\"" },
        { new() { BaseDomain = "Apps.example" }, "BaseDomain \"Apps.example\"" },
        { new() { BaseDomain = ".example" }, "BaseDomain \".example\"" },
        { new() { BaseDomain = "-a.example" }, "BaseDomain \"-a.example\"" },
        { new() { DnsPodLabels = new Dictionary<string, string>() }, "DnsPodLabels" },
        { new() { ImagePullPolicy = "Sometimes" }, "ImagePullPolicy Sometimes" },
        { new() { ShutdownTimeout = TimeSpan.Zero }, "ShutdownTimeout" },
        { new() { CanaryImage = "" }, "CanaryImage" },
        { new() { EnforcementInterval = TimeSpan.FromSeconds(5) }, "EnforcementInterval 00:00:05" },
        { new() { EnforcementInterval = null, RequireEnforcement = true }, "RequireEnforcement without trials" },
        { With(router => router with { Implementation = RouterImplementation.IngressNginx }), "routerImplementation IngressNginx" },
        { With(router => router with { Provider = RouterProvider.Ingress, Implementation = RouterImplementation.Istio }), "routerImplementation Istio" },
        { With(router => router with { PublicGateway = router.PublicGateway with { Gateway = "public" } }), "publicGateway \"public\"" },
        { With(router => router with { InternalGateway = router.InternalGateway with { Gateway = null } }), "internalGateway \"\"" },
        { With(router => router with { InternalGateway = router.InternalGateway with { Gateway = "gateways/public" } }), "publicGateway and internalGateway are both" },
        { With(router => router with { HttpsListener = "" }), "gatewayHttpsListener \"\"" },
        { With(router => router with { Provider = RouterProvider.Ingress, PublicGateway = router.PublicGateway with { IngressClass = "a b" } }), "publicIngressClass \"a b\"" },
        { With(router => router with { Provider = RouterProvider.Ingress, PublicGateway = router.PublicGateway with { IngressClass = "internal" } }), "publicIngressClass and internalIngressClass" },
        { With(router => router with { PublicGateway = router.PublicGateway with { PodNamespace = null } }), "publicGatewayNamespace \"\"" },
        { With(router => router with { InternalGateway = router.InternalGateway with { PodLabels = new Dictionary<string, string>() } }), "internalGatewayPods is empty" },
        { With(router => router with { InternalGateway = router.InternalGateway with { PodLabels = new Dictionary<string, string> { ["app"] = "envoy" } } }), "publicGatewayPods and internalGatewayPods" },
        { new() { Router = new() { Image = " " } }, "routerImage" },
        { new() { Router = new() { SharedReplicas = 17 } }, "sharedRouterReplicas 17" },
        { new() { Router = new() { Drain = TimeSpan.Zero } }, "routerDrainSeconds 0" },
        { new() { Router = new() { ProxyProtocolFrom = ["lb"] } }, "proxyProtocolFrom \"lb\"" },
        { new() { Router = new() { DefaultCertificate = "wildcard" } }, "routerCertificate \"wildcard\"" },
        { new() { ReleaseHistory = 0 }, "ReleaseHistory 0" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_with_its_value(PlatformOptions options, string named) =>
        Assert.StartsWith(named, Assert.Single(PlatformOptionsValidation.Validate(options)), StringComparison.Ordinal);

    private static PlatformOptions With(Func<RouterOptions, RouterOptions> change)
    {
        var options = ProviderSample.Options(RouterProvider.GatewayAPI);
        return options with { Router = change(options.Router) };
    }

    [Fact]
    public void Gateways_of_the_cluster_are_right_when_all_of_them_is_said() => Assert.All(
        ProviderSample.Combinations, with => Assert.Empty(PlatformOptionsValidation.Validate(ProviderSample.Options(with.Provider, with.Implementation))));

    [Fact]
    public void The_defaults_are_right()
    {
        Assert.Empty(PlatformOptionsValidation.Validate(new()));
        Assert.Empty(PlatformOptionsValidation.Validate(new() { NodeLocalDnsAddress = null }));
        Assert.Empty(PlatformOptionsValidation.Validate(new() { EnforcementInterval = null }));
    }
}
