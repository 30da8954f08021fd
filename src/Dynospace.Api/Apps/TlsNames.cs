namespace Dynospace.Api.Apps;

/// <summary>Names of what an app's certificates come from.</summary>
public static class TlsNames
{
    /// <summary>The Secrets that an App's certificates come from, as its spec names them.</summary>
    public static IReadOnlyList<string> SecretsOf(App app) => [.. (app.Spec.Tls?.Secrets ?? []).Select(secret => secret.Name)];
}
