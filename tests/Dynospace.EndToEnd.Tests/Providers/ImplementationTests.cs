using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Options;

namespace Dynospace.EndToEnd.Tests.Providers;

/// <summary>
/// What the operator makes for each gateway is taken by the API server: with DYNOSPACE_TEST_DEFINITIONS, under the
/// gateways' own schemas.
/// </summary>
public sealed class ImplementationTests(ProviderPlatform platform) : IClassFixture<ProviderPlatform>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(RouterProvider.GatewayAPI, RouterImplementation.EnvoyGateway)]
    [InlineData(RouterProvider.GatewayAPI, RouterImplementation.NGINXGatewayFabric)]
    [InlineData(RouterProvider.GatewayAPI, RouterImplementation.Traefik)]
    [InlineData(RouterProvider.GatewayAPI, RouterImplementation.Istio)]
    [InlineData(RouterProvider.Ingress, RouterImplementation.IngressNginx)]
    [InlineData(RouterProvider.Ingress, RouterImplementation.Traefik)]
    public async Task Every_object_of_an_implementation_is_taken(
        RouterProvider provider, RouterImplementation implementation)
    {
        var options = new RouterOptions { Provider = provider, Implementation = implementation };
        var gateway = GatewayCatalog.For(options)!;
        var routes = ForeignDefinitions.Of(gateway.RouteKind);
        await platform.InstallAsync(Token, [.. gateway.Kinds, ProviderKinds.Certificate]);
        await platform.UseAsync(provider, implementation);
        await using var space = platform.NewSpace();

        await space.StartAsync(SpaceRuntime.Private, spec =>
        {
            spec.TrustedIPRanges = ["198.51.100.0/24", "2001:db8:100::/48"];
            spec.PeerNetworks = [new() { Name = "office", Cidrs = ["10.40.0.0/16"] }];
        });
        await space.CreateAppAsync("shop", formation: ("web", 1), change: app =>
        {
            app.Domains = [$"shop.{space.Name}.example"];
            app.Tls = new() { Redirect = true, IssuerRef = new() { Name = "letsencrypt" } };
        });
        await space.CreateAppAsync("books", app => app.InternalRouting = true, ("web", 1));

        await space.AppReadyAsync("books");
        await space.ThereAsync(routes, space.In("books"));
        await space.ThereAsync(routes, space.In("shop"));
        await space.ThereAsync(ForeignDefinitions.Of(ProviderKinds.Certificate), space.In("shop--tls"));
        await SaysAsync(space, options, "198.51.100.0/24");
        await space.PatchAsync(
            Kinds.Space, space.Key, new() { ["spec"] = new JsonObject { ["trustedIPRanges"] = new JsonArray() } });
        await space.UntilAsync(
            "nobody is admitted any more",
            state => Restriction(state, space, options) is { } text
                && !text.Contains("198.51.100.0/24", StringComparison.Ordinal) ? state : null);
        await space.ThereAsync(routes, space.In("shop"));
    }

    private static Task<ClusterState> SaysAsync(TestSpace space, RouterOptions options, string range) =>
        space.UntilAsync(
            $"the route is kept to {range}",
            state => Restriction(state, space, options)?.Contains(range, StringComparison.Ordinal) == true
                ? state
                : null);

    /// <summary>All that keeps the routes of the public app to ranges; null where nothing does.</summary>
    private static string? Restriction(ClusterState state, TestSpace space, RouterOptions options)
    {
        var found = state
            .All(ForeignDefinitions.Of(GatewayCatalog.For(options)!.Kinds[^1]))
            .Where(seen => seen.Label(Labels.Space) == space.Name && seen.Label(Labels.App) == "shop")
            .Select(seen => seen.Content.ToJsonString())
            .ToList();
        return found.Count == 0 ? null : string.Join('\n', found);
    }
}
