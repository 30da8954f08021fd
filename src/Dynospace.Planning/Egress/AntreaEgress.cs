using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Gateways;

namespace Dynospace.Planning.Egress;

/// <summary>
/// Antrea: for each family an ExternalIPPool with one address on the gateway nodes, and an Egress of that pool. Only an
/// Egress of a pool moves when its node fails.
/// </summary>
internal sealed class AntreaEgress() : ForeignEgress(EgressProvider.Antrea)
{
    private static readonly ProviderKind Pool =
        Cluster("crd.antrea.io", "v1beta1", "externalippools", "ExternalIPPool");

    private static readonly ProviderKind Egress = Cluster("crd.antrea.io", "v1beta1", "egresses", "Egress");

    public override IReadOnlyList<ProviderKind> Kinds { get; } = [Pool, Egress];

    internal override int MostAddresses => 1;

    internal override IEnumerable<Problem> Limits => [FirstPacketsMayLeak()];

    public override string? FaultIn(ProviderKind kind, JsonElement status) =>
        kind == Egress ? FalseCondition(status, "IPAllocated", "IPAssigned") : null;

    internal override IReadOnlyList<ProviderObject> Build(EgressDraft draft) =>
    [
        .. draft.V4.Take(1).SelectMany(address => Objects(draft, address, draft.Name)),
        .. draft.V6.Take(1).SelectMany(address => Objects(draft, address, $"{draft.Name}-v6")),
    ];

    private static IEnumerable<ProviderObject> Objects(EgressDraft draft, string address, string name) =>
    [
        new(Pool, draft.Metadata(name: name), new()
        {
            ["ipRanges"] = new JsonArray(new JsonObject { ["start"] = address, ["end"] = address }),
            ["nodeSelector"] = new JsonObject { ["matchLabels"] = draft.GatewayLabels },
        }),
        new(Egress, draft.Metadata(name: name), new()
        {
            ["appliedTo"] = new JsonObject
            {
                ["namespaceSelector"] = new JsonObject { ["matchLabels"] = draft.NamespaceLabels },
            },
            ["egressIP"] = address,
            ["externalIPPool"] = name,
        }),
    ];
}
