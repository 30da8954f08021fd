using System.Text.Json.Nodes;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Gateways;

namespace Dynospace.Planning.Egress;

/// <summary>
/// Cilium: one CiliumEgressGatewayPolicy for each family. The address must be on the gateway node already. The policy
/// has no status.
/// </summary>
internal sealed class CiliumEgress() : ForeignEgress(EgressProvider.Cilium)
{
    private static readonly ProviderKind Policy =
        Cluster("cilium.io", "v2", "ciliumegressgatewaypolicies", "CiliumEgressGatewayPolicy");

    public override IReadOnlyList<ProviderKind> Kinds { get; } = [Policy];

    internal override int MostAddresses => 1;

    internal override IEnumerable<Problem> Limits =>
        [NoFailover("takes the first gateway node by name"), FirstPacketsMayLeak()];

    internal override IReadOnlyList<ProviderObject> Build(EgressDraft draft) =>
    [
        .. draft.V4.Take(1).Select(address => PolicyFor(draft, address, "0.0.0.0/0", draft.Name)),
        .. draft.V6.Take(1).Select(address => PolicyFor(draft, address, "::/0", $"{draft.Name}-v6")),
    ];

    private static ProviderObject PolicyFor(EgressDraft draft, string address, string everywhere, string name)
    {
        var isV6 = AddressBlock.IsV6Text(address);
        var spec = new JsonObject
        {
            ["selectors"] = new JsonArray(new JsonObject
            {
                ["podSelector"] = new JsonObject
                {
                    ["matchLabels"] = new JsonObject { ["io.kubernetes.pod.namespace"] = draft.Space },
                },
            }),
            ["destinationCIDRs"] = EgressDraft.Texts([everywhere]),
            // Without an interface: with one, Cilium would choose the address.
            ["egressGateway"] = new JsonObject
            {
                ["nodeSelector"] = new JsonObject { ["matchLabels"] = draft.GatewayLabels },
                ["egressIP"] = address,
            },
        };
        List<string> exempt = [.. draft.Exempt.Where(range => AddressBlock.IsV6Text(range) == isV6)];
        if (exempt.Count > 0)
        {
            spec["excludedCIDRs"] = EgressDraft.Texts(exempt);
        }

        return new(Policy, draft.Metadata(name: name), spec);
    }
}
