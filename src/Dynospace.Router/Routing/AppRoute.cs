using System.Collections.Immutable;

namespace Dynospace.Router.Routing;

/// <summary>An app as the router serves it.</summary>
/// <param name="Space">The space, which is also the namespace.</param>
/// <param name="App">The app's name.</param>
/// <param name="State">Anything but <see cref="AppWebState.Running"/> is answered with its error.</param>
/// <param name="IsInMaintenance">Every request is answered with the maintenance page (H80).</param>
/// <param name="RedirectsToHttps">Plain HTTP is redirected.</param>
/// <param name="Dynos">The web dynos in rotation.</param>
public sealed record AppRoute(
    string Space, string App, AppWebState State, bool IsInMaintenance, bool RedirectsToHttps, ImmutableArray<DynoEndpoint> Dynos);
