namespace Dynospace.Api.Apps;

/// <summary>Names of what an app's certificates come from.</summary>
public static class TlsNames
{
    /// <summary>The Secrets that an App's certificates come from: those that its spec names, then the one that its issuer fills.</summary>
    public static IReadOnlyList<string> SecretsOf(App app)
    {
        var named = (app.Spec.Tls?.Secrets ?? []).Select(secret => secret.Name);
        return [.. app.Spec.Tls?.IssuerRef is null ? named : named.Append(Issued(app)).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The Certificate that is ordered of an App's issuer, and the Secret that it fills. No app's name has a double hyphen.</summary>
    public static string Issued(App app) => $"{app.Metadata.Name}--tls";
}
