using Dynospace.Api;
using Dynospace.Api.Spaces;

namespace Dynospace.Planning.Routing;

/// <summary>Whether the cluster's own gateway can keep out whom a space does not trust. Where it cannot, nothing is opened.</summary>
public static class RouteSupport
{
    /// <summary>Why no public route of a space is made; null when routes are made.</summary>
    public static Problem? ProblemOf(Space space, PlatformOptions options)
    {
        var trusted = TrustedRanges.Of(space);
        return trusted.IsEverybody || CanExpress(options.Router)
            ? null
            : new(
                Reasons.TrustedIPRangesUnsupported,
                $"spec.trustedIPRanges cannot be expressed for routerProvider {options.Router.Provider} with routerImplementation {options.Router.Implementation}, so no public route is made: "
                + "name the implementation in the operator's options, use the built-in router, or trust 0.0.0.0/0 and ::/0.");
    }

    /// <summary>Whether a route of this provider and implementation can be kept to ranges.</summary>
    public static bool CanExpress(RouterOptions options) => (options.Provider, options.Implementation) switch
    {
        (RouterProvider.Builtin, _) => true,
        (RouterProvider.GatewayAPI, RouterImplementation.EnvoyGateway or RouterImplementation.Traefik) => true,
        (RouterProvider.Ingress, RouterImplementation.Traefik) => true,
        _ => false,
    };
}
