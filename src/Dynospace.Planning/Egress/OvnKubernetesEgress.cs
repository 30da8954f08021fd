using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Gateways;

namespace Dynospace.Planning.Egress;

/// <summary>
/// OVN-Kubernetes: one EgressIP with all addresses, over which it spreads connections. Its gateways are the nodes with
/// its own label <c>k8s.ovn.org/egress-assignable</c>.
/// </summary>
internal sealed class OvnKubernetesEgress() : ForeignEgress(EgressProvider.OVNKubernetes)
{
    private static readonly ProviderKind EgressIP = Cluster("k8s.ovn.org", "v1", "egressips", "EgressIP");

    public override IReadOnlyList<ProviderKind> Kinds { get; } = [EgressIP];

    internal override IEnumerable<Problem> Limits => [FirstPacketsMayLeak()];

    public override string? FaultIn(ProviderKind kind, JsonElement status) =>
        StatusReader.Items(status, "items").Any()
            ? null
            : "that no node has an address: give nodes its label k8s.ovn.org/egress-assignable";

    internal override IReadOnlyList<ProviderObject> Build(EgressDraft draft) =>
    [
        new(EgressIP, draft.Metadata(), new()
        {
            ["egressIPs"] = EgressDraft.Texts(draft.Addresses),
            ["namespaceSelector"] = new JsonObject { ["matchLabels"] = draft.NamespaceLabels },
            // Pods that are not dynos, such as canaries, are not translated.
            ["podSelector"] = new JsonObject { ["matchLabels"] = new JsonObject { [Labels.Space] = draft.Space } },
        }),
    ];
}
