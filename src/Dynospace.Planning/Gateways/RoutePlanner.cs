using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Hosts;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Gateways;

/// <summary>
/// The objects of other programs that an app's routes need. The app's other objects of these kinds are deleted.
/// </summary>
public sealed record RoutePlan
{
    /// <summary>Nothing.</summary>
    public static RoutePlan None { get; } = new();

    /// <summary>
    /// The objects that restrict the routes. They are applied first, since a route must not exist without its
    /// restriction.
    /// </summary>
    public IReadOnlyList<ProviderObject> Fences { get; init; } = [];

    /// <summary>The routes.</summary>
    public IReadOnlyList<ProviderObject> Routes { get; init; } = [];

    /// <summary>The certificates to order.</summary>
    public IReadOnlyList<ProviderObject> Certificates { get; init; } = [];

    /// <summary>Why there are no routes although the spec asks for them; null if there are.</summary>
    public Problem? Withheld { get; init; }

    /// <summary>A harmless limitation: a part of the spec that the provider cannot express; null for none.</summary>
    public string? Note { get; init; }
}

/// <summary>
/// Plans the routes of an app. A route is withheld if it cannot be restricted to the sources that its space trusts.
/// </summary>
public static class RoutePlanner
{
    private const int LongestHost = 253;

    /// <summary>The routes for the hosts that an app owns; none with the built-in routers.</summary>
    public static RoutePlan Plan(
        App app, SpaceFacts space, GrantedHosts hosts, RouteFacts facts, PlatformOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var certificates = CertificatePlanner.Plan(app, hosts, facts);
        if (GatewayCatalog.For(options.Router) is not { } gateway
            || (app.Spec.InternalRouting && space.Runtime == SpaceRuntime.Common))
        {
            return RoutePlan.None with { Certificates = certificates };
        }

        var draft = new RouteDraft
        {
            App = app,
            Hosts = [.. hosts.Hosts.Where(IsHost)],
            Only = WhoMaySend(app, space),
            Options = options.Router,
        };
        return ProblemOf(draft, gateway, facts, options.Router) is { } problem
            ? new() { Certificates = certificates, Withheld = problem }
            : Build(draft, gateway) with { Certificates = certificates };
    }

    /// <summary>
    /// The sources that may send requests to an app. For internal routing these are only the peer networks: dynos of
    /// the space use its Service, and a shared gateway cannot distinguish them from dynos of other spaces.
    /// </summary>
    public static TrustedRanges? WhoMaySend(App app, SpaceFacts space)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(space);
        var ranges = app.Spec.InternalRouting ? space.Peers : space.Trusted;
        return ranges.IsEverybody ? null : ranges;
    }

    /// <summary>Why a gateway cannot serve public routes of a space; null if it can.</summary>
    /// <param name="served">The kinds that the cluster serves; null if not observed.</param>
    public static Problem? ProblemOf(Space space, IReadOnlyCollection<ProviderKind>? served, PlatformOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (GatewayCatalog.For(options.Router) is not { } gateway)
        {
            return null;
        }

        var isEverybody = TrustedRanges.FromSpace(space).IsEverybody;
        if (!isEverybody && !gateway.CanRestrict)
        {
            return Unsupported(options.Router, "spec.trustedIPRanges");
        }

        var needed = isEverybody ? [gateway.RouteKind] : gateway.Kinds;
        return needed.FirstOrDefault(kind => served?.Contains(kind) == false) is { } missing
            ? NotInstalled(missing, options.Router)
            : null;
    }

    private static RoutePlan Build(RouteDraft draft, Gateway gateway)
    {
        if (draft.Hosts.Count == 0)
        {
            return RoutePlan.None;
        }

        var (fences, routes) = gateway.Build(draft);
        return new() { Fences = fences, Routes = routes, Note = gateway.NoteOn(draft) };
    }

    private static Problem? ProblemOf(RouteDraft draft, Gateway gateway, RouteFacts facts, RouterOptions options)
    {
        if (draft.Only is not null && !gateway.CanRestrict)
        {
            return Unsupported(
                options,
                draft.App.Spec.InternalRouting
                    ? "spec.peerNetworks of the Space"
                    : "spec.trustedIPRanges of the Space");
        }

        if (gateway.KindsFor(draft).FirstOrDefault(kind => !facts.IsServed(kind)) is { } missing)
        {
            return NotInstalled(missing, options);
        }

        return draft.App.Spec.Maintenance
            ? new(
                Reasons.InMaintenance,
                $"spec.maintenance is true: with routerProvider {options.Provider} the route is withheld, and the "
                + "gateway answers as for a host it does not know.")
            : null;
    }

    private static Problem Unsupported(RouterOptions options, string field) => new(
        Reasons.TrustedIPRangesUnsupported,
        $"{field} cannot be expressed for routerProvider {options.Provider} with routerImplementation "
        + $"{options.Implementation}, so no route is created: name the implementation in the operator's options, use "
        + "the built-in router, or trust 0.0.0.0/0 and ::/0.");

    private static Problem NotInstalled(ProviderKind kind, RouterOptions options) => new(
        Reasons.ProviderNotInstalled,
        $"The cluster does not serve {kind}, or does not let the operator use it, so no route is created: install the "
        + $"program behind routerProvider {options.Provider} with routerImplementation {options.Implementation}, and "
        + "grant the chart's rights. The operator notices by itself.");

    /// <summary>
    /// Checked again although the schema does, since some programs copy the host into their configuration.
    /// </summary>
    private static bool IsHost(string host) => host.Length <= LongestHost && HostName.IsValid(host);
}
