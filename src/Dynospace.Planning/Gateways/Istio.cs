using System.Text.Json.Nodes;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Gateways;

/// <summary>
/// Istio: an AuthorizationPolicy in the Gateway's namespace, since it can target only Gateways. An ALLOW policy would
/// refuse every other host of the Gateway, so untrusted sources are denied instead, for every spelling of a host that a
/// route matches.
/// </summary>
internal sealed class Istio() : GatewayApi(RouterImplementation.Istio)
{
    public static ProviderKind AuthorizationPolicy { get; } =
        new("security.istio.io", "v1", "authorizationpolicies", "AuthorizationPolicy");

    public override ProviderKind RestrictionKind => AuthorizationPolicy;

    public override bool CanRestrict => true;

    protected override Treatment Restrict(RouteDraft draft, IReadOnlyList<string> routes)
    {
        var hosts = draft.Hosts.SelectMany(host => new[] { host, $"{host}:*", $"{host}.", $"{host}.:*" });
        var rule = new JsonObject
        {
            ["to"] = new JsonArray(
                new JsonObject { ["operation"] = new JsonObject { ["hosts"] = RouteDraft.Texts(hosts) } }),
        };
        if (draft.Ranges.Count > 0)
        {
            // Behind proxies, the client's address is the one from PROXY protocol. Otherwise it is the connection's,
            // and headers are ignored.
            var field = draft.Options.ProxyProtocolFrom.Count > 0 ? "notRemoteIpBlocks" : "notIpBlocks";
            rule["from"] = new JsonArray(
                new JsonObject { ["source"] = new JsonObject { [field] = RouteDraft.Texts(draft.Ranges) } });
        }

        var (ns, name) = GatewayOf(draft);
        return new()
        {
            Object = new(
                AuthorizationPolicy,
                draft.Metadata($"dynospace.{draft.Space}.{draft.Name}", ns),
                new()
                {
                    ["targetRefs"] = new JsonArray(
                        new JsonObject { ["group"] = Group, ["kind"] = "Gateway", ["name"] = name }),
                    ["action"] = "DENY",
                    ["rules"] = new JsonArray(rule),
                }),
        };
    }
}
