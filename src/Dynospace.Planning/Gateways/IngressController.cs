using System.Text.Json.Nodes;
using Dynospace.Api.Apps;
using Dynospace.Planning.Hosts;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Gateways;

/// <summary>
/// Any ingress controller: one Ingress for each app, with annotations for the controller's own features.
/// </summary>
internal class IngressController(RouterImplementation implementation) : Gateway(RouterProvider.Ingress, implementation)
{
    public sealed override ProviderKind RouteKind => ProviderKinds.Ingress;

    internal sealed override IEnumerable<string> Validate(RouterOptions options) =>
        [.. ValidateClasses(options), .. base.Validate(options)];

    internal sealed override IEnumerable<ProviderKind> KindsFor(RouteDraft draft) =>
        Redirect(draft)?.Object is { } redirect ? [.. base.KindsFor(draft), redirect.Type] : base.KindsFor(draft);

    internal sealed override GatewayObjects Build(RouteDraft draft)
    {
        Treatment[] treatments =
            [.. new[] { draft.Only is null ? null : Restrict(draft), Redirect(draft) }.OfType<Treatment>()];
        var spec = new JsonObject
        {
            ["ingressClassName"] = draft.Gateway.IngressClass,
            ["rules"] = new JsonArray([.. draft.Hosts.Select(host => Rule(draft, host))]),
        };
        if (Tls(draft) is { Count: > 0 } tls)
        {
            spec["tls"] = tls;
        }

        // Treatments that share an annotation are joined, the restriction first.
        var annotations = new SortedDictionary<string, string>(
            treatments.SelectMany(treatment => treatment.Annotations)
                .GroupBy(annotation => annotation.Key, annotation => annotation.Value)
                    .ToDictionary(group => group.Key, group => string.Join(',', group)),
            StringComparer.Ordinal);
        return new(
            [.. treatments.Select(treatment => treatment.Object).OfType<ProviderObject>()],
            [new(ProviderKinds.Ingress, draft.Metadata(draft.Name, annotations: annotations), spec)]);
    }

    internal sealed override string? NoteOn(RouteDraft draft) => draft.Redirects && Redirect(draft) is null
        ? "spec.tls.redirect cannot be expressed for this ingress controller."
        : null;

    /// <summary>Restricts the Ingress to the draft's ranges; null if the controller cannot express that.</summary>
    protected virtual Treatment? Restrict(RouteDraft draft) => null;

    /// <summary>
    /// Sets whether requests are redirected to HTTPS; null if the controller cannot express that, or needs nothing.
    /// </summary>
    protected virtual Treatment? Redirect(RouteDraft draft) => null;

    private static JsonObject Rule(RouteDraft draft, string host) => new()
    {
        ["host"] = host,
        ["http"] = new JsonObject
        {
            ["paths"] = new JsonArray(new JsonObject
            {
                ["path"] = "/",
                ["pathType"] = "Prefix",
                ["backend"] = new JsonObject
                {
                    ["service"] = new JsonObject
                    {
                        ["name"] = AppNames.WebService(draft.Name),
                        ["port"] = new JsonObject { ["number"] = RouteDraft.WebPort },
                    },
                },
            }),
        },
    };

    /// <summary>
    /// Entries without hosts, since the names that a certificate covers are not known here. Controllers read them from
    /// the certificate.
    /// </summary>
    private static JsonArray Tls(RouteDraft draft) =>
        new([.. TlsNames.SecretsOf(draft.App).Select(secret => new JsonObject { ["secretName"] = secret })]);

    private static IEnumerable<string> ValidateClasses(RouterOptions options)
    {
        foreach (var (name, value) in new[]
        {
            ("publicIngressClass", options.PublicGateway.IngressClass),
            ("internalIngressClass", options.InternalGateway.IngressClass),
        })
        {
            if (!HostName.IsValid(value))
            {
                yield return $"{name} \"{value}\" is not a valid name of an IngressClass: use one such as public.";
            }
        }

        if (options.PublicGateway.IngressClass == options.InternalGateway.IngressClass)
        {
            yield return $"publicIngressClass and internalIngressClass are both {options.PublicGateway.IngressClass}: "
                + "use one for each, or apps with internal routing would be public.";
        }
    }
}
