using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Planning.Hosts;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Gateways;

/// <summary>The problems of an app's routes that do not concern its dynos.</summary>
public static class RouteProblems
{
    /// <summary>The maximum number of causes in a condition's message. One cause may cover many domains.</summary>
    private const int NamedCauses = 5;

    /// <summary>The most severe problem of an app's routes; null if there is none.</summary>
    public static Problem? FirstOf(App app, GrantedHosts hosts, RouteFacts facts, PlatformOptions options) =>
        Lost(app, hosts, options) ?? Secrets(app, facts) ?? Issuer(app, hosts, facts) ?? Refusal(facts, options);

    private static Problem? Refusal(RouteFacts facts, PlatformOptions options) =>
        options.Router.IsForeign && facts.RouteRefusal is { } refusal
            ? new(Reasons.RouteRefused, $"The gateway does not accept the route: {refusal}")
            : null;

    /// <summary>
    /// All refused domains with their causes. An app of another space is not named, since tenants must not learn about
    /// each other.
    /// </summary>
    public static Problem? Lost(App app, GrantedHosts hosts, PlatformOptions options)
    {
        if (hosts.Lost.Count == 0)
        {
            return null;
        }

        var causes = hosts.Lost
            .GroupBy(lost => CauseOf(app, lost, options))
            .Select(group => $"spec.domains {string.Join(", ", group.Select(lost => lost.Domain))} {group.Key}")
            .ToList();
        var named = string.Join("; ", causes.Take(NamedCauses));
        var more = causes.Count > NamedCauses ? $"; and more for {causes.Count - NamedCauses} other causes" : "";
        var others = hosts.Hosts.Count > 0 ? $" Served: {string.Join(", ", hosts.Hosts)}." : "";
        var reason = hosts.Lost.All(lost => lost.Failure is not null) ? Reasons.ApplyFailed
            : hosts.Lost.All(lost => lost.FreeAt is not null) ? Reasons.DomainVacant
            : Reasons.DomainTaken;
        return new(reason, $"{named}{more}.{others}");
    }

    private static string CauseOf(App app, LostDomain lost, PlatformOptions options) => lost switch
    {
        { Failure: { } failure } =>
            $"cannot be granted, since namespace {options.Cluster.SystemNamespace} does not take the record: "
            + failure.TrimEnd('.'),
        { FreeAt: { } time } => string.Create(
            CultureInfo.InvariantCulture,
            $"was granted to an App that is gone, and becomes free at "
            + $"{time.ToUniversalTime():yyyy-MM-dd'T'HH:mm:ss'Z'} unless it comes back"),
        { IsReserved: true } =>
            $"lies under {options.Router.BaseDomain}, where each app has its own name and no other: remove it",
        { Holder: { } holder } when holder.Space == app.Metadata.NamespaceProperty =>
            $"is granted to App {holder.App}: remove it here or there",
        _ => "is granted to an App of another space: remove it, or ask the platform team",
    };

    private static Problem? Secrets(App app, RouteFacts facts)
    {
        foreach (var secret in (app.Spec.Tls?.Secrets ?? []).Select(secret => secret.Name))
        {
            if (!facts.TlsSecrets.TryGetValue(secret, out var type))
            {
                return new(
                    Reasons.SecretNotFound,
                    $"spec.tls.secrets names {secret}, but namespace {app.Metadata.NamespaceProperty} has no such "
                    + "Secret: create it, or remove the reference.");
            }

            if (type != RouteFacts.TlsType)
            {
                return new(
                    Reasons.SecretNotTls,
                    $"spec.tls.secrets names {secret}, which is of type {type}: recreate it with type "
                    + $"{RouteFacts.TlsType}, tls.crt and tls.key.");
            }
        }

        return null;
    }

    /// <summary>
    /// The problem of a missing certificate of the issuer. Without an issuer, the Secrets of the spec suffice.
    /// </summary>
    private static Problem? Issuer(App app, GrantedHosts hosts, RouteFacts facts)
    {
        if (app.Spec.Tls?.IssuerRef is not { } issuer
            || !hosts.Hosts.Any(host => app.Spec.Domains?.Contains(host) == true))
        {
            return null;
        }

        var name = TlsNames.Issued(app);
        return facts switch
        {
            { Served: null } => null,
            _ when !facts.IsServed(ProviderKinds.Certificate) =>
                app.Spec.Tls.Secrets is { Count: > 0 } ? null : NotInstalled(issuer),
            { IsIssuedSecretTaken: true } => new(
                Reasons.NameTaken,
                $"spec.tls.issuerRef would fill Secret {name}, which exists and was not issued for this App: delete "
                + "it, or name it in spec.tls.secrets and remove issuerRef."),
            { Certificate: null } => new(
                Reasons.CertificatePending, $"Certificate {name} is being ordered from {issuer.Kind} {issuer.Name}."),
            { Certificate: { IsReady: false, Trouble: var trouble } } => new(
                Reasons.CertificatePending,
                $"Certificate {name} of {issuer.Kind} {issuer.Name} is not issued "
                + $"yet{(trouble is null ? "." : $": {trouble}")}"),
            _ => null,
        };
    }

    private static Problem NotInstalled(IssuerReference issuer) => new(
        Reasons.NotProvisioned,
        $"spec.tls.issuerRef names {issuer.Kind} {issuer.Name}, but the cluster does not serve "
        + $"{ProviderKinds.Certificate}, or does not let the operator use it: install cert-manager "
        + "(cert-manager.io/docs/installation), which the operator then notices by itself, or name a Secret in "
        + "spec.tls.secrets.");
}
