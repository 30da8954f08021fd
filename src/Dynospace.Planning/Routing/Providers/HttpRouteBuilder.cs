using System.Text.Json.Nodes;

namespace Dynospace.Planning.Routing.Providers;

/// <summary>Makes the HTTPRoutes of an app. What the schema would fill in is said, so that nothing differs from what is stored.</summary>
internal static class HttpRouteBuilder
{
    /// <summary>The most host names that an HTTPRoute may have.</summary>
    private const int MostHosts = 16;

    private const int WebPort = 80;
    private const string GatewayGroup = "gateway.networking.k8s.io";

    public static IReadOnlyList<string> Names(RouteDraft draft) =>
        [.. Parts(draft).Select(part => part.Name), .. draft.Redirects ? Parts(draft).Select(part => part.Redirect) : []];

    public static IEnumerable<ProviderObject> Build(RouteDraft draft, Restriction? restriction)
    {
        foreach (var (name, redirect, hosts) in Parts(draft))
        {
            var section = draft.Redirects ? draft.Options.HttpsListener : null;
            yield return Route(draft, name, section, hosts, new() { ["backendRefs"] = new JsonArray(Backend(draft)) }, restriction);
            if (draft.Redirects)
            {
                yield return Route(draft, redirect, draft.Options.HttpListener, hosts, new(), restriction, ToHttps());
            }
        }
    }

    /// <summary>Namespace and name of the Gateway that an app is attached to.</summary>
    public static (string Namespace, string Name) GatewayOf(RouteDraft draft) =>
        draft.Gateway.Gateway?.Split('/') is [var ns, var name] ? (ns, name) : ("", "");

    private static IEnumerable<(string Name, string Redirect, string[] Hosts)> Parts(RouteDraft draft) =>
        draft.Hosts.Chunk(MostHosts).Select((hosts, i) => i == 0 ? (draft.Name, draft.RedirectName, hosts) : ($"{draft.Name}--{i + 1}", $"{draft.RedirectName}-{i + 1}", hosts));

    private static ProviderObject Route(
        RouteDraft draft, string name, string? section, string[] hosts, JsonObject rule, Restriction? restriction, JsonObject? filter = null)
    {
        rule["matches"] = new JsonArray(new JsonObject { ["path"] = new JsonObject { ["type"] = "PathPrefix", ["value"] = "/" } });
        var filters = new[] { restriction?.Filter?.DeepClone(), filter }.OfType<JsonNode>().ToArray();
        if (filters.Length > 0)
        {
            rule["filters"] = new JsonArray(filters);
        }

        return new(
            ProviderKinds.HttpRoute,
            draft.Metadata(name),
            new()
            {
                ["parentRefs"] = new JsonArray(Parent(draft, section)),
                ["hostnames"] = new JsonArray([.. hosts.Select(host => JsonValue.Create(host))]),
                ["rules"] = new JsonArray(rule),
            });
    }

    private static JsonObject Parent(RouteDraft draft, string? section)
    {
        var (ns, name) = GatewayOf(draft);
        var parent = new JsonObject { ["group"] = GatewayGroup, ["kind"] = "Gateway", ["namespace"] = ns, ["name"] = name };
        if (section is not null)
        {
            parent["sectionName"] = section;
        }

        return parent;
    }

    private static JsonObject Backend(RouteDraft draft) => new()
    {
        ["group"] = "",
        ["kind"] = "Service",
        ["name"] = AppNames.WebService(draft.Name),
        ["port"] = WebPort,
        ["weight"] = 1,
    };

    private static JsonObject ToHttps() => new()
    {
        ["type"] = "RequestRedirect",
        ["requestRedirect"] = new JsonObject { ["scheme"] = "https", ["statusCode"] = 301 },
    };
}
