using Dynospace.Planning.Options;
using Dynospace.Planning.Routing.Providers;

namespace Dynospace.Planning.Apps;

/// <summary>What of an app is routed.</summary>
internal static class AppRouting
{
    /// <summary>An app that is refused goes on as it is, and so do its routes, as its space now says. Whose space is unknown or goes has none.</summary>
    public static RoutePlan PlanRefused(ObservedApp observed, PlatformOptions options)
    {
        var (app, service) = (observed.App, AppNames.WebService(observed.App.Metadata.Name));
        return observed.Space is { IsDeleting: false } space && observed.Services.Any(found => found.Name == service && found.OwnerUid == app.Metadata.Uid)
            ? RoutePlanner.Plan(app, space, HostGrants.Of(observed, options), observed.Routes, options)
            : RoutePlan.None;
    }
}
