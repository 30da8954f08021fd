// Nodes: the NodeNetwork resource: what the agent of a node claims for it, does there and measures.

using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Egress;
using Dynospace.Api.Schema;
using k8s;
using k8s.Models;

namespace Dynospace.Api.Nodes;

/// <summary>
/// What the node agent does on one node; it has the node's name. The agent of that node writes it, and nobody else
/// needs to: people and the operator read it.
/// </summary>
[KubernetesEntity(
    Group = DynospaceGroup.Name, ApiVersion = DynospaceGroup.Version, Kind = "NodeNetwork",
    PluralName = "nodenetworks")]
[CustomResource(ResourceScope.Cluster, "nnet")]
[PrinterColumn("Block", "string", ".spec.block")]
[PrinterColumn("Parts", "string", ".status.parts")]
[PrinterColumn("Ready", "string", """.status.conditions[?(@.type=="Ready")].status""")]
[PrinterColumn("Reason", "string", """.status.conditions[?(@.type=="Ready")].reason""")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
[PrinterColumn("Message", "string", """.status.conditions[?(@.type=="Ready")].message""", Priority = 1)]
public sealed class NodeNetwork : IKubernetesObject<V1ObjectMeta>, ISpec<NodeNetworkSpec>, IStatus<NodeNetworkStatus?>
{
    /// <inheritdoc/>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = $"{DynospaceGroup.Name}/{DynospaceGroup.Version}";

    /// <inheritdoc/>
    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "NodeNetwork";

    /// <inheritdoc/>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What the node has been granted.</summary>
    [JsonPropertyName("spec"), Required]
    public NodeNetworkSpec Spec { get; set; } = new();

    /// <summary>Last observed state of the node's share, written by its agent.</summary>
    [JsonPropertyName("status")]
    public NodeNetworkStatus? Status { get; set; }
}

/// <summary>What a node has been granted.</summary>
[CelRule(
    "(has(self.block) ? self.block : '') == (has(oldSelf.block) ? oldSelf.block : '')",
    "a claim is as old as its object, and the older one holds: delete the object and create another")]
public sealed class NodeNetworkSpec
{
    /// <summary>
    /// The range that the node's dynos have their addresses from. Of two nodes that claim the same addresses the one
    /// whose object is older has them. Omitted while the dyno network is off.
    /// </summary>
    [JsonPropertyName("block"), StringLength(18, MinimumLength = 9)]
    [CelRule(
        "isCIDR(self) && cidr(self).ip().family() == 4 && cidr(self).prefixLength() >= 20",
        "block must be an IPv4 range of at most 4096 addresses, such as 172.16.4.0/23")]
    public string? Block { get; set; }
}

/// <summary>Last observed state of a node's share.</summary>
public sealed class NodeNetworkStatus
{
    /// <summary>The generation of the spec that this status describes.</summary>
    [JsonPropertyName("observedGeneration")]
    public long? ObservedGeneration { get; set; }

    /// <summary>The parts of the agent that are switched on, separated by commas.</summary>
    [JsonPropertyName("parts"), StringLength(256)]
    public string? Parts { get; set; }

    /// <summary>What the node does for fixed IPs; absent while that part is off.</summary>
    [JsonPropertyName("egress")]
    public NodeEgress? Egress { get; set; }

    /// <summary>What the agent measures of the node's kernel.</summary>
    [JsonPropertyName("kernel")]
    public NodeKernel? Kernel { get; set; }

    /// <summary>
    /// Ready, and the conditions that it sums up, one for each part that is switched on: DynoNetworkReady and
    /// PoliciesEnforced.
    /// </summary>
    [JsonPropertyName("conditions"), ListMap("type")]
    public IList<V1Condition>? Conditions { get; set; }
}
