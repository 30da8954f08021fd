using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Faults;
using Dynospace.EndToEnd.Tests.Isolation;
using Dynospace.EndToEnd.Tests.Routing;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;

namespace Dynospace.EndToEnd.Tests.Routers;

/// <summary>Requests by real packets, through routers whose pods really run.</summary>
[Collection(Alone.Name)]
public sealed class RoutersOnNodesTests(Platform platform, RoutersOnNodes routers) : IClassFixture<RoutersOnNodes>
{
    private const string Internet = "internet";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SpaceRuntime.Common)]
    [InlineData(SpaceRuntime.Private)]
    public async Task A_request_from_beyond_the_cluster_reaches_a_web_dyno_and_keeps_its_address(
        SpaceRuntime runtime)
    {
        routers.Require();
        var place = RoutedSpace.RequirePlace(Internet);
        await using var routed = new RoutedSpace(platform, runtime);
        await routed.StartAsync("shop", 2);
        using var client = new RouterClient(new PlaceCaller(place), routed.PublicAddress, RouterPorts.PublicHttp);

        await client.UntilAsync(routed.Host("shop"), 200, "dyno: web.1");
        await client.UntilAsync(routed.Host("shop"), 200, "dyno: web.2");
        await client.UntilAsync($"nobody.{routed.Host("shop")}", 404);

        var logs =
            await Task.WhenAll(routed.RouterPods(routed.Router).Select(pod => platform.Api.LogAsync(pod.Key, Token)));
        Assert.Contains($"host={routed.Host("shop")} ", string.Concat(logs), StringComparison.Ordinal);
        Assert.Contains($"fwd=\"{place.Address}\"", string.Concat(logs), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_internal_app_is_reached_by_dynos_of_its_space_and_by_peers_alone()
    {
        routers.Require();
        var (peer, internet) = (RoutedSpace.RequirePlace("peer network"), RoutedSpace.RequirePlace(Internet));
        await using var routed = new RoutedSpace(platform, SpaceRuntime.Private);
        await using var other = new RoutedSpace(platform, SpaceRuntime.Private);
        await routed.StartAsync(
            "shop",
            1,
            spec => spec.PeerNetworks =
            [
                new() { Name = "hq", Via = PeerConnection.VPN, Cidrs = [$"{peer.Address}/32"] },
            ]);
        await other.StartAsync("shop", 1);
        await routed.Space.CreateAppAsync(
            "orders",
            app =>
                (app.InternalRouting, app.Config) =
                    (true, new Dictionary<string, string> { ["GREETING"] = "of orders" }),
            ("web", 1));
        await routed.Space.AppReadyAsync("orders");
        await routed.Space.UntilAsync("the internal router has an address", _ => routed.InternalAddress);
        await routed.Space.ReadyAsync(Kinds.Space, routed.Space.Key);
        var host = routed.Host("orders");
        var (service, pod) =
            (routed.InternalAddress!, PodAddress(
                routed.RouterPods(new(RouterListener.Internal, routed.Space.Name))[0]));

        await RoutedSpace.AskUntilAsync(
            routed.Within("shop.web.1"), service, RouterPorts.PublicHttp, host, "of orders");
        await RoutedSpace.AskUntilAsync(new PlaceShell(peer), pod, RouterPorts.Http, host, "of orders");
        await RoutedSpace.AskUntilAsync(other.Within("shop.web.1"), service, RouterPorts.PublicHttp, host, "timed out");
        await RoutedSpace.AskUntilAsync(new PlaceShell(internet), pod, RouterPorts.Http, host, "timed out");

        // The public listener knows no internal app, the internal one no public one.
        using var client = new RouterClient(new PlaceCaller(internet), routed.PublicAddress, RouterPorts.PublicHttp);
        await client.UntilAsync(host, 404);
        await RoutedSpace.AskUntilAsync(
            routed.Within("shop.web.1"), service, RouterPorts.PublicHttp, routed.Host("shop"), "404");
    }

    [Fact]
    public async Task Whoever_is_not_trusted_gets_no_connection_and_from_the_routers_own_node_a_403()
    {
        routers.Require();
        var (trusted, untrusted) =
            (RoutedSpace.RequirePlace(Internet), RoutedSpace.RequirePlace("internet, elsewhere"));
        await using var routed = new RoutedSpace(platform, SpaceRuntime.Private);
        await routed.StartAsync("shop", 1, spec => spec.TrustedIPRanges = [$"{trusted.Address}/32"]);
        var (host, address) = (routed.Host("shop"), routed.PublicAddress);
        var pod = routed.RouterPods(routed.Router)[0];
        await using var node =
            await NodeShell.StartAsync(platform, routed.Space, (string)pod.Content["spec"]!["nodeName"]!);

        await RoutedSpace.AskUntilAsync(new PlaceShell(trusted), address, RouterPorts.PublicHttp, host, "dyno: web.1");
        await RoutedSpace.AskUntilAsync(new PlaceShell(untrusted), address, RouterPorts.PublicHttp, host, "timed out");
        await RoutedSpace.AskUntilAsync(
            new PlaceShell(untrusted), PodAddress(pod), RouterPorts.Http, host, "timed out");
        await RoutedSpace.AskUntilAsync(node.Shell, PodAddress(pod), RouterPorts.Http, host, "403 Forbidden");

        await TrustAsync(routed, $"{untrusted.Address}/32");
        await RoutedSpace.AskUntilAsync(
            new PlaceShell(untrusted), address, RouterPorts.PublicHttp, host, "dyno: web.1");
        await RoutedSpace.AskUntilAsync(new PlaceShell(trusted), address, RouterPorts.PublicHttp, host, "timed out");

        await TrustAsync(routed);
        await RoutedSpace.AskUntilAsync(new PlaceShell(untrusted), address, RouterPorts.PublicHttp, host, "timed out");
        Assert.Contains(
            "timed out",
            await RoutedSpace.AskAsync(new PlaceShell(trusted), address, RouterPorts.PublicHttp, host),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dynos_come_and_go_and_an_app_is_released_under_load_without_a_failed_request()
    {
        routers.Require();
        var caller = new PlaceCaller(RoutedSpace.RequirePlace(Internet));
        await using var routed = new RoutedSpace(platform, SpaceRuntime.Common);
        await routed.StartAsync("shop", 2);
        var host = routed.Host("shop");
        using var client = new RouterClient(caller, routed.PublicAddress, RouterPorts.PublicHttp);
        await client.UntilAsync(host, 200);
        await using (var load = new RequestLoad(caller, routed.PublicAddress, RouterPorts.PublicHttp, host, clients: 4))
        {
            await load.MoreAsync(100);
            await routed.Space.ScaleAsync("shop", ("web", 4));
            await routed.Space.AppReadyAsync("shop");
            await client.UntilAsync(host, 200, "dyno: web.4");
            await routed.Space.PatchAppAsync(
                "shop", new JsonObject { ["config"] = new JsonObject { ["LOG_LEVEL"] = "debug" } });
            await routed.Space.AppReadyAsync("shop");
            await load.MoreAsync(100);
            await routed.Space.ScaleAsync("shop", ("web", 1));
            await routed.Space.UntilAsync(
                "one pod is left",
                state => state.Of(Kinds.Pod, routed.Space.Name).Count(pod => pod.Label(Labels.App) == "shop") == 1
                    ? state
                    : null);
            await load.MoreAsync(100);
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{load.Count} requests, answered by {load.Answers.Count} dynos");
            Assert.Empty(load.Failures);
            Assert.Equal(4, load.Answers.Count);
        }

        await routed.Space.ScaleAsync("shop", ("web", 0));
        await client.UntilAsync(host, 503, "H14");
        await routed.Space.ScaleAsync("shop", ("web", 1));
        await client.UntilAsync(host, 200);
    }

    [Theory]
    [InlineData(SpaceRuntime.Common)]
    [InlineData(SpaceRuntime.Private)]
    public async Task Routers_are_replaced_under_load_without_a_failed_request(SpaceRuntime runtime)
    {
        routers.Require();
        var caller = new PlaceCaller(RoutedSpace.RequirePlace(Internet));
        await using var routed = new RoutedSpace(platform, runtime);
        await routed.StartAsync("shop", 2);
        await routed.Space.CreateAppAsync("slow", Slow(), null, ("web", 1));
        await routed.Space.AppReadyAsync("slow");
        using var client = new RouterClient(caller, routed.PublicAddress, RouterPorts.PublicHttp);
        await client.UntilAsync(routed.Host("shop"), 200);
        await client.UntilAsync(routed.Host("slow"), 200);
        await using var load = new RequestLoad(
            caller, routed.PublicAddress, RouterPorts.PublicHttp, routed.Host("shop"), clients: 4);
        await load.MoreAsync(100);

        var slow = Enumerable.Range(0, 4).Select(_ => client.GetAsync(routed.Host("slow"), keeps: false)).ToList();
        await routed.RestartRouterAsync(routed.Router);
        await load.MoreAsync(100);

        Assert.All(await Task.WhenAll(slow), answer => Assert.Equal((200, "slow\n"), answer));
        TestContext.Current.TestOutputHelper?.WriteLine($"{load.Count} requests and 4 long ones");
        Assert.Empty(load.Failures);
    }

    [Fact]
    public async Task A_client_is_shown_the_certificate_of_the_host_that_it_asks_for()
    {
        routers.Require();
        var caller = new PlaceCaller(RoutedSpace.RequirePlace(Internet));
        await using var routed = new RoutedSpace(platform, SpaceRuntime.Private);
        await routed.Space.StartAsync(SpaceRuntime.Private);
        var certificates = new Dictionary<string, string>();
        foreach (var app in new[] { "shop", "blog" })
        {
            var domain = $"{app}.{routed.Space.Name}.example.com";
            certificates[domain] = await TlsSecret.ApplyAsync(platform, routed.Space.In($"{app}-tls"), domain);
            await routed.Space.CreateAppAsync(
                app,
                spec =>
                    (spec.Domains, spec.Tls) = ([
                        domain,
                    ], new() { Secrets = [new() { Name = $"{app}-tls" }], Redirect = true }),
                ("web", 1));
            await routed.Space.AppReadyAsync(app);
        }

        using var client = new RouterClient(caller, routed.PublicAddress, RouterPorts.PublicHttp);
        foreach (var (domain, thumbprint) in certificates)
        {
            await client.UntilAsync(domain, 301);
            await client.UntilServedAsync(domain, RouterPorts.PublicHttps, thumbprint);
        }

        var other = await client.CertificateAsync(routed.Host("shop"), RouterPorts.PublicHttps);
        Assert.DoesNotContain(other, certificates.Values);
    }

    /// <summary>
    /// Answers after longer than a router listens on, so that requests outlive it unless they are waited for.
    /// </summary>
    private Workload Slow()
    {
        var seconds = (int)new RouterOptions().DrainLead.TotalSeconds + 8;
        var answer =
            $"while read -r line; do [ ${{#line}} -le 1 ] && break; done; busybox sleep {seconds}; printf \"HTTP/1.1 "
            + $"200 OK\\r\\nContent-Length: 5\\r\\nConnection: close\\r\\n\\r\\nslow\\n\"";
        return platform.Workloads.Runs with
        {
            Command =
            [
                "busybox",
                "sh",
                "-c",
                $"trap 'exit 0' TERM; busybox tcpsvd -c 100 -E 0.0.0.0 $PORT busybox sh -c '{answer}' & while true; "
                + $"do busybox sleep 1 & wait $!; done",
            ],
        };
    }

    private static string PodAddress(SeenObject pod) => (string)pod.Content["status"]!["podIP"]!;

    private static Task TrustAsync(RoutedSpace routed, params string[] ranges) => routed.Space.PatchAsync(
        Kinds.Space,
        routed.Space.Key,
        new()
        {
            ["spec"] = new JsonObject
            {
                ["trustedIPRanges"] = new JsonArray([.. ranges.Select(range => JsonValue.Create(range))]),
            },
        });
}
