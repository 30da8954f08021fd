using Dynospace.Api.Apps;

namespace Dynospace.Planning.Routers;

/// <summary>The observed state of a router.</summary>
/// <param name="Router">The router.</param>
public sealed record RouterState(RouterIdentity Router)
{
    /// <summary>Whether its Deployment and its Service exist.</summary>
    public bool Exists { get; init; }

    /// <summary>The reason why it cannot be created, as far as the caches show it; null if there is none.</summary>
    public Problem? Obstacle { get; init; }

    /// <summary>The desired number of pods.</summary>
    public int Desired { get; init; }

    /// <summary>The number of available pods.</summary>
    public int Available { get; init; }

    /// <summary>The problem that the Deployment's status reports; null if there is none.</summary>
    public string? Trouble { get; init; }

    /// <summary>Whether its Service waits for a load balancer's address.</summary>
    public bool AwaitsAddress { get; init; }

    /// <summary>The addresses of its Service.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];
}

/// <summary>The facts of an app that routers need.</summary>
/// <param name="Name">The app's name.</param>
/// <param name="InternalRouting">Whether the internal listener serves it.</param>
/// <param name="TlsSecrets">The Secrets of its certificates, in its namespace.</param>
public sealed record RoutedApp(string Name, bool InternalRouting, IReadOnlyList<string> TlsSecrets)
{
    /// <summary>The facts of an App.</summary>
    public static RoutedApp FromApp(App app) =>
        new(app.Metadata.Name, app.Spec.InternalRouting, TlsNames.SecretsOf(app));
}
