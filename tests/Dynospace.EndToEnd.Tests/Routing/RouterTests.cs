using System.Text.Json.Nodes;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Router.Cluster;

namespace Dynospace.EndToEnd.Tests.Routing;

/// <summary>Web requests reach web dynos as the cluster says, while it changes.</summary>
public sealed class RouterTests(Platform platform)
{
    private const string Simulate = "devcluster.dev/simulate";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dynos_that_are_scaled_crashed_and_deleted_under_load_cost_no_request()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await using var router = await RunningRouter.StartAsync(platform, ListenerKind.Public, null);
        await space.CreateAppAsync("shop", formation: ("web", 3));
        await space.AppReadyAsync("shop");
        var host = Host(space, "shop");
        await router.UntilAsync(host, 200);
        using var load = new RouterLoad(router, host, clients: 4);
        await load.MoreAsync(50);

        await space.ScaleAsync("shop", ("web", 6));
        await space.AppReadyAsync("shop");
        await load.MoreAsync(50);
        var crashing = space.Pods("shop")[0];
        await space.PatchAsync(Kinds.Pod, space.In(crashing.Name), Annotation("crash"));
        await load.MoreAsync(50);
        await space.DeleteAsync(Kinds.Pod, space.In(space.Pods("shop")[1].Name));
        await load.MoreAsync(50);
        await space.DeleteAsync(Kinds.Dyno, space.In("shop.web.3"));
        await load.MoreAsync(50);
        await space.PatchAsync(Kinds.Pod, space.In(crashing.Name), Annotation(null));
        await space.ScaleAsync("shop", ("web", 2));
        await space.GoneAsync(Kinds.Dyno, space.In("shop.web.3"));
        await load.MoreAsync(50);

