using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Gateways;

namespace Dynospace.Planning.Egress;

/// <summary>
/// Spidernet's egressgateway: an EgressGateway with the address on the gateway nodes, and an EgressPolicy in the
/// space's namespace. Its webhook refuses an empty podSelector, so the policy selects the label with the space's name,
/// which every dyno has.
/// </summary>
internal sealed class SpidernetEgress() : ForeignEgress(EgressProvider.Spidernet)
{
    private const string Group = "egressgateway.spidernet.io";

    private static readonly ProviderKind Gateway = Cluster(Group, "v1beta1", "egressgateways", "EgressGateway");

    private static readonly ProviderKind Policy = new(Group, "v1beta1", "egresspolicies", "EgressPolicy");

    public override IReadOnlyList<ProviderKind> Kinds { get; } = [Gateway, Policy];

    internal override int MostAddresses => 1;

    internal override IEnumerable<Problem> Limits => [FirstPacketsMayLeak()];

    /// <summary>A policy without a node in its status is not in force.</summary>
    public override string? FaultIn(ProviderKind kind, JsonElement status) =>
        kind == Policy && string.IsNullOrEmpty(StatusReader.Text(status, "node"))
            ? "that no node carries it: see its EgressGateway"
            : null;

    internal override IReadOnlyList<ProviderObject> Build(EgressDraft draft)
    {
        var (pools, wanted) = (new JsonObject(), new JsonObject { ["useNodeIP"] = false });
        foreach (var (family, address) in draft.V4.Take(1).Select(address => ("ipv4", address))
            .Concat(draft.V6.Take(1).Select(address => ("ipv6", address))))
        {
            pools[family] = EgressDraft.Texts([address]);
            pools[$"{family}DefaultEIP"] = address;
            wanted[family] = address;
        }

        return
        [
            new(Gateway, draft.Metadata(), new()
            {
                ["ippools"] = pools,
                ["nodeSelector"] = new JsonObject
                {
                    ["selector"] = new JsonObject { ["matchLabels"] = draft.GatewayLabels },
                },
            }),
            new(Policy, draft.Metadata(draft.Space), new()
            {
                ["egressGatewayName"] = draft.Name,
                ["egressIP"] = wanted,
                ["appliedTo"] = new JsonObject
                {
                    ["podSelector"] = new JsonObject
                    {
                        ["matchLabels"] = new JsonObject { [Labels.Space] = draft.Space },
                    },
                },
            }),
        ];
    }
}
