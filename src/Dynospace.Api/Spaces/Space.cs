// Spaces: the Space resource: a tenant's network with its runtime, trusted ranges, egress and regions.

using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;
using k8s;
using k8s.Models;

namespace Dynospace.Api.Spaces;

/// <summary>
/// A network for apps: a namespace of the same name, its network policies and its router. Cluster-scoped; created by
/// the platform team.
/// </summary>
[KubernetesEntity(
    Group = DynospaceGroup.Name, ApiVersion = DynospaceGroup.Version, Kind = "Space", PluralName = "spaces")]
[CustomResource(ResourceScope.Cluster, "sp")]
[PrinterColumn("Runtime", "string", ".spec.runtime")]
[PrinterColumn("Region", "string", ".spec.region")]
[PrinterColumn("Apps", "integer", ".status.apps")]
[PrinterColumn("Dynos", "string", ".status.dynos")]
[PrinterColumn("Ready", "string", """.status.conditions[?(@.type=="Ready")].status""")]
[PrinterColumn("Reason", "string", """.status.conditions[?(@.type=="Ready")].reason""")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
[PrinterColumn("Network", "string", ".status.dynoNetwork", Priority = 1)]
[PrinterColumn("Router", "string", ".status.router.publicAddress", Priority = 1)]
[PrinterColumn("Outbound", "string", ".status.outboundIPs", Priority = 1)]
[PrinterColumn("Egress", "string", """.status.conditions[?(@.type=="EgressReady")].reason""", Priority = 1)]
[PrinterColumn("Message", "string", """.status.conditions[?(@.type=="Ready")].message""", Priority = 1)]
[CelRule(
    "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$') && size(self.metadata.name) <= 63",
    "metadata.name becomes the namespace's name: use at most 63 lower-case letters, digits and hyphens, beginning with "
    + "a letter")]
[CelRule(
    "!self.metadata.name.startsWith('kube-') && !(self.metadata.name in ['default', 'dynospace-system'])",
    "metadata.name is reserved for the cluster itself: choose a name other than default, dynospace-system and kube-*")]
public sealed class Space : IKubernetesObject<V1ObjectMeta>, ISpec<SpaceSpec>, IStatus<SpaceStatus?>
{
    /// <inheritdoc/>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = $"{DynospaceGroup.Name}/{DynospaceGroup.Version}";

    /// <inheritdoc/>
    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "Space";

    /// <inheritdoc/>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>Desired state of the Space.</summary>
    [JsonPropertyName("spec"), Required]
    public SpaceSpec Spec { get; set; } = new();

    /// <summary>Last observed state of the Space, written by the operator.</summary>
    [JsonPropertyName("status")]
    public SpaceStatus? Status { get; set; }
}
