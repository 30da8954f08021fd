using System.Text.Json.Nodes;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Gateways;

/// <summary>NGINX Gateway Fabric: a SnippetsFilter with nginx's own allow and deny lines.</summary>
internal sealed class NginxGatewayFabric() : GatewayApi(RouterImplementation.NGINXGatewayFabric)
{
    public static ProviderKind SnippetsFilter { get; } =
        new("gateway.nginx.org", "v1alpha1", "snippetsfilters", "SnippetsFilter");

    public override ProviderKind RestrictionKind => SnippetsFilter;

    public override bool CanRestrict => true;

    /// <summary>
    /// The ranges are the only values of the spec that enter the configuration. They are printed from parsed numbers.
    /// </summary>
    protected override Treatment Restrict(RouteDraft draft, IReadOnlyList<string> routes) => ByFilter(new(
        SnippetsFilter,
        draft.Metadata(draft.Unmistakable("trusted")),
        new()
        {
            ["snippets"] = new JsonArray(new JsonObject
            {
                ["context"] = "http.server.location",
                ["value"] = string.Concat(draft.Ranges.Select(range => $"allow {range};\n")) + "deny all;",
            }),
        }));
}
