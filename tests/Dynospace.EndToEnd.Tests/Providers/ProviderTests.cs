using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;
using Dynospace.Runtime;

namespace Dynospace.EndToEnd.Tests.Providers;

/// <summary>
/// Routes for a gateway that the cluster brings along: made, kept to trusted ranges, put right, withheld and taken
/// away.
/// </summary>
public sealed class ProviderTests(ProviderPlatform platform) : IClassFixture<ProviderPlatform>
{
    private static readonly ResourceKind Routes = ForeignDefinitions.Of(ProviderKinds.HttpRoute);
    private static readonly ResourceKind Policies = ForeignDefinitions.Of(EnvoyGateway.SecurityPolicy);
    private static readonly ResourceKind Denials = ForeignDefinitions.Of(Istio.AuthorizationPolicy);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_route_follows_its_app_and_whom_the_space_trusts()
    {
        await EnvoyAsync();
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private, spec => spec.TrustedIPRanges = ["198.51.100.0/24"]);
        await space.CreateAppAsync("shop", app => app.Domains = [$"shop.{space.Name}.example"], ("web", 1));

        var app = await space.AppReadyAsync("shop");
        var route = await space.ThereAsync(Routes, space.In("shop"));
        await AllowedAsync(space, "198.51.100.0/24");

