using Dynospace.Cli.Dev.Routers;

namespace Dynospace.Cli.Display;

/// <summary>What is to be said of the web side: the routers that serve, and the apps that can be asked.</summary>
internal sealed record WebView(IReadOnlyList<DevRouterAddress> Routers, IReadOnlyList<WebTarget> Targets)
{
    public static WebView Empty { get; } = new([], []);
}
