using System.Text.Json.Nodes;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Routing.Providers;

/// <summary>Says in the words of each implementation who may send requests. An empty list is told as nobody, never as nothing.</summary>
internal static class RestrictionBuilder
{
    /// <summary>Stands for nobody where an empty list would mean everybody or be refused: no packet has this source.</summary>
    private const string Nobody = "255.255.255.255/32";

    private const string Purpose = "trusted";
    private const string GatewayGroup = "gateway.networking.k8s.io";

    /// <param name="routes">The names of the HTTPRoutes that it is for.</param>
    /// <returns>Null where the implementation cannot be told.</returns>
    public static Restriction? Build(RouteDraft draft, IReadOnlyList<string> routes) => (draft.Options.Provider, draft.Options.Implementation) switch
    {
        (RouterProvider.GatewayAPI, RouterImplementation.EnvoyGateway) => new() { Object = SecurityPolicy(draft, routes) },
        (RouterProvider.GatewayAPI, RouterImplementation.NGINXGatewayFabric) => ByFilter(Snippets(draft)),
        (RouterProvider.GatewayAPI, RouterImplementation.Istio) => new() { Object = AuthorizationPolicy(draft) },
        (RouterProvider.GatewayAPI, RouterImplementation.Traefik) => ByFilter(AllowList(draft)),
        (RouterProvider.Ingress, RouterImplementation.Traefik) => new()
        {
            Object = AllowList(draft),
            Annotations = new Dictionary<string, string> { [IngressBuilder.Middlewares] = IngressBuilder.MiddlewareName(AllowList(draft)) },
        },
        (RouterProvider.Ingress, RouterImplementation.IngressNginx) => new()
        {
            Annotations = new Dictionary<string, string> { ["nginx.ingress.kubernetes.io/whitelist-source-range"] = string.Join(',', OrNobody(draft)) },
        },
        _ => null,
    };

    private static IReadOnlyList<string> OrNobody(RouteDraft draft) => draft.Ranges is { Count: > 0 } ranges ? ranges : [Nobody];

    private static Restriction ByFilter(ProviderObject filter) => new()
    {
        Object = filter,
        Filter = new()
        {
            ["type"] = "ExtensionRef",
            ["extensionRef"] = new JsonObject { ["group"] = filter.Type.Group, ["kind"] = filter.Kind, ["name"] = filter.Metadata.Name },
        },
    };

    private static ProviderObject SecurityPolicy(RouteDraft draft, IReadOnlyList<string> routes)
    {
        var authorization = new JsonObject { ["defaultAction"] = "Deny" };
        if (draft.Ranges.Count > 0)
        {
            authorization["rules"] = new JsonArray(new JsonObject
            {
                ["name"] = Purpose,
                ["action"] = "Allow",
                ["principal"] = new JsonObject { ["clientCIDRs"] = Texts(draft.Ranges) },
            });
        }

        var targets = routes.Select(route => (JsonNode)new JsonObject { ["group"] = GatewayGroup, ["kind"] = ProviderKinds.HttpRoute.Kind, ["name"] = route });
        return new(ProviderKinds.SecurityPolicy, draft.Metadata(draft.Name), new() { ["targetRefs"] = new JsonArray([.. targets]), ["authorization"] = authorization });
    }

    private static ProviderObject AllowList(RouteDraft draft) => new(
        ProviderKinds.Middleware,
        draft.Metadata(draft.Unmistakable(Purpose)),
        new() { ["ipAllowList"] = new JsonObject { ["sourceRange"] = Texts(OrNobody(draft)) } });

    /// <summary>The ranges are the only text of the spec that goes into the lines, as printed from numbers.</summary>
    private static ProviderObject Snippets(RouteDraft draft) => new(
        ProviderKinds.SnippetsFilter,
        draft.Metadata(draft.Unmistakable(Purpose)),
        new()
        {
            ["snippets"] = new JsonArray(new JsonObject
            {
                ["context"] = "http.server.location",
                ["value"] = string.Concat(draft.Ranges.Select(range => $"allow {range};\n")) + "deny all;",
            }),
        });

    /// <summary>
    /// Istio binds these to Gateways alone, in the Gateway's namespace. An ALLOW would refuse every other host of the Gateway, so what is not
    /// trusted is denied instead, by every spelling of a host that a route matches.
    /// </summary>
    private static ProviderObject AuthorizationPolicy(RouteDraft draft)
    {
        var hosts = draft.Hosts.SelectMany(host => new[] { host, $"{host}:*", $"{host}.", $"{host}.:*" });
        var rule = new JsonObject { ["to"] = new JsonArray(new JsonObject { ["operation"] = new JsonObject { ["hosts"] = Texts(hosts) } }) };
        if (draft.Ranges.Count > 0)
        {
            // Behind proxies the address is what they tell by PROXY protocol; else it is the connection's, whatever a header says.
            var field = draft.Options.ProxyProtocolFrom.Count > 0 ? "notRemoteIpBlocks" : "notIpBlocks";
            rule["from"] = new JsonArray(new JsonObject { ["source"] = new JsonObject { [field] = Texts(draft.Ranges) } });
        }

        var (ns, name) = HttpRouteBuilder.GatewayOf(draft);
        return new(
            ProviderKinds.AuthorizationPolicy,
            draft.Metadata($"dynospace.{draft.Space}.{draft.Name}", ns),
            new()
            {
                ["targetRefs"] = new JsonArray(new JsonObject { ["group"] = GatewayGroup, ["kind"] = "Gateway", ["name"] = name }),
                ["action"] = "DENY",
                ["rules"] = new JsonArray(rule),
            });
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}
