using Dynospace.Api.Spaces;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Routers;

/// <summary>What routers are made of, as a folder of files.</summary>
public sealed class RouterGoldenTests
{
    private static readonly RoutedApp Shop = new("shop", InternalRouting: false, ["shop-tls"]);
    private static readonly RoutedApp Intranet = new("intranet", InternalRouting: true, ["intranet-tls"]);

    [Fact]
    public void A_private_space_with_public_apps() => Verify("private", Space(), [Shop]);

    [Fact]
    public void A_private_space_with_internal_routing() => Verify("private-internal", Space(), [Intranet, Shop]);

    [Fact]
    public void A_shield_space_that_trusts_nobody()
    {
        var space = Sample.Space(SpaceRuntime.Shield);
        space.Spec.TrustedIPRanges = [];
        space.Spec.Router = new() { Replicas = 4 };

        Verify("shield-nobody", space, [Shop]);
    }

    [Fact]
    public void A_part_in_the_shared_router() => Verify("common", Sample.Space(), [Shop]);

    [Fact]
    public void The_shared_router() =>
        Testing.Golden.GoldenObjects.Verify(
            Folder("shared"), Parts(RouterPlanner.PlanShared(hasCommonSpaces: true, Sample.Cluster, Sample.Options)));

    [Fact]
    public void Behind_proxies_that_name_the_client_and_with_a_clouds_own_load_balancers()
    {
        var options = Sample.Options with
        {
            Router = new()
            {
                ProxyProtocolFrom = ["10.9.0.0/16"],
                ServiceAnnotations = new Dictionary<string, string> { ["lb.example/proxy-protocol"] = "v2" },
                InternalServiceType = RouterServiceType.LoadBalancer,
                InternalServiceAnnotations = new Dictionary<string, string> { ["lb.example/internal"] = "true" },
                DefaultCertificate = "dynospace-system/wildcard",
            },
        };

        Verify("private-proxied", Space(), [Intranet, Shop], options);
    }

    private static Space Space()
    {
        var space = Sample.ConnectedSpace();
        space.Spec.TrustedIPRanges = ["2001:db8:100::/48", "198.51.100.0/24"];
        return space;
    }

    private static void Verify(
        string name, Space space, IReadOnlyList<RoutedApp> apps, PlatformOptions? options = null) =>
        Testing.Golden.GoldenObjects.Verify(
            Folder(name), Parts(RouterPlanner.PlanSpace(space, apps, Sample.Cluster, options ?? Sample.Options)));

    private static IEnumerable<object> Parts(RouterPlan plan) =>
        [.. plan.Children.Objects.Select(part => part.Content)];

    private static string Folder(string name) =>
        RepositoryFolder.Combine("tests", "Dynospace.Planning.Tests", "Golden", "routers", name);
}
