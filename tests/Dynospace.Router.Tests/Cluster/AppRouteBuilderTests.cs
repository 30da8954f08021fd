using Dynospace.Api.Dynos;
using Dynospace.Router.Cluster;
using Dynospace.Router.Routing;
using Dynospace.Runtime;

namespace Dynospace.Router.Tests.Cluster;

public sealed class AppRouteBuilderTests
{
    private static readonly ObjectKey Shop = new("acme", "shop");

    [Fact]
    public void Ready_pods_of_the_apps_Service_are_its_dynos()
    {
        var route = Build(new KnownCluster().WithApp("acme", "shop")
            .WithSlice("acme", "shop", ("shop-web-2-b", "172.16.0.6"), ("shop-web-1-a", "172.16.0.2"))
            .WithSlice("acme", "shop", ("shop-web-12-c", "2001:db8::1")));
        Assert.Equal(AppWebState.Running, route.State);
        Assert.Equal(
            [
                "web.1 shop-web-1-a 172.16.0.2:5000",
                "web.12 shop-web-12-c [2001:db8::1]:5000",
                "web.2 shop-web-2-b 172.16.0.6:5000",
            ],
            route.Dynos.Select(dyno => $"{dyno.Dyno} {dyno.PodName} {dyno.Address}"));
    }

    [Fact]
    public void A_pod_that_two_slices_tell_is_one_dyno() =>
        Assert.Single(Build(new KnownCluster().WithApp("acme", "shop")
            .WithSlice("acme", "shop", ("shop-web-1-a", "172.16.0.2"))
            .WithSlice("acme", "shop", ("shop-web-1-a", "172.16.0.2"))).Dynos);

    [Theory]
    [InlineData("172.16.0.2", "2001:db8::2")]
    [InlineData("2001:db8::2", "172.16.0.2")]
    public void Of_a_pods_two_addresses_the_one_of_IPv4_is_taken_whatever_the_order_of_slices(
        string first, string second)
    {
        var dyno = Assert.Single(Build(new KnownCluster().WithApp("acme", "shop")
            .WithSlice("acme", "shop", ("shop-web-1-a", first))
            .WithSlice("acme", "shop", ("shop-web-1-a", second))).Dynos);
        Assert.Equal("172.16.0.2:5000", dyno.Address.ToString());
    }

    [Theory]
    [InlineData("other-web-1-a", "172.16.0.2")]
    [InlineData("shop-worker-1-a", "172.16.0.2")]
    [InlineData("shop-web-a", "172.16.0.2")]
    [InlineData("shop-web-x-a", "172.16.0.2")]
    [InlineData("shop-web-1-a-b", "172.16.0.2")]
    [InlineData("shop-web-1-a", "127.0.0.1")]
    [InlineData("shop-web-1-a", "::1")]
    [InlineData("shop-web-1-a", "0.0.0.0")]
    [InlineData("shop-web-1-a", "169.254.169.254")]
    [InlineData("shop-web-1-a", "224.0.0.1")]
    [InlineData("shop-web-1-a", "fe80::1")]
    [InlineData("shop-web-1-a", "::ffff:127.0.0.1")]
    public void What_no_web_dyno_can_be_is_not_believed(string pod, string address) =>
        Assert.Empty(Build(new KnownCluster().WithApp("acme", "shop").WithSlice("acme", "shop", (pod, address))).Dynos);

    [Fact]
    public void A_slice_for_another_port_is_not_believed()
    {
        var cluster = new KnownCluster().WithApp("acme", "shop").WithSlice(
            "acme", "shop", ("shop-web-1-a", "172.16.0.2"));
        cluster.Slices[0] = cluster.Slices[0] with { Ports = [6443] };
        Assert.Empty(Build(cluster).Dynos);
    }

    public static TheoryData<AppWebState, int, bool, DynoState?[]> WithoutEndpoints => new()
    {
        { AppWebState.Blank, 1, false, [] },
        { AppWebState.NoWebDynos, 0, true, [] },
        { AppWebState.Booting, 1, true, [] },
        { AppWebState.Booting, 1, true, [null] },
        { AppWebState.Booting, 2, true, [DynoState.Crashed, DynoState.Starting] },
        { AppWebState.Booting, 1, true, [DynoState.Up] },
        { AppWebState.Crashed, 1, true, [DynoState.Crashed] },
        { AppWebState.Crashed, 2, true, [DynoState.Crashed, DynoState.Crashed] },
    };

    [Theory]
    [MemberData(nameof(WithoutEndpoints))]
    public void Without_a_ready_pod_the_dynos_tell_why(
        AppWebState expected, int quantity, bool isReleased, DynoState?[] dynos)
    {
        var cluster = new KnownCluster().WithApp(
            "acme", "shop", app => app with { WebQuantity = quantity, IsReleased = isReleased });
        foreach (var dyno in dynos)
        {
            cluster.WithDyno("acme", "shop", dyno);
        }

        Assert.Equal(expected, Build(cluster).State);
    }

    [Fact]
    public void Switches_of_the_app_are_the_routes()
    {
        var route = Build(
            new KnownCluster().WithApp(
                "acme", "shop", app => app with { IsInMaintenance = true, RedirectsToHttps = true }));
        Assert.True(route.IsInMaintenance);
        Assert.True(route.RedirectsToHttps);
    }

    private static AppRoute Build(KnownCluster cluster) =>
        AppRouteBuilder.Build(cluster.AppList[Shop], cluster.SlicesOf(Shop), cluster.DynosOf(Shop), 5000);
}
