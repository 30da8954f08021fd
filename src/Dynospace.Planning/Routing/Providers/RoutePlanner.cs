using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Hosts;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Routing.Providers;

/// <summary>Decides about the routes of an app. Withholds what could not be kept to those whom its space trusts.</summary>
public static class RoutePlanner
{
    private const int LongestHost = 253;

    /// <summary>The routes for the hosts that an app owns; none with the platform's own routers, which need none.</summary>
    public static RoutePlan Plan(App app, SpaceFacts space, GrantedHosts hosts, RouteFacts facts, PlatformOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var certificates = CertificatePlanner.Plan(app, hosts, facts);
        if (!options.Router.IsForeign || (app.Spec.InternalRouting && space.Runtime == SpaceRuntime.Common))
        {
            return RoutePlan.None with { Certificates = certificates };
        }

        var only = WhoMaySend(app, space);
        var draft = new RouteDraft { App = app, Hosts = [.. hosts.Hosts.Where(IsHost)], Only = only, Options = options.Router };
        return ProblemOf(draft, facts, options.Router) is { } problem
            ? new() { Certificates = certificates, Withheld = problem }
            : Build(draft) with { Certificates = certificates };
    }

    /// <summary>
    /// To an app with internal routing, the connected networks alone: dynos of the space have its Service, and those of other spaces cannot
    /// be told from them where all spaces share a gateway.
    /// </summary>
    public static TrustedRanges? WhoMaySend(App app, SpaceFacts space)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(space);
        var ranges = app.Spec.InternalRouting ? space.Peers : space.Trusted;
        return ranges.IsEverybody ? null : ranges;
    }

    private static RoutePlan Build(RouteDraft draft)
    {
        if (draft.Hosts.Count == 0)
        {
            return RoutePlan.None;
        }

        var restriction = draft.Only is null ? null : RestrictionBuilder.Build(draft, HttpRouteBuilder.Names(draft));
        IEnumerable<ProviderObject> routes = draft.Options.Provider == RouterProvider.GatewayAPI
            ? HttpRouteBuilder.Build(draft, restriction)
            : [IngressBuilder.Build(draft, restriction)];
        return new()
        {
            Fences = [.. new[] { restriction?.Object, IngressBuilder.Redirect(draft) }.OfType<ProviderObject>()],
            Routes = [.. routes],
            Note = NoteOf(draft),
        };
    }

    private static Problem? ProblemOf(RouteDraft draft, RouteFacts facts, RouterOptions options)
    {
        if (draft.Only is not null && !RouteSupport.CanExpress(options))
        {
            return RouteSupport.Unsupported(options, draft.App.Spec.InternalRouting ? "spec.peerNetworks of the Space" : "spec.trustedIPRanges of the Space");
        }

        var needed = new[] { ProviderKinds.RouteOf(options), draft.Only is null ? null : ProviderKinds.RestrictionOf(options), IngressBuilder.Redirect(draft)?.Type };
        return needed.OfType<ProviderKind>().FirstOrDefault(kind => !facts.IsServed(kind)) is { } missing
            ? RouteSupport.NotInstalled(missing, options)
            : draft.App.Spec.Maintenance
                ? new(Reasons.InMaintenance, $"spec.maintenance is true: with routerProvider {options.Provider} the route is withheld, and the gateway answers as for a host it does not know.")
                : null;
    }

    private static string? NoteOf(RouteDraft draft) => draft switch
    {
        { Options.Provider: RouterProvider.GatewayAPI } when TlsNames.SecretsOf(draft.App).Count > 0 =>
            "The certificates that are shown are those of the Gateway's listeners; whoever runs it can add those of spec.tls.",
        { Options: { Provider: RouterProvider.Ingress, Implementation: not (RouterImplementation.Traefik or RouterImplementation.IngressNginx) }, Redirects: true } =>
            "spec.tls.redirect cannot be expressed for this ingress controller.",
        _ => null,
    };

    /// <summary>The schema says so too; but what is a route to one program is a line of configuration to another.</summary>
    private static bool IsHost(string host) => host.Length <= LongestHost && HostName.IsValid(host);
}
