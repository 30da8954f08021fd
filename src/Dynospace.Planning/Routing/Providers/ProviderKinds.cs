using Dynospace.Planning.Options;

namespace Dynospace.Planning.Routing.Providers;

/// <summary>The kinds that routes are made of where the cluster brings its own gateway, and certificates.</summary>
public static class ProviderKinds
{
    /// <summary>A route of the Gateway API.</summary>
    public static ProviderKind HttpRoute { get; } = new("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute");

    /// <summary>A route of an ingress controller.</summary>
    public static ProviderKind Ingress { get; } = new("networking.k8s.io", "v1", "ingresses", "Ingress");

    /// <summary>Who may send requests, for Envoy Gateway.</summary>
    public static ProviderKind SecurityPolicy { get; } = new("gateway.envoyproxy.io", "v1alpha1", "securitypolicies", "SecurityPolicy");

    /// <summary>What is done to requests on their way, for Traefik.</summary>
    public static ProviderKind Middleware { get; } = new("traefik.io", "v1alpha1", "middlewares", "Middleware");

    /// <summary>Lines of configuration, for NGINX Gateway Fabric.</summary>
    public static ProviderKind SnippetsFilter { get; } = new("gateway.nginx.org", "v1alpha1", "snippetsfilters", "SnippetsFilter");

    /// <summary>Who may send requests, for Istio.</summary>
    public static ProviderKind AuthorizationPolicy { get; } = new("security.istio.io", "v1", "authorizationpolicies", "AuthorizationPolicy");

    /// <summary>A certificate that cert-manager gets and renews.</summary>
    public static ProviderKind Certificate { get; } = new("cert-manager.io", "v1", "certificates", "Certificate");

    /// <summary>Everything that any provider may ever have made routes of: what a change of provider leaves behind is among it.</summary>
    public static IReadOnlyList<ProviderKind> OfRoutes { get; } = [HttpRoute, Ingress, SecurityPolicy, Middleware, SnippetsFilter, AuthorizationPolicy];

    /// <summary>What routes are made of, with these options.</summary>
    public static IReadOnlyList<ProviderKind> RoutesOf(RouterOptions options) =>
        [.. new[] { RouteOf(options), RestrictionOf(options) }.OfType<ProviderKind>()];

    /// <summary>The kind of routes; null where none are made.</summary>
    public static ProviderKind? RouteOf(RouterOptions options) => options.Provider switch
    {
        RouterProvider.GatewayAPI => HttpRoute,
        RouterProvider.Ingress => Ingress,
        _ => null,
    };

    /// <summary>The kind that keeps routes to ranges; null where the route itself says it, or nothing can.</summary>
    public static ProviderKind? RestrictionOf(RouterOptions options) => (options.Provider, options.Implementation) switch
    {
        (RouterProvider.GatewayAPI, RouterImplementation.EnvoyGateway) => SecurityPolicy,
        (RouterProvider.GatewayAPI, RouterImplementation.NGINXGatewayFabric) => SnippetsFilter,
        (RouterProvider.GatewayAPI, RouterImplementation.Istio) => AuthorizationPolicy,
        (RouterProvider.GatewayAPI or RouterProvider.Ingress, RouterImplementation.Traefik) => Middleware,
        _ => null,
    };
}
