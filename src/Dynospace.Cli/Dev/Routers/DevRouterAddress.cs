using Dynospace.Router.Cluster;

namespace Dynospace.Cli.Dev.Routers;

/// <summary>Where a router of the dev cluster is found.</summary>
internal sealed record DevRouterAddress(RouterScope Scope, string BaseDomain, Uri Http, Uri Https)
{
    /// <summary>As people call it.</summary>
    public string Name => (Scope.Space, Scope.Listener) switch
    {
        (null, _) => "router of the Common spaces",
        (var space, ListenerKind.Public) => $"router of {space}",
        var (space, _) => $"internal router of {space}",
    };

    public override string ToString() => $"{Name}: {Http.ToString().TrimEnd('/')} and {Https.ToString().TrimEnd('/')}";
}
