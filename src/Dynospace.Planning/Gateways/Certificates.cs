using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Api.Apps;
using Dynospace.Planning.Hosts;

namespace Dynospace.Planning.Gateways;

/// <summary>The observed state of an app's Certificate.</summary>
/// <param name="IsReady">Whether it was issued and is valid.</param>
/// <param name="Trouble">The text of its condition while it is not ready; null for none.</param>
public sealed record CertificateFacts(bool IsReady, string? Trouble)
{
    /// <summary>Reads the status of a Certificate.</summary>
    public static CertificateFacts FromStatus(JsonElement status)
    {
        var ready = StatusReader.Items(status, "conditions")
            .FirstOrDefault(condition => StatusReader.Text(condition, "type") == "Ready");
        var isReady = StatusReader.Text(ready, "status") == "True";
        return new(isReady, ready.ValueKind == JsonValueKind.Object && !isReady ? StatusReader.Explain(ready) : null);
    }
}

/// <summary>Plans the certificate of an app that names an issuer.</summary>
internal static class CertificatePlanner
{
    private const string CertManager = "cert-manager.io";

    /// <summary>
    /// One certificate for the domains that the app owns. It excludes the generated host, which belongs to the
    /// platform: an issuer that cannot validate it would refuse the whole certificate. No certificate is ordered if a
    /// Secret of its name exists for another purpose, since that would be overwritten.
    /// </summary>
    public static IReadOnlyList<ProviderObject> Plan(App app, GrantedHosts hosts, RouteFacts facts)
    {
        var domains = hosts.Hosts.Where(host => app.Spec.Domains?.Contains(host) == true && HostName.IsValid(host))
            .ToList();
        return app.Spec.Tls?.IssuerRef is { } issuer
            && domains.Count > 0
            && facts.IsServed(ProviderKinds.Certificate)
            && !facts.IsIssuedSecretTaken
            ? [Build(app, issuer, domains)]
            : [];
    }

    private static ProviderObject Build(App app, IssuerReference issuer, List<string> domains) => new(
        ProviderKinds.Certificate,
        new()
        {
            Name = TlsNames.Issued(app),
            NamespaceProperty = app.Metadata.NamespaceProperty,
            Labels = ChildLabels.OfApp(app),
            OwnerReferences = [Owners.ReferenceTo(app)],
        },
        new()
        {
            ["secretName"] = TlsNames.Issued(app),
            ["dnsNames"] = RouteDraft.Texts(domains),
            ["issuerRef"] = new JsonObject
            {
                ["group"] = CertManager,
                ["kind"] = issuer.Kind.ToString(),
                ["name"] = issuer.Name,
            },
        });
}
