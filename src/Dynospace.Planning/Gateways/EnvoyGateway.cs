using System.Text.Json.Nodes;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Gateways;

/// <summary>Envoy Gateway: a SecurityPolicy that targets the HTTPRoutes and denies by default.</summary>
internal sealed class EnvoyGateway() : GatewayApi(RouterImplementation.EnvoyGateway)
{
    public static ProviderKind SecurityPolicy { get; } =
        new("gateway.envoyproxy.io", "v1alpha1", "securitypolicies", "SecurityPolicy");

    public override ProviderKind RestrictionKind => SecurityPolicy;

    public override bool CanRestrict => true;

    protected override Treatment Restrict(RouteDraft draft, IReadOnlyList<string> routes)
    {
        var authorization = new JsonObject { ["defaultAction"] = "Deny" };
        if (draft.Ranges.Count > 0)
        {
            authorization["rules"] = new JsonArray(new JsonObject
            {
                ["name"] = "trusted",
                ["action"] = "Allow",
                ["principal"] = new JsonObject { ["clientCIDRs"] = RouteDraft.Texts(draft.Ranges) },
            });
        }

        var targets = routes.Select(route =>
            (JsonNode)new JsonObject { ["group"] = Group, ["kind"] = RouteKind.Kind, ["name"] = route });
        return new()
        {
            Object = new(
                SecurityPolicy,
                draft.Metadata(draft.Name),
                new() { ["targetRefs"] = new JsonArray([.. targets]), ["authorization"] = authorization }),
        };
    }
}
