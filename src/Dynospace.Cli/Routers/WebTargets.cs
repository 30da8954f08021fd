using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.Cli.Platform;
using Dynospace.Planning.Hosts;
using Dynospace.Router.Cluster;
using Dynospace.Runtime;

namespace Dynospace.Cli.Routers;

/// <summary>Pure: which router serves which app.</summary>
public static class WebTargets
{
    /// <summary>Apps whose router is running, by space and name.</summary>
    public static IReadOnlyList<WebTarget> FromState(PlatformState state, IReadOnlyList<DevRouterAddress> routers) =>
    [
        .. Routed(state)
            .Select(app => (app.App, Router: routers.FirstOrDefault(router => router.Scope == app.Scope)))
            .Where(app => app.Router is not null)
            .Select(app => new WebTarget(
                new ObjectKey(app.App.Metadata.NamespaceProperty, app.App.Metadata.Name),
                GeneratedHost.ForApp(app.App.Metadata.Name, app.App.Metadata.NamespaceProperty, app.Router!.BaseDomain),
                app.Router.Http)),
    ];

    /// <summary>Apps whose router does not run yet.</summary>
    public static IReadOnlyList<string> Missing(PlatformState state, IReadOnlyList<DevRouterAddress> routers) =>
    [
        .. Routed(state)
            .Where(app => routers.All(router => router.Scope != app.Scope))
            .Select(
                app =>
                    $"App {app.App.Metadata.NamespaceProperty}/{app.App.Metadata.Name}: its router does not run yet"),
    ];

    private static IEnumerable<(App App, RouterScope Scope)> Routed(PlatformState state)
    {
        var runtimes = state.Spaces.ToDictionary(
            space => space.Metadata.Name, space => space.Spec.Runtime, StringComparer.Ordinal);
        return state.Apps
            .Where(HasWebDynos)
            .Where(app => runtimes.ContainsKey(app.Metadata.NamespaceProperty))
            .OrderBy(app => app.Metadata.NamespaceProperty, StringComparer.Ordinal)
            .ThenBy(app => app.Metadata.Name, StringComparer.Ordinal)
            .Select(app => (app, ScopeOf(app, runtimes[app.Metadata.NamespaceProperty])));
    }

    private static RouterScope ScopeOf(App app, SpaceRuntime runtime) => new(
        app.Spec.InternalRouting ? ListenerKind.Internal : ListenerKind.Public,
        runtime == SpaceRuntime.Common ? null : app.Metadata.NamespaceProperty);

    private static bool HasWebDynos(App app) =>
        app.Spec.Processes?.FirstOrDefault(process => process.Type == ProcessTypes.Web) is { } web
        && (app.Spec.Replicas ?? web.Quantity) > 0;
}

/// <summary>An app with web dynos and the router that serves it.</summary>
public sealed record WebTarget(ObjectKey App, string Host, Uri Router)
{
    /// <summary>Ready to paste.</summary>
    public override string ToString() => $"curl -H 'Host: {Host}' {Router}";
}

/// <summary>Asks each app for its page through its router.</summary>
public static class RouteProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The apps that do not answer as they should, with their answers.</summary>
    public static async Task<IReadOnlyList<string>> ProblemsAsync(
        IReadOnlyList<WebTarget> targets, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            Timeout = Patience,
        };
        var problems = await Task.WhenAll(targets.Select(target => ProblemAsync(client, target, cancellationToken)));
        return [.. problems.OfType<string>()];
    }

    private static async Task<string?> ProblemAsync(
        HttpClient client, WebTarget target, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, target.Router)
            {
                Headers = { Host = target.Host },
            };
            using var response =
                await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var status = (int)response.StatusCode;

            // A redirect to HTTPS is a valid answer: the app asked for it.
            return status < 400 ? null : $"App {target.App}: its router answers {status}";
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException
            && !cancellationToken.IsCancellationRequested)
        {
            return $"App {target.App}: its router does not answer: {e.Message}";
        }
    }
}
