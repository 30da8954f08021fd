using System.Net;
using Dynospace.Api.Spaces;
using Dynospace.Router.Cluster;
using Dynospace.Router.Routing;
using Dynospace.Runtime;

namespace Dynospace.Router.Tests.Cluster;

public sealed class RouteBookTests
{
    private static readonly RouterScope Shared = new(ListenerKind.Public, null);

    private static readonly RouterScope PublicOfAcme = new(ListenerKind.Public, "acme");

    private static readonly RouterScope InternalOfAcme = new(ListenerKind.Internal, "acme");

    private static KnownCluster Cluster => new KnownCluster()
        .WithSpace("play").WithApp(
            "play", "hello", hosts: ["hello.play.apps.example", "hello.example.com"]).WithSlice("play", "hello",
            ("hello-web-1-a", "172.16.0.2"))
        .WithSpace("acme", SpaceRuntime.Private, ["198.51.100.0/24"])
        .WithApp("acme", "shop").WithApp("acme", "orders", app => app with { HasInternalRouting = true });

    [Fact]
    public void The_shared_router_serves_apps_of_Common_spaces_alone()
    {
        var snapshot = First(Shared, Cluster);
        Assert.Equal(["hello.example.com", "hello.play.apps.example"], snapshot.Hosts.Keys.Order());
        Assert.True(snapshot.TrustedRanges.Contains(IPAddress.Parse("203.0.113.1")));
        Assert.Equal(SpaceRuntime.Common, snapshot.Settings.Runtime);
    }

    [Fact]
    public void A_public_listener_serves_no_internal_app_and_the_internal_one_no_public()
    {
        Assert.Equal(["shop.acme.apps.example"], First(PublicOfAcme, Cluster).Hosts.Keys);
        Assert.Equal(["orders.acme.apps.example"], First(InternalOfAcme, Cluster).Hosts.Keys);
    }

    [Fact]
    public void Only_trusted_ranges_may_send_to_the_public_listener()
    {
        var ranges = First(PublicOfAcme, Cluster).TrustedRanges;
        Assert.True(ranges.Contains(IPAddress.Parse("198.51.100.9")));
        Assert.False(ranges.Contains(IPAddress.Parse("203.0.113.1")));
    }

    [Fact]
    public void Left_out_ranges_are_everybody_and_an_empty_list_is_nobody()
    {
        var anyone = IPAddress.Parse("203.0.113.1");
        Assert.True(First(PublicOfAcme, Cluster.WithSpace("acme", SpaceRuntime.Shield)).TrustedRanges.Contains(anyone));
        Assert.False(
            First(PublicOfAcme, Cluster.WithSpace("acme", SpaceRuntime.Shield, [])).TrustedRanges.Contains(anyone));
    }

    [Fact]
    public void A_space_that_is_gone_or_Common_admits_nobody_at_its_own_router()
    {
        foreach (var cluster in new[] { new KnownCluster(), Cluster.WithSpace("acme") })
        {
            var snapshot = First(PublicOfAcme, cluster);
            Assert.Empty(snapshot.Hosts);
            Assert.False(snapshot.TrustedRanges.Contains(IPAddress.Parse("198.51.100.9")));
        }
    }

    [Fact]
    public void An_app_in_a_namespace_without_a_Space_is_not_served() =>
        Assert.DoesNotContain(
            "stray.nowhere.apps.example", First(Shared, Cluster.WithApp("nowhere", "stray")).Hosts.Keys);

    [Fact]
    public void Settings_are_the_spaces()
    {
        var settings = First(PublicOfAcme, Cluster.WithSpace(
            "acme", SpaceRuntime.Shield,
            router: new RouterSpec { FirstByteTimeoutSeconds = 3, IdleTimeoutSeconds = 4 })).Settings;
        Assert.Equal(
            (SpaceRuntime.Shield, 3, 4), (
                settings.Runtime, (int)settings.FirstByteTimeout.TotalSeconds, (int)settings.IdleTimeout.TotalSeconds));
    }

    [Fact]
    public void A_host_is_served_by_the_router_of_the_app_that_it_was_granted_to()
    {
        var cluster = Cluster.WithApp("play", "loser", age: 1).WithApp(
            "acme", "shop", hosts: ["shop.acme.apps.example", "shop.example.com"]);
        Assert.DoesNotContain("shop.example.com", First(Shared, cluster).Hosts.Keys);
        Assert.Contains("shop.example.com", First(PublicOfAcme, cluster).Hosts.Keys);
    }

