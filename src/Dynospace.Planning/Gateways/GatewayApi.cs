using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Api.Apps;
using Dynospace.Planning.Hosts;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Gateways;

/// <summary>
/// Any implementation of the Gateway API: HTTPRoutes attached to a Gateway. Values that the schema would default are
/// stated, so that plans equal the stored objects.
/// </summary>
internal class GatewayApi(RouterImplementation implementation) : Gateway(RouterProvider.GatewayAPI, implementation)
{
    public const string Group = "gateway.networking.k8s.io";

    /// <summary>The maximum number of host names of an HTTPRoute.</summary>
    private const int MostHosts = 16;

    private static readonly string[] Lists = ["parents", "ancestors"];
    private static readonly string[] Verdicts = ["Accepted", "ResolvedRefs"];

    public sealed override ProviderKind RouteKind => ProviderKinds.HttpRoute;

    /// <summary>Each parent of a route, or ancestor of a policy, has its own conditions.</summary>
    public sealed override string? RefusalIn(JsonElement status) =>
        Lists
            .SelectMany(list => StatusReader.Items(status, list))
            .SelectMany(parent => StatusReader.Items(parent, "conditions"))
            .Where(condition => Verdicts.Contains(StatusReader.Text(condition, "type"))
                && StatusReader.Text(condition, "status") == "False")
            .Select(StatusReader.Explain)
            .FirstOrDefault();

    internal sealed override IEnumerable<string> Validate(RouterOptions options) =>
        [.. ValidateGateways(options), .. ValidateListeners(options), .. base.Validate(options)];

    internal sealed override GatewayObjects Build(RouteDraft draft)
    {
        var parts = Parts(draft).ToList();
        string[] names =
        [
            .. parts.Select(part => part.Name),
            .. draft.Redirects ? parts.Select(part => part.Redirect) : [],
        ];
        var restriction = draft.Only is null ? null : Restrict(draft, names);
        var routes = new List<ProviderObject>();
        foreach (var (name, redirect, hosts) in parts)
        {
            var section = draft.Redirects ? draft.Options.HttpsListener : null;
            routes.Add(
                Route(
                    draft,
                    name,
                    section,
                    hosts,
                    new() { ["backendRefs"] = new JsonArray(Backend(draft)) },
                    restriction));
            if (draft.Redirects)
            {
                routes.Add(Route(draft, redirect, draft.Options.HttpListener, hosts, new(), restriction, ToHttps()));
            }
        }

        return new(restriction?.Object is { } fence ? [fence] : [], routes);
    }

    internal sealed override string? NoteOn(RouteDraft draft) => TlsNames.SecretsOf(draft.App).Count > 0
        ? "Clients see the certificates of the Gateway's listeners: its owner can add those of spec.tls."
        : null;

    /// <summary>
    /// Restricts the routes of these names to the draft's ranges; null if the gateway cannot express that.
    /// </summary>
    protected virtual Treatment? Restrict(RouteDraft draft, IReadOnlyList<string> routes) => null;

    /// <summary>Namespace and name of the Gateway that an app is attached to.</summary>
    protected static (string Namespace, string Name) GatewayOf(RouteDraft draft) =>
        draft.Gateway.Gateway?.Split('/') is [var ns, var name] ? (ns, name) : ("", "");

    /// <summary>Restricts by an object that each rule of a route references.</summary>
    protected static Treatment ByFilter(ProviderObject filter) => new()
    {
        Object = filter,
        Filter = new()
        {
            ["type"] = "ExtensionRef",
            ["extensionRef"] = new JsonObject
            {
                ["group"] = filter.Type.Group,
                ["kind"] = filter.Kind,
                ["name"] = filter.Metadata.Name,
            },
        },
    };

    private static IEnumerable<(string Name, string Redirect, string[] Hosts)> Parts(RouteDraft draft) =>
        draft.Hosts.Chunk(MostHosts).Select((hosts, i) => i == 0
            ? (draft.Name, draft.RedirectName, hosts)
            : ($"{draft.Name}--{i + 1}", $"{draft.RedirectName}-{i + 1}", hosts));

    private static ProviderObject Route(
        RouteDraft draft,
        string name,
        string? section,
        string[] hosts,
        JsonObject rule,
        Treatment? restriction,
        JsonObject? filter = null)
    {
        rule["matches"] = new JsonArray(
            new JsonObject { ["path"] = new JsonObject { ["type"] = "PathPrefix", ["value"] = "/" } });
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
                ["hostnames"] = RouteDraft.Texts(hosts),
                ["rules"] = new JsonArray(rule),
            });
    }

    private static JsonObject Parent(RouteDraft draft, string? section)
    {
        var (ns, name) = GatewayOf(draft);
        var parent = new JsonObject { ["group"] = Group, ["kind"] = "Gateway", ["namespace"] = ns, ["name"] = name };
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
        ["port"] = RouteDraft.WebPort,
        ["weight"] = 1,
    };

    private static JsonObject ToHttps() => new()
    {
        ["type"] = "RequestRedirect",
        ["requestRedirect"] = new JsonObject { ["scheme"] = "https", ["statusCode"] = 301 },
    };

    private static IEnumerable<string> ValidateGateways(RouterOptions options)
    {
        foreach (var (name, gateway) in new[]
        {
            ("publicGateway", options.PublicGateway.Gateway),
            ("internalGateway", options.InternalGateway.Gateway),
        })
        {
            if (gateway?.Split('/') is not [var ns, var gatewayName]
                || !HostName.IsValid(ns)
                || !HostName.IsValid(gatewayName))
            {
                yield return $"{name} \"{gateway}\" names no Gateway, which routerProvider GatewayAPI needs: use "
                    + "namespace/name.";
            }
        }

        if (options.PublicGateway.Gateway == options.InternalGateway.Gateway)
        {
            yield return $"publicGateway and internalGateway are both {options.PublicGateway.Gateway}: "
                + "use one for each, or apps with internal routing would be public.";
        }
    }

    private static IEnumerable<string> ValidateListeners(RouterOptions options) =>
        new[] { ("gatewayHttpListener", options.HttpListener), ("gatewayHttpsListener", options.HttpsListener) }
            .Where(listener => !HostName.IsValid(listener.Item2))
            .Select(
                listener =>
                    $"{listener.Item1} \"{listener.Item2}\" is not a valid listener name: use one such as http.");
}
