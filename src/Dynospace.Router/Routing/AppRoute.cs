using System.Collections.Immutable;
using System.Net;

namespace Dynospace.Router.Routing;

/// <summary>An app as the router serves it.</summary>
/// <param name="Space">The space, which is also the namespace.</param>
/// <param name="App">The app's name.</param>
/// <param name="State">Any state but <see cref="AppWebState.Running"/> is answered with its error.</param>
/// <param name="IsInMaintenance">Every request is answered with the maintenance page (H80).</param>
/// <param name="RedirectsToHttps">Plain HTTP is redirected.</param>
/// <param name="Dynos">The web dynos in rotation.</param>
public sealed record AppRoute(
    string Space, string App, AppWebState State, bool IsInMaintenance, bool RedirectsToHttps,
    ImmutableArray<DynoEndpoint> Dynos);

/// <summary>Whether an app's web dynos can take requests, and why not.</summary>
public enum AppWebState
{
    /// <summary>At least one web dyno listens.</summary>
    Running,

    /// <summary>The formation has no web dyno (H14).</summary>
    NoWebDynos,

    /// <summary>Every web dyno has crashed (H10).</summary>
    Crashed,

    /// <summary>No web dyno listens yet (H20 if none does in time).</summary>
    Booting,

    /// <summary>The app has no release yet (H81).</summary>
    Blank,
}

/// <summary>
/// Where a web dyno listens. Equal values mean the same dyno, whose connections are kept across snapshots.
/// </summary>
/// <param name="Dyno">The name in the log line, <c>web.1</c>.</param>
/// <param name="PodName">The pod, so that a replaced dyno is a different one even at the same address.</param>
/// <param name="Address">The pod's address and <c>$PORT</c>.</param>
public sealed record DynoEndpoint(string Dyno, string PodName, IPEndPoint Address);
