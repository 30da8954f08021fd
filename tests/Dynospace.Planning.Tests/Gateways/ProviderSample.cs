using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Hosts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Gateways;

/// <summary>Options and objects for clusters that bring their own gateway.</summary>
internal static class ProviderSample
{
    /// <summary>All that make sense together; Other stands for whatever cannot be kept to ranges.</summary>
    public static readonly (RouterProvider Provider, RouterImplementation Implementation)[] Combinations =
    [
        (RouterProvider.GatewayAPI, RouterImplementation.EnvoyGateway),
        (RouterProvider.GatewayAPI, RouterImplementation.NGINXGatewayFabric),
        (RouterProvider.GatewayAPI, RouterImplementation.Traefik),
        (RouterProvider.GatewayAPI, RouterImplementation.Istio),
        (RouterProvider.GatewayAPI, RouterImplementation.Other),
        (RouterProvider.Ingress, RouterImplementation.Traefik),
        (RouterProvider.Ingress, RouterImplementation.IngressNginx),
        (RouterProvider.Ingress, RouterImplementation.Other),
    ];

    public static PlatformOptions Options(
        RouterProvider provider, RouterImplementation implementation = RouterImplementation.Other) =>
            Sample.Options with
            {
                Router = new()
                {
                    Provider = provider,
                    Implementation = implementation,
                    PublicGateway = Gateway("public"),
                    InternalGateway = Gateway("internal"),
                },
            };

    public static GatewayOptions Gateway(string name) => new()
    {
        Gateway = $"gateways/{name}",
        IngressClass = name,
        PodNamespace = "gateways",
        PodLabels = new Dictionary<string, string> { ["gateway"] = name },
    };

    public static Space Space(SpaceRuntime runtime, params string[] trusted)
    {
        var space = runtime == SpaceRuntime.Common ? Sample.Space() : Sample.ConnectedSpace(runtime);
        space.Spec.TrustedIPRanges = runtime == SpaceRuntime.Common ? null : trusted;
        return space;
    }

    public static App App(Action<AppSpec>? change = null)
    {
        var app = Sample.App("shop", (ProcessTypes.Web, 1));
        app.Metadata.CreationTimestamp = Sample.Now.UtcDateTime;
        app.Spec.Domains = ["shop.example.com"];
        change?.Invoke(app.Spec);
        return app;
    }

    public static RoutePlan Plan(App app, Space space, PlatformOptions options, RouteFacts? facts = null) =>
        RoutePlanner.Plan(
            app,
            SpaceFacts.FromSpace(space, ClusterFacts.Unknown, options),
            DomainClaims.Alone(DomainClaimant.FromApp(app), options.Router.BaseDomain),
            facts ?? RouteFacts.Unknown,
            options);

    public static IReadOnlyList<ProviderObject> Objects(RoutePlan plan) =>
        [.. plan.Fences, .. plan.Routes, .. plan.Certificates];
}