    [Fact]
    public void An_app_that_was_granted_nothing_yet_has_no_host_at_all() =>
        Assert.DoesNotContain(
            "play", First(
                Shared, Cluster.WithApp("play", "hello", hosts: [])).Hosts.Values.Select(route => route.Space));

    [Fact]
    public void A_host_that_two_apps_have_while_it_changes_hands_is_the_older_ones()
    {
        var cluster = Cluster.WithApp("play", "older", age: 1, hosts: ["hello.example.com"]);
        Assert.Equal("older", First(Shared, cluster).Hosts["hello.example.com"].App);
        Assert.Equal(
            "hello", First(
                Shared, cluster.WithApp(
                    "play", "older", age: -1, hosts: ["hello.example.com"])).Hosts["hello.example.com"].App);
    }

    [Fact]
    public void An_older_app_on_its_way_out_gives_way()
    {
        var cluster = Cluster.WithApp(
            "play", "older", app =>
                app with { Seniority = app.Seniority with { IsDeleting = true } }, age: 1,
                hosts: ["hello.example.com", "older.example.com"]);
        var hosts = First(Shared, cluster).Hosts;
        Assert.Equal(("hello", "older"), (hosts["hello.example.com"].App, hosts["older.example.com"].App));
    }

    [Fact]
    public void A_host_of_an_app_that_another_router_serves_is_nobodys_here() =>
        Assert.DoesNotContain(
            "hello.example.com", First(
                Shared, Cluster.WithApp("acme", "shop", age: 1, hosts: ["hello.example.com"])).Hosts.Keys);

    [Fact]
    public void A_change_of_one_app_looks_at_no_other()
    {
        var cluster = Cluster.WithApp("play", "other");
        var book = new RouteBook(Shared, 5000);
        var first = book.Rebuild(cluster, RouteChanges.Everything)!;
        cluster.Asked.Clear();
        cluster.WithSlice("play", "hello", ("hello-web-2-b", "172.16.0.6"));
        var second = book.Rebuild(cluster, new RouteChanges(false, false, false, [new ObjectKey("play", "hello")]))!;
        Assert.Equal([new ObjectKey("play", "hello")], cluster.Asked);
        Assert.Equal(2, second.Hosts["hello.example.com"].Dynos.Length);
        Assert.Same(first.Hosts["other.play.apps.example"], second.Hosts["other.play.apps.example"]);
    }

    [Fact]
    public void A_change_that_changes_no_route_makes_no_snapshot()
    {
        var cluster = Cluster;
        var book = new RouteBook(Shared, 5000);
        book.Rebuild(cluster, RouteChanges.Everything);
        Assert.Null(book.Rebuild(cluster, RouteChanges.Everything));
        Assert.Null(
            book.Rebuild(
                cluster, new RouteChanges(
                    false, false, false, [new ObjectKey("play", "hello"), new ObjectKey("acme", "shop")])));
    }

    [Fact]
    public void A_deleted_app_is_gone_and_its_domain_the_next_ones()
    {
        var cluster = Cluster.WithApp("play", "younger", age: -1, hosts: ["hello.example.com"]);
        var book = new RouteBook(Shared, 5000);
        Assert.Equal("hello", book.Rebuild(cluster, RouteChanges.Everything)!.Hosts["hello.example.com"].App);
        cluster.AppList.Remove(new ObjectKey("play", "hello"));
        var after = book.Rebuild(cluster, new RouteChanges(false, true, false, [new ObjectKey("play", "hello")]))!;
        Assert.Equal("younger", after.Hosts["hello.example.com"].App);
        Assert.DoesNotContain("hello.play.apps.example", after.Hosts.Keys);
    }

    [Fact]
    public void A_changed_range_is_another_set_and_an_unchanged_one_the_same()
    {
        var cluster = Cluster;
        var book = new RouteBook(PublicOfAcme, 5000);
        var first = book.Rebuild(cluster, RouteChanges.Everything)!;
        cluster.WithApp("acme", "shop", app => app with { IsInMaintenance = true });
        var second = book.Rebuild(cluster, RouteChanges.Everything)!;
        Assert.Same(first.TrustedRanges, second.TrustedRanges);
        cluster.WithSpace("acme", SpaceRuntime.Private, ["203.0.113.0/24"]);
        Assert.True(
            book.Rebuild(
                cluster,
                new RouteChanges(true, false, false, []))!.TrustedRanges.Contains(IPAddress.Parse("203.0.113.1")));
    }

    private static RoutingSnapshot First(RouterScope scope, KnownCluster cluster) =>
        new RouteBook(scope, 5000).Rebuild(cluster, RouteChanges.Everything)!;
}
