using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routing.Providers;

namespace Dynospace.Planning.Routing;

/// <summary>Whether the cluster's own gateway can keep out whom a space does not trust. Where it cannot, nothing is opened.</summary>
public static class RouteSupport
{
    /// <summary>Why no public route of a space is made; null when routes are made.</summary>
    /// <param name="served">The kinds that the cluster serves; null when nobody looked.</param>
    public static Problem? ProblemOf(Space space, IReadOnlyCollection<ProviderKind>? served, PlatformOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var isEverybody = TrustedRanges.Of(space).IsEverybody;
        if (!isEverybody && !CanExpress(options.Router))
        {
            return Unsupported(options.Router, "spec.trustedIPRanges");
        }

        ProviderKind?[] needed = [ProviderKinds.RouteOf(options.Router), isEverybody ? null : ProviderKinds.RestrictionOf(options.Router)];
        return needed.OfType<ProviderKind>().FirstOrDefault(kind => served?.Contains(kind) == false) is { } missing
            ? NotInstalled(missing, options.Router)
            : null;
    }

    /// <summary>Whether a route of this provider and implementation can be kept to ranges.</summary>
    public static bool CanExpress(RouterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return (options.Provider, options.Implementation) switch
        {
            (RouterProvider.Builtin, _) => true,
            (RouterProvider.GatewayAPI, RouterImplementation.EnvoyGateway or RouterImplementation.NGINXGatewayFabric or RouterImplementation.Traefik or RouterImplementation.Istio) => true,
            (RouterProvider.Ingress, RouterImplementation.Traefik or RouterImplementation.IngressNginx) => true,
            _ => false,
        };
    }

    internal static Problem Unsupported(RouterOptions options, string field) => new(
        Reasons.TrustedIPRangesUnsupported,
        $"{field} cannot be expressed for routerProvider {options.Provider} with routerImplementation {options.Implementation}, so no route is made: "
        + "name the implementation in the operator's options, use the built-in router, or trust 0.0.0.0/0 and ::/0.");

    internal static Problem NotInstalled(ProviderKind kind, RouterOptions options) => new(
        Reasons.ProviderNotInstalled,
        $"The cluster serves no {kind}, or does not let the operator use it, so no route is made: install what routerProvider {options.Provider} "
        + $"with routerImplementation {options.Implementation} stands for, and grant the chart's rights. It is then noticed by itself.");
}
