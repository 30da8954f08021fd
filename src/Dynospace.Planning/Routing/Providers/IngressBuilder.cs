using System.Text.Json.Nodes;
using Dynospace.Api.Apps;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Routing.Providers;

/// <summary>Makes the Ingress of an app.</summary>
internal static class IngressBuilder
{
    /// <summary>Where Traefik reads which middlewares requests pass.</summary>
    public const string Middlewares = "traefik.ingress.kubernetes.io/router.middlewares";

    private const int WebPort = 80;
    private const string RedirectPurpose = "redirect";

    /// <summary>The name of a middleware on an Ingress.</summary>
    public static string MiddlewareName(ProviderObject middleware) => $"{middleware.Metadata.NamespaceProperty}-{middleware.Metadata.Name}@kubernetescrd";

    public static ProviderObject Build(RouteDraft draft, Restriction? restriction)
    {
        var spec = new JsonObject
        {
            ["ingressClassName"] = draft.Gateway.IngressClass,
            ["rules"] = new JsonArray([.. draft.Hosts.Select(host => Rule(draft, host))]),
        };
        if (Tls(draft) is { Count: > 0 } tls)
        {
            spec["tls"] = tls;
        }

        return new(ProviderKinds.Ingress, draft.Metadata(draft.Name, annotations: Annotations(draft, restriction)), spec);
    }

    /// <summary>What turns plain requests away, where that is an object of its own.</summary>
    public static ProviderObject? Redirect(RouteDraft draft) => draft is { Redirects: true, Options: { Provider: RouterProvider.Ingress, Implementation: RouterImplementation.Traefik } }
        ? new(
            ProviderKinds.Middleware,
            draft.Metadata(draft.Unmistakable(RedirectPurpose)),
            new() { ["redirectScheme"] = new JsonObject { ["scheme"] = "https", ["permanent"] = true } })
        : null;

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
                        ["port"] = new JsonObject { ["number"] = WebPort },
                    },
                },
            }),
        },
    };

    /// <summary>Which names a certificate covers is not known here: without hosts, controllers look into it.</summary>
    private static JsonArray Tls(RouteDraft draft) => new([.. TlsNames.SecretsOf(draft.App).Select(secret => new JsonObject { ["secretName"] = secret })]);

    private static SortedDictionary<string, string> Annotations(RouteDraft draft, Restriction? restriction)
    {
        var annotations = new SortedDictionary<string, string>((restriction?.Annotations ?? new Dictionary<string, string>()).ToDictionary(), StringComparer.Ordinal);
        if (draft.Options.Implementation == RouterImplementation.IngressNginx)
        {
            // Said either way, since a certificate alone would mean a redirect.
            annotations["nginx.ingress.kubernetes.io/force-ssl-redirect"] = draft.Redirects ? "true" : "false";
            annotations["nginx.ingress.kubernetes.io/ssl-redirect"] = draft.Redirects ? "true" : "false";
        }

        if (Redirect(draft) is { } redirect)
        {
            annotations[Middlewares] = string.Join(',', new[] { annotations.GetValueOrDefault(Middlewares), MiddlewareName(redirect) }.OfType<string>());
        }

        return annotations;
    }
}