        Assert.Equal(app.Uid, (string)route.Metadata["ownerReferences"]![0]!["uid"]!);
        Assert.Equal([$"shop.{space.Name}.dynospace.localhost", $"shop.{space.Name}.example"], Hosts(route));
        Assert.Equal(Hosts(route), app.Content["status"]!["hosts"]!.AsArray().Select(host => (string)host!));
        await TrustAsync(space, "203.0.113.0/24");
        await AllowedAsync(space, "203.0.113.0/24");
        await TrustAsync(space);
        await AllowedAsync(space, "");
        await TrustAsync(space, "0.0.0.0/0", "::/0");
        await space.GoneAsync(Policies, space.In("shop"));
        Assert.NotNull(platform.View.Now.Find(Routes, space.In("shop")));
        await space.DeleteAsync(Kinds.App, space.In("shop"));
        await space.GoneAsync(Routes, space.In("shop"));
    }

    [Fact]
    public async Task No_router_runs_and_the_policies_admit_the_gateways_pods()
    {
        await EnvoyAsync();
        await using var space = platform.NewSpace();

        await space.StartAsync(SpaceRuntime.Private);

        var policy = await space.ThereAsync(Kinds.Policy, space.In("router-to-web"));
        var peer = policy.Content["spec"]!["ingress"]![0]!["from"]![0]!;
        Assert.Equal("public", (string)peer["podSelector"]!["matchLabels"]!["gateway"]!);
        Assert.DoesNotContain(
            platform.View.Now.Of(Kinds.Deployment, OperatorRights.Namespace),
            deployment => deployment.Label(Labels.Space) == space.Name);
    }

    [Fact]
    public async Task A_change_of_a_route_or_its_restriction_by_hand_is_put_right()
    {
        await EnvoyAsync();
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private, spec => spec.TrustedIPRanges = ["198.51.100.0/24"]);
        await space.CreateAppAsync("shop", formation: ("web", 1));
        await space.AppReadyAsync("shop");
        await AllowedAsync(space, "198.51.100.0/24");

        await space.PatchAsync(
            Policies,
            space.In("shop"),
            new() { ["spec"] = new JsonObject { ["authorization"] = new JsonObject { ["defaultAction"] = "Allow" } } });
        await space.UntilAsync(
            "the restriction is as it was",
            state =>
                (string?)state.Find(
                    Policies, space.In("shop"))?.Content["spec"]!["authorization"]!["defaultAction"] == "Deny"
                        ? state
                        : null);
        var before = platform.View.Now.Find(Policies, space.In("shop"))!.Uid;
        await space.DeleteAsync(Policies, space.In("shop"));
        await space.UntilAsync(
            "the restriction is made again",
            state => state.Find(Policies, space.In("shop")) is { } made && made.Uid != before ? made : null);
        await space.PatchAsync(
            Routes,
            space.In("shop"),
            new() { ["spec"] = new JsonObject { ["hostnames"] = new JsonArray("elsewhere.example") } });

        await space.UntilAsync(
            "the route is as it was",
            state => state.Find(Routes, space.In("shop")) is { } route
                && Hosts(route).First() == $"shop.{space.Name}.dynospace.localhost" ? route : null);
    }

    [Fact]
    public async Task A_kind_that_is_missing_is_named_withholds_the_route_and_heals()
    {
        await EnvoyAsync();
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private, spec => spec.TrustedIPRanges = ["198.51.100.0/24"]);
        await space.CreateAppAsync("shop", formation: ("web", 1));
        await space.AppReadyAsync("shop");

        await platform.RemoveAsync(EnvoyGateway.SecurityPolicy, Token);

        var routed =
            await space.ConditionAsync(
                Kinds.App, space.In("shop"), ConditionTypes.Routed, "False", Reasons.ProviderNotInstalled);
        Assert.Contains("SecurityPolicy", routed.Message, StringComparison.Ordinal);
        await space.GoneAsync(Routes, space.In("shop"));
        await space.ConditionAsync(
            Kinds.Space, space.Key, ConditionTypes.RouterReady, "False", Reasons.ProviderNotInstalled);
        await space.ScaleAsync("shop", ("web", 2));
        await space.ThereAsync(Kinds.Dyno, space.In("shop.web.2"));
        await EnvoyAsync();

        await space.AppReadyAsync("shop");
        await space.ReadyAsync(Kinds.Space, space.Key);
        await space.ThereAsync(Routes, space.In("shop"));
        await AllowedAsync(space, "198.51.100.0/24");
    }

    [Fact]
    public async Task Where_ranges_cannot_be_said_the_route_is_withheld_and_one_that_stood_goes()
    {
        await EnvoyAsync();
        await platform.UseAsync(RouterProvider.GatewayAPI, RouterImplementation.Other);
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        await space.CreateAppAsync("shop", formation: ("web", 1));
        await space.AppReadyAsync("shop");
        await space.ThereAsync(Routes, space.In("shop"));

        await TrustAsync(space, "198.51.100.0/24");

        await space.GoneAsync(Routes, space.In("shop"));
        await space.ConditionAsync(
            Kinds.App, space.In("shop"), ConditionTypes.Routed, "False", Reasons.TrustedIPRangesUnsupported);
        await space.ConditionAsync(
            Kinds.Space, space.Key, ConditionTypes.RouterReady, "False", Reasons.TrustedIPRangesUnsupported);
        await platform.UseAsync(RouterProvider.GatewayAPI, RouterImplementation.EnvoyGateway);
        await space.AppReadyAsync("shop");
        await AllowedAsync(space, "198.51.100.0/24");
    }

    [Fact]
    public async Task A_restriction_in_another_namespace_goes_with_its_app_also_when_nobody_was_there()
    {
        await platform.InstallAsync(
            Token, ProviderKinds.HttpRoute, Istio.AuthorizationPolicy, EnvoyGateway.SecurityPolicy);
        await platform.UseAsync(RouterProvider.GatewayAPI, RouterImplementation.Istio);
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private, spec => spec.TrustedIPRanges = ["198.51.100.0/24"]);
        await space.CreateAppAsync("shop", formation: ("web", 1));
        await space.AppReadyAsync("shop");
        var denial = new ObjectKey("default", $"dynospace.{space.Name}.shop");
        var made = await space.ThereAsync(Denials, denial);
        Assert.Null(made.Metadata["ownerReferences"]);

        await platform.Operator.DisposeAsync();
        await space.DeleteAsync(Kinds.App, space.In("shop"));
        await space.GoneAsync(Kinds.App, space.In("shop"));
        await platform.UseAsync(RouterProvider.GatewayAPI, RouterImplementation.Istio);

        await space.GoneAsync(Denials, denial);
        await space.CreateAppAsync("shop", formation: ("web", 1));
        await space.AppReadyAsync("shop");
        await space.ThereAsync(Denials, denial);
        await platform.UseAsync(RouterProvider.GatewayAPI, RouterImplementation.EnvoyGateway);
        await space.GoneAsync(Denials, denial);
    }

    [Fact]
    public async Task A_change_of_provider_takes_away_what_the_former_one_led_to()
    {
        await EnvoyAsync();
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        await space.CreateAppAsync("shop", formation: ("web", 1));
        await space.AppReadyAsync("shop");
        await space.ThereAsync(Routes, space.In("shop"));
        var router = new ObjectKey(
            OperatorRights.Namespace, new RouterIdentity(RouterListener.Public, space.Name).Name);

        await platform.UseAsync(RouterProvider.Builtin, RouterImplementation.Other);

        await space.ThereAsync(Kinds.Deployment, router);
        await space.GoneAsync(Routes, space.In("shop"));
        await platform.UseAsync(RouterProvider.GatewayAPI, RouterImplementation.EnvoyGateway);
        await space.GoneAsync(Kinds.Deployment, router);
        await space.ThereAsync(Routes, space.In("shop"));
    }

    [Fact]
    public async Task A_route_of_another_owner_is_left_alone()
    {
        await EnvoyAsync();
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        await platform.Api.CreateAsync(Routes, new()
        {
            ["apiVersion"] = Routes.ApiVersion,
            ["kind"] = Routes.Kind,
            ["metadata"] = new JsonObject { ["name"] = "shop", ["namespace"] = space.Name },
            ["spec"] = new JsonObject { ["hostnames"] = new JsonArray("theirs.example") },
        }, "", Token);

        await space.CreateAppAsync("shop", formation: ("web", 1));

        await space.ConditionAsync(Kinds.App, space.In("shop"), ConditionTypes.Routed, "False", Reasons.NameTaken);
        Assert.Equal(["theirs.example"], Hosts(platform.View.Now.Find(Routes, space.In("shop"))!));
    }

    private Task EnvoyAsync() => platform.InstallAsync(Token, ProviderKinds.HttpRoute, EnvoyGateway.SecurityPolicy);

    private static IEnumerable<string> Hosts(SeenObject route) =>
        route.Content["spec"]!["hostnames"]!.AsArray().Select(host => (string)host!);

    private static Task TrustAsync(TestSpace space, params string[] ranges) => space.PatchAsync(
        Kinds.Space,
        space.Key,
        new()
        {
            ["spec"] = new JsonObject
            {
                ["trustedIPRanges"] = new JsonArray([.. ranges.Select(range => JsonValue.Create(range))]),
            },
        });

    private static Task<ClusterState> AllowedAsync(TestSpace space, string ranges) =>
        space.UntilAsync($"the route admits '{ranges}'", state =>
        {
            var authorization = state.Find(Policies, space.In("shop"))?.Content["spec"]!["authorization"];
            var allowed =
                (authorization?["rules"] as JsonArray
                    ?? []).SelectMany(rule => rule!["principal"]!["clientCIDRs"]!.AsArray())
                        .Select(range => (string)range!);
            return (string?)authorization?["defaultAction"] == "Deny" && string.Join(',', allowed) == ranges
                ? state
                : null;
        });
}
