using Dynospace.Planning.Facts;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Hosts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;

namespace Dynospace.Planning.Apps;

/// <summary>How requests reach an app.</summary>
internal sealed record AppRouting
{
    /// <summary>The hosts that status grants to the app; our own routers serve those and nothing else.</summary>
    public IReadOnlyList<string> Hosts { get; private init; } = [];

    /// <summary>The routes of the cluster's own gateway.</summary>
    public RoutePlan Routes { get; private init; } = RoutePlan.None;

    /// <summary>Why part of what the spec asks for is not routed; null when all is.</summary>
    public Problem? Problem { get; private init; }

    /// <param name="hasService">Whether the app has a Service for its web dynos.</param>
    public static AppRouting Plan(
        ObservedApp observed,
        SpaceFacts space,
        IReadOnlyList<DesiredProcess> formation,
        bool hasService,
        PlatformOptions options)
    {
        var granted = Granted(observed, options);
        if (!hasService)
        {
            // An app without web processes keeps its hosts on our own routers, which answer that it has no web dyno.
            var isAnswered = !Formation.HasWeb(formation) && !options.Router.IsForeign;
            return new()
            {
                Hosts = isAnswered ? granted.Hosts : [],
                Problem = Formation.HasWeb(formation) ? null : RouteProblems.Lost(observed.App, granted, options),
            };
        }

        var routes = RoutePlanner.Plan(observed.App, space, granted, observed.Routes, options);
        return new()
        {
            Hosts = routes.Withheld is null ? granted.Hosts : [],
            Routes = routes,
            Problem = routes.Withheld
                ?? RouterProblemOf(observed, space)
                ?? RouteProblems.FirstOf(observed.App, granted, observed.Routes, options),
        };
    }

    /// <summary>
    /// An app whose spec is refused keeps its hosts, except those that another app has by now, and the routes that its
    /// space now allows. Without a space, or in one that is being deleted, it has none.
    /// </summary>
    public static AppRouting PlanRefused(ObservedApp observed, PlatformOptions options)
    {
        if (observed.Space is not { } space)
        {
            return new();
        }

        var app = observed.App;
        var granted = Granted(observed, options);
        var service = AppNames.WebService(app.Metadata.Name);
        var hasService = observed.Services.Any(found => found.Name == service && found.OwnerUid == app.Metadata.Uid);
        return new()
        {
            Hosts = [.. granted.Hosts.Intersect(app.Status?.Hosts ?? [], StringComparer.OrdinalIgnoreCase)],
            Routes = hasService && !space.IsDeleting
                ? RoutePlanner.Plan(app, space, granted, observed.Routes, options)
                : RoutePlan.None,
            Problem = RouterProblemOf(observed, space),
        };
    }

    /// <summary>Why the space's router does not serve the app, independently of the app itself.</summary>
    private static Problem? RouterProblemOf(ObservedApp observed, SpaceFacts space)
    {
        var listener = observed.App.Spec.InternalRouting ? RouterListener.Internal : RouterListener.Public;
        return space.RouterProblem is { } problem && RouterConditions.Concerns(problem, listener) ? problem : null;
    }

    private static GrantedHosts Granted(ObservedApp observed, PlatformOptions options) =>
        observed.Routes.Hosts ?? DomainClaims.Alone(DomainClaimant.FromApp(observed.App), options.Router.BaseDomain);
}
