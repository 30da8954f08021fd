namespace Dynospace.Api.Apps;

/// <summary>Names of what an app's certificates are made of.</summary>
public static class TlsNames
{
    /// <summary>The Secret that a certificate which was ordered from an issuer is put into. No process type's Service can share the name.</summary>
    public static string IssuedSecret(string app) => $"{app}--tls";

    /// <summary>The Secrets that an App's certificates come from, as its spec names them.</summary>
    public static IReadOnlyList<string> SecretsOf(App app)
    {
        var names = (app.Spec.Tls?.Secrets ?? []).Select(secret => secret.Name);
        return [.. app.Spec.Tls?.IssuerRef is null ? names : names.Append(IssuedSecret(app.Metadata.Name))];
    }
}
