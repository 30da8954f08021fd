using Dynospace.Planning.Routing;

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
        { new() { Router = new() { Provider = RouterProvider.Ingress } }, "routerProvider Ingress" },
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

    [Fact]
    public void The_defaults_are_right()
    {
        Assert.Empty(PlatformOptionsValidation.Validate(new()));
        Assert.Empty(PlatformOptionsValidation.Validate(new() { NodeLocalDnsAddress = null }));
        Assert.Empty(PlatformOptionsValidation.Validate(new() { EnforcementInterval = null }));
    }
}
