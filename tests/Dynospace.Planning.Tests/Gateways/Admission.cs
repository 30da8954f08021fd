using System.Text.Json.Nodes;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Tests.Gateways;

/// <summary>
/// Whom each implementation lets through a route, read out of the objects as its documentation says and written apart
/// from what makes them. Null is everybody.
/// </summary>
internal sealed class Admission(RoutePlan plan, RouterOptions options)
{
    public const string Nobody = "255.255.255.255/32";

    public IReadOnlyList<string>? Of(ProviderObject route) => (options.Implementation switch
    {
        RouterImplementation.EnvoyGateway => ByPolicy(route),
        RouterImplementation.Istio => ByHosts(route),
        RouterImplementation.NGINXGatewayFabric => ByFilter(route, "SnippetsFilter", Lines),
        RouterImplementation.Traefik when options.Provider == RouterProvider.GatewayAPI =>
            ByFilter(route, "Middleware", SourceRange),
        RouterImplementation.Traefik => ByMiddleware(route),
        RouterImplementation.IngressNginx =>
            Annotation(route, "nginx.ingress.kubernetes.io/whitelist-source-range")?.Split(','),
        _ => null,
    })?.Where(range => range != Nobody).ToList();

    private static string? Annotation(ProviderObject route, string name) =>
        route.Metadata.Annotations is { } annotations && annotations.TryGetValue(name, out var value) ? value : null;

    private static IEnumerable<string> Texts(JsonNode? list) => (list as JsonArray ?? []).Select(item => (string)item!);

    private static IEnumerable<string> SourceRange(JsonObject spec) => Texts(spec["ipAllowList"]!["sourceRange"]);

    private static IEnumerable<string> Lines(JsonObject spec)
    {
        var lines = ((string)spec["snippets"]![0]!["value"]!).Split('\n');
        Assert.Equal("deny all;", lines[^1]);
        return lines[..^1].Select(line =>
        {
            Assert.Matches("^allow [0-9a-f:.]+/[0-9]+;$", line);
            return line["allow ".Length..^1];
        });
    }

    private IEnumerable<string>? ByPolicy(ProviderObject route)
    {
        var policy = plan.Fences.SingleOrDefault(fence =>
            fence.Metadata.NamespaceProperty == route.Metadata.NamespaceProperty
            && fence.Spec["targetRefs"]!.AsArray()
                .Any(target => (string)target!["kind"]! == "HTTPRoute"
                    && (string)target["name"]! == route.Metadata.Name));
        if (policy is null)
        {
            return null;
        }

        Assert.Equal("Deny", (string)policy.Spec["authorization"]!["defaultAction"]!);
        return (policy.Spec["authorization"]!["rules"] as JsonArray
            ?? []).SelectMany(rule => Texts(rule!["principal"]!["clientCIDRs"]));
    }

    private IEnumerable<string>? ByHosts(ProviderObject route)
    {
        var (ns, gateway) =
            ((string)route.Spec["parentRefs"]![0]!["namespace"]!, (string)route.Spec["parentRefs"]![0]!["name"]!);
        var policy =
            plan.Fences.SingleOrDefault(fence => fence.Metadata.NamespaceProperty == ns
                && (string)fence.Spec["targetRefs"]![0]!["name"]! == gateway);
        if (policy is null)
        {
            return null;
        }

        var rule = Assert.Single(policy.Spec["rules"]!.AsArray())!;
        var denied = Texts(rule["to"]![0]!["operation"]!["hosts"]).ToHashSet();
        Assert.Equal("DENY", (string)policy.Spec["action"]!);
        Assert.All(
            Texts(route.Spec["hostnames"]), host => Assert.Superset(new HashSet<string> { host, $"{host}:*" }, denied));
        return Texts(rule["from"]?[0]!["source"]!["notIpBlocks"]);
    }

    private IEnumerable<string>? ByFilter(ProviderObject route, string kind, Func<JsonObject, IEnumerable<string>> read)
    {
        var named = route.Spec["rules"]!.AsArray()
            .Select(
                rule =>
                    (string?)(rule!["filters"] as JsonArray
                        ?? []).FirstOrDefault(
                            filter => (string?)filter!["extensionRef"]?["kind"] == kind)?["extensionRef"]!["name"])
            .Distinct().ToList();
        return Assert.Single(named) is { } name
            ? read(plan.Fences.Single(fence => fence.Kind == kind && fence.Metadata.Name == name).Spec)
            : null;
    }

    private IEnumerable<string>? ByMiddleware(ProviderObject route)
    {
        var names = Annotation(route, "traefik.ingress.kubernetes.io/router.middlewares")?.Split(',') ?? [];
        return plan.Fences
            .FirstOrDefault(fence => fence.Spec.ContainsKey("ipAllowList")
                && names.Contains($"{fence.Metadata.NamespaceProperty}-{fence.Metadata.Name}@kubernetescrd"))
            is { } middleware ? SourceRange(middleware.Spec) : null;
    }
}
