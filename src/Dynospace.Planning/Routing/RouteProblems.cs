using Dynospace.Api;
using Dynospace.Api.Apps;

namespace Dynospace.Planning.Routing;

/// <summary>Why an app is not routed as its spec asks, though its dynos are.</summary>
internal static class RouteProblems
{
    public static Problem? FirstOf(App app, GrantedHosts hosts, RouteFacts facts, PlatformOptions options) =>
        Lost(app, hosts, options) ?? Secrets(app, facts) ?? Issuer(app);

    /// <summary>An app of another space is not named: who its neighbours are is not a tenant's to know.</summary>
    private static Problem? Lost(App app, GrantedHosts hosts, PlatformOptions options)
    {
        if (hosts.Lost is not [var lost, ..])
        {
            return null;
        }

        var others = hosts.Hosts.Count > 0 ? $" Served: {string.Join(", ", hosts.Hosts)}." : "";
        var cause = lost switch
        {
            { IsReserved: true } => $"lies under {options.BaseDomain}, where each app has its own name and no other: remove it",
            { Owner: { } owner } when owner.Space == app.Metadata.NamespaceProperty => $"is served for the older App {owner.App}: remove it here or there",
            _ => "is served for an older App of another space: remove it, or ask the platform team",
        };
        return new(Reasons.DomainTaken, $"spec.domains {lost.Domain} {cause}.{others}");
    }

    private static Problem? Secrets(App app, RouteFacts facts)
    {
        foreach (var secret in (app.Spec.Tls?.Secrets ?? []).Select(secret => secret.Name))
        {
            if (!facts.TlsSecrets.TryGetValue(secret, out var type))
            {
                return new(
                    Reasons.SecretNotFound,
                    $"spec.tls.secrets names {secret}, but namespace {app.Metadata.NamespaceProperty} has no such Secret: create it, or remove the reference.");
            }

            if (type != RouteFacts.TlsType)
            {
                return new(Reasons.SecretNotTls, $"spec.tls.secrets names {secret}, which is of type {type}: create it anew with type {RouteFacts.TlsType}, tls.crt and tls.key.");
            }
        }

        return null;
    }

    /// <summary>Says aloud that nothing orders certificates yet, rather than let a browser say so.</summary>
    private static Problem? Issuer(App app) => app.Spec.Tls is { IssuerRef: { } issuer, Secrets: null or { Count: 0 } }
        ? new(
            Reasons.NotProvisioned,
            $"spec.tls.issuerRef names {issuer.Kind} {issuer.Name}, and this version orders no certificates itself: let a Certificate of cert-manager put one into a Secret, and name that in spec.tls.secrets.")
        : null;
}
