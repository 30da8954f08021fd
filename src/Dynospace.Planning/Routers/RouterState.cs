using Dynospace.Api.Apps;

namespace Dynospace.Planning.Routers;

/// <summary>What was observed of a router.</summary>
/// <param name="Router">Which router.</param>
public sealed record RouterState(RouterIdentity Router)
{
    /// <summary>Whether its Deployment and its Service exist.</summary>
    public bool Exists { get; init; }

    /// <summary>What keeps it from being created, as far as the caches show it; null for nothing.</summary>
    public Problem? Obstacle { get; init; }

    /// <summary>The pods that it must have.</summary>
    public int Desired { get; init; }

    /// <summary>The pods that serve.</summary>
    public int Available { get; init; }

    /// <summary>What the Deployment's controller says is wrong; null for nothing.</summary>
    public string? Trouble { get; init; }

    /// <summary>Whether its Service waits for a load balancer's address.</summary>
    public bool AwaitsAddress { get; init; }

    /// <summary>The addresses of its Service.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];
}

/// <summary>What routers need to know of an app.</summary>
/// <param name="Name">The app's name.</param>
/// <param name="InternalRouting">Which listener serves it.</param>
/// <param name="TlsSecrets">The Secrets of its certificates, in its namespace.</param>
public sealed record RoutedApp(string Name, bool InternalRouting, IReadOnlyList<string> TlsSecrets)
{
    /// <summary>What is of interest of an App.</summary>
    public static RoutedApp FromApp(App app) =>
        new(app.Metadata.Name, app.Spec.InternalRouting, TlsNames.SecretsOf(app));
}
