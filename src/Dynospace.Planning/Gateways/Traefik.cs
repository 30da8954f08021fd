using System.Text.Json.Nodes;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Gateways;

// Traefik implements both APIs. With both, a Middleware restricts; for an Ingress another one redirects.

/// <summary>Traefik as an implementation of the Gateway API.</summary>
internal sealed class TraefikGateway() : GatewayApi(RouterImplementation.Traefik)
{
    public override ProviderKind RestrictionKind => TraefikMiddleware.Kind;

    public override bool CanRestrict => true;

    protected override Treatment Restrict(RouteDraft draft, IReadOnlyList<string> routes) =>
        ByFilter(TraefikMiddleware.AllowList(draft));
}

/// <summary>Traefik as an ingress controller.</summary>
internal sealed class TraefikIngress() : IngressController(RouterImplementation.Traefik)
{
    public override ProviderKind RestrictionKind => TraefikMiddleware.Kind;

    public override bool CanRestrict => true;

    protected override Treatment Restrict(RouteDraft draft) => ByAnnotation(TraefikMiddleware.AllowList(draft));

    protected override Treatment? Redirect(RouteDraft draft) =>
        draft.Redirects ? ByAnnotation(TraefikMiddleware.Redirect(draft)) : null;

    private static Treatment ByAnnotation(ProviderObject middleware) => new()
    {
        Object = middleware,
        Annotations = new Dictionary<string, string>
        {
            ["traefik.ingress.kubernetes.io/router.middlewares"] =
                $"{middleware.Metadata.NamespaceProperty}-{middleware.Metadata.Name}@kubernetescrd",
        },
    };
}

internal static class TraefikMiddleware
{
    public static ProviderKind Kind { get; } = new("traefik.io", "v1alpha1", "middlewares", "Middleware");

    public static ProviderObject AllowList(RouteDraft draft) => new(
        Kind,
        draft.Metadata(draft.Unmistakable("trusted")),
        new() { ["ipAllowList"] = new JsonObject { ["sourceRange"] = RouteDraft.Texts(draft.RangesOrNobody) } });

    public static ProviderObject Redirect(RouteDraft draft) => new(
        Kind,
        draft.Metadata(draft.Unmistakable("redirect")),
        new() { ["redirectScheme"] = new JsonObject { ["scheme"] = "https", ["permanent"] = true } });
}
