using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Gateways;

namespace Dynospace.Planning.Egress;

/// <summary>
/// Kube-OVN: a VpcEgressGateway, whose pods have the addresses. Each replica needs one, and a connection leaves by any
/// of them. BFD detects a failed replica.
/// </summary>
internal sealed class KubeOvnEgress() : ForeignEgress(EgressProvider.KubeOVN)
{
    private static readonly ProviderKind Gateway =
        new("kubeovn.io", "v1", "vpc-egress-gateways", "VpcEgressGateway");

    public override IReadOnlyList<ProviderKind> Kinds { get; } = [Gateway];

    internal override IEnumerable<Problem> Limits => [FirstPacketsMayLeak()];

    public override string? FaultIn(ProviderKind kind, JsonElement status) => FalseCondition(status, "Ready");

    internal override Problem? Refusal(EgressDraft draft) => draft.V4.Any() && draft.V6.Any()
        && draft.V4.Count() != draft.V6.Count()
            ? new(
                Reasons.EgressRefused,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"KubeOVN gives each gateway pod one address of each family, and this space has "
                    + $"{draft.V4.Count()} IPv4 and {draft.V6.Count()} IPv6 addresses: name as many of both."))
            : base.Refusal(draft);

    internal override IReadOnlyList<ProviderObject> Build(EgressDraft draft) =>
    [
        new(Gateway, draft.Metadata(draft.Options.Egress.GatewayNamespace), new()
        {
            ["replicas"] = Math.Max(draft.V4.Count(), draft.V6.Count()),
            ["externalSubnet"] = draft.Options.Egress.ExternalSubnet,
            ["externalIPs"] = EgressDraft.Texts(draft.Addresses),
            ["nodeSelector"] = new JsonArray(new JsonObject { ["matchLabels"] = draft.GatewayLabels }),
            ["bfd"] = new JsonObject { ["enabled"] = true },
            ["selectors"] = new JsonArray(new JsonObject
            {
                ["namespaceSelector"] = new JsonObject { ["matchLabels"] = draft.NamespaceLabels },
            }),
        }),
    ];
}
