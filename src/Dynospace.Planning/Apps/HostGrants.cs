using Dynospace.Planning.Options;
using Dynospace.Planning.Routing;

namespace Dynospace.Planning.Apps;

/// <summary>Which hosts an app has. Routers serve what its status says of them and nothing else.</summary>
internal static class HostGrants
{
    public static GrantedHosts Of(ObservedApp observed, PlatformOptions options) =>
        observed.Routes.Hosts ?? DomainClaims.Alone(DomainClaimant.Of(observed.App), options.Router.BaseDomain);

    /// <summary>
    /// Of an app whose spec is refused: what runs goes on under the hosts that it had, without those that are another's by now.
    /// </summary>
    public static IReadOnlyList<string> Kept(ObservedApp observed, PlatformOptions options) =>
        [.. Of(observed, options).Hosts.Intersect(observed.App.Status?.Hosts ?? [], StringComparer.OrdinalIgnoreCase)];
}
