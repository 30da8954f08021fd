using Dynospace.Api.Apps;

namespace Dynospace.Planning.Routers;

/// <summary>What routers need to know of an app.</summary>
/// <param name="Name">The app's name.</param>
/// <param name="InternalRouting">Which listener serves it.</param>
/// <param name="TlsSecrets">The Secrets of its certificates, in its namespace.</param>
public sealed record RoutedApp(string Name, bool InternalRouting, IReadOnlyList<string> TlsSecrets)
{
    /// <summary>What is of interest of an App.</summary>
    public static RoutedApp Of(App app) => new(app.Metadata.Name, app.Spec.InternalRouting, TlsNames.SecretsOf(app));
}