        var (failures, dynos) = await load.StopAsync();
        Assert.Empty(failures);
        Assert.True(dynos.Count > 1, $"All requests went to {string.Join(", ", dynos)}.");
    }

    [Fact]
    public async Task A_new_dyno_comes_into_rotation_and_an_app_without_dynos_says_so()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await using var router = await RunningRouter.StartAsync(platform, ListenerKind.Public, null);
        await space.CreateAppAsync("shop", formation: ("web", 1));
        await router.UntilAsync(
            Host(space, "shop"), 200, body => body.Contains("dyno: shop.web.1", StringComparison.Ordinal));
        await space.ScaleAsync("shop", ("web", 2));
        await router.UntilAsync(
            Host(space, "shop"), 200, body => body.Contains("dyno: shop.web.2", StringComparison.Ordinal));
        await space.ScaleAsync("shop", ("web", 0));
        await router.UntilAsync(Host(space, "shop"), 503, body => body.Contains("H14", StringComparison.Ordinal));
        await space.PatchAppAsync("shop", new JsonObject { ["maintenance"] = true });
        await router.UntilAsync(Host(space, "shop"), 503, body => body.Contains("H80", StringComparison.Ordinal));
        await space.DeleteAsync(Kinds.App, space.In("shop"));
        await router.UntilAsync(Host(space, "shop"), 404);
    }

    [Fact]
    public async Task An_app_whose_every_dyno_crashes_says_so()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await using var router = await RunningRouter.StartAsync(platform, ListenerKind.Public, null);
        await space.CreateAppAsync("shop", platform.Workloads.Exits(1), formation: ("web", 1));
        await space.UntilAsync(
            "it crashes",
            state => state.Find(Kinds.Dyno, space.In("shop.web.1")) is { } dyno
                && (string?)dyno.Content["status"]?["state"] == "Crashed" ? dyno : null);
        await router.UntilAsync(Host(space, "shop"), 503, body => body.Contains("H10", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_public_app_and_an_internal_one_are_each_served_on_their_own_listener_alone()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        await space.CreateAppAsync("shop", formation: ("web", 1));
        await space.CreateAppAsync("orders", spec => spec.InternalRouting = true, ("web", 1));
        await using var open = await RunningRouter.StartAsync(platform, ListenerKind.Public, space.Name);
        await using var inner = await RunningRouter.StartAsync(platform, ListenerKind.Internal, space.Name);
        await using var common = platform.NewSpace();
        await common.StartAsync(SpaceRuntime.Common);
        await using var shared = await RunningRouter.StartAsync(platform, ListenerKind.Public, null);
        await open.UntilAsync(Host(space, "shop"), 200);
        await inner.UntilAsync(Host(space, "orders"), 200);
        Assert.Equal(404, (await open.GetAsync(Host(space, "orders"), Token)).Status);
        Assert.Equal(404, (await inner.GetAsync(Host(space, "shop"), Token)).Status);
        Assert.Equal(404, (await shared.GetAsync(Host(space, "shop"), Token)).Status);
    }

    [Fact]
    public async Task A_change_of_trusted_ranges_is_in_force_on_connections_that_are_open()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private, spec => spec.TrustedIPRanges = ["127.0.0.1/32"]);
        await space.CreateAppAsync("shop", formation: ("web", 1));
        await using var router = await RunningRouter.StartAsync(platform, ListenerKind.Public, space.Name);
        await router.UntilAsync(Host(space, "shop"), 200);
        await space.PatchAsync(Kinds.Space, space.Key, Ranges("198.51.100.0/24"));
        await router.UntilAsync(Host(space, "shop"), 403);
        await space.PatchAsync(Kinds.Space, space.Key, Ranges());
        Assert.Equal(403, (await router.GetAsync(Host(space, "shop"), Token)).Status);
        await space.PatchAsync(Kinds.Space, space.Key, Ranges("127.0.0.0/8"));
        await router.UntilAsync(Host(space, "shop"), 200);
    }

    [Fact]
    public async Task A_domain_of_two_apps_is_the_first_ones_until_that_is_gone()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await using var router = await RunningRouter.StartAsync(platform, ListenerKind.Public, null);
        var domain = $"{space.Name}.example.com";
        foreach (var app in new[] { "one", "other" })
        {
            await space.CreateAppAsync(app, spec => spec.Domains = [domain], ("web", 1));
            await router.UntilAsync(Host(space, app), 200);
        }

        // What was granted stays, also where both were created within one second and the other's uid sorts first.
        await router.UntilAsync(domain, 200, body => body.Contains("app: one\n", StringComparison.Ordinal));
        await space.DeleteAsync(Kinds.App, space.In("one"));
        await router.UntilAsync(domain, 200, body => body.Contains("app: other\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_domain_that_two_spaces_claim_is_answered_by_the_winners_router_alone()
    {
        await using var one = platform.NewSpace();
        await using var other = platform.NewSpace();
        var domain = $"{one.Name}.example.com";
        foreach (var space in new[] { one, other })
        {
            await space.StartAsync(SpaceRuntime.Private);
            await space.CreateAppAsync("shop", spec => spec.Domains = [domain], ("web", 1));
        }

        // Of two that were created in the same second the uid decides.
        var winner = await one.UntilAsync(
            "the claim is settled",
            state =>
                new[] { one, other }.Where(space => Hosts(state, space)?.Contains(domain) == true)
                    .ToList() is [var only]
                    && Hosts(state, only == one ? other : one) is not null ? only : null);
        var loser = winner == one ? other : one;
        await using var winners = await RunningRouter.StartAsync(platform, ListenerKind.Public, winner.Name);
        await using var losers = await RunningRouter.StartAsync(platform, ListenerKind.Public, loser.Name);
        await winners.UntilAsync(domain, 200);
        await losers.UntilAsync(Host(loser, "shop"), 200);
        Assert.Equal(404, (await losers.GetAsync(domain, Token)).Status);

        await winner.DeleteAsync(Kinds.App, winner.In("shop"));
        await losers.UntilAsync(domain, 200);
        await winners.UntilAsync(domain, 404);
    }

    [Fact]
    public async Task A_space_that_comes_later_is_served_and_one_that_goes_is_not()
    {
        await using var first = platform.NewSpace();
        await first.StartAsync(SpaceRuntime.Common);
        await using var router = await RunningRouter.StartAsync(platform, ListenerKind.Public, null);
        await using var second = platform.NewSpace();
        await second.StartAsync(SpaceRuntime.Common);
        await second.CreateAppAsync("shop", formation: ("web", 1));
        await router.UntilAsync(Host(second, "shop"), 200);
        await second.DeleteAsync(Kinds.Space, second.Key);
        await router.UntilAsync(Host(second, "shop"), 404);
    }

    [Fact]
    public async Task The_shared_router_may_not_read_what_it_does_not_serve()
    {
        await using var common = platform.NewSpace();
        await common.StartAsync(SpaceRuntime.Common);
        await using var closed = platform.NewSpace();
        await closed.StartAsync(SpaceRuntime.Private);
        using var api = await RunningRouter.AccountAsync(platform, ListenerKind.Public, null);
        foreach (var kind in new[] { Kinds.App, Kinds.Dyno, Kinds.EndpointSlice })
        {
            Assert.Equal(200, await AskAsync(api, kind.CollectionPath(common.Name)));
            Assert.Equal(403, await AskAsync(api, kind.CollectionPath(closed.Name)));
            Assert.Equal(403, await AskAsync(api, kind.CollectionPath(null)));
        }

        Assert.Equal(403, await AskAsync(api, Kinds.Secret.CollectionPath(common.Name)));
    }

    [Fact]
    public async Task Without_the_API_server_the_last_routes_stay()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await using var router = await RunningRouter.StartAsync(platform, ListenerKind.Public, null);
        await space.CreateAppAsync("shop", formation: ("web", 1));
        await router.UntilAsync(Host(space, "shop"), 200);
        router.Connection.Cut();
        await space.ScaleAsync("shop", ("web", 2));
        await space.AppReadyAsync("shop");
        Assert.Equal(200, (await router.GetAsync(Host(space, "shop"), Token)).Status);
        router.Connection.Restore();
        await router.UntilAsync(
            Host(space, "shop"), 200, body => body.Contains("dyno: shop.web.2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Certificates_come_from_the_Secrets_that_an_app_names_and_change_with_them()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        var domain = $"{space.Name}.example.com";
        await space.CreateAppAsync(
            "shop",
            spec =>
                (spec.Domains, spec.Tls) = ([
                    domain,
                ], new() { Secrets = [new() { Name = "shop-tls" }], Redirect = true }),
            ("web", 1));
        await using var router = await RunningRouter.StartAsync(platform, ListenerKind.Public, space.Name);
        await router.UntilAsync(domain, 301);
        var first = await TlsSecret.ApplyAsync(platform, space.In("shop-tls"), domain);
        await TlsSecret.UntilServedAsync(router, domain, first);
        var second = await TlsSecret.ApplyAsync(platform, space.In("shop-tls"), domain);
        await TlsSecret.UntilServedAsync(router, domain, second);
        await TlsSecret.BreakAsync(platform, space.In("shop-tls"));
        var third = await TlsSecret.ApplyAsync(platform, space.In("other-tls"), domain);
        await space.PatchAppAsync(
            "shop",
            new JsonObject
            {
                ["tls"] = new JsonObject
                {
                    ["secrets"] = new JsonArray(
                        new JsonObject { ["name"] = "shop-tls" }, new JsonObject { ["name"] = "other-tls" }),
                },
            });
        // The broken one left the second in force; the third lasts longer and is preferred.
        Assert.Contains(await TlsSecret.ServedAsync(router, domain), new[] { second, third });
        await TlsSecret.UntilServedAsync(router, domain, third);
    }

    private static async Task<int> AskAsync(ApiClient api, string path) =>
        (int)(await api.SendAsync(HttpMethod.Get, path, null, ApiClient.Json, ApiClient.Json, Token)).Code;

    private static List<string>? Hosts(ClusterState state, TestSpace space) =>
        (state.Find(
            Kinds.App,
            space.In("shop"))?.Content["status"]?["hosts"] as JsonArray)?.Select(host => (string)host!).ToList();

    private static string Host(TestSpace space, string app) => $"{app}.{space.Name}.{RunningRouter.BaseDomain}";

    private static JsonObject Annotation(string? word) =>
        new() { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Simulate] = word } } };

    private static JsonObject Ranges(params string[] ranges) =>
        new()
        {
            ["spec"] = new JsonObject
            {
                ["trustedIPRanges"] = new JsonArray([.. ranges.Select(range => (JsonNode)range)]),
            },
        };
}
