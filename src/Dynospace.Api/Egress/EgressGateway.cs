// Egress: the way out of spaces with fixed IPs: the EgressGateway resource, and what each node reports of its part.

using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;
using k8s;
using k8s.Models;

namespace Dynospace.Api.Egress;

/// <summary>
/// The way out of one space: its fixed IPs, the gateway nodes that have them, and the port blocks of the nodes that run
/// its dynos. It has the Space's name. The operator writes it, and the node agents obey it.
/// </summary>
[KubernetesEntity(
    Group = DynospaceGroup.Name, ApiVersion = DynospaceGroup.Version, Kind = "EgressGateway",
    PluralName = "egressgateways")]
[CustomResource(ResourceScope.Cluster, "egw")]
[PrinterColumn("IPs", "string", ".status.summary")]
[PrinterColumn("Ready", "string", """.status.conditions[?(@.type=="Ready")].status""")]
[PrinterColumn("Reason", "string", """.status.conditions[?(@.type=="Ready")].reason""")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
[PrinterColumn("Message", "string", """.status.conditions[?(@.type=="Ready")].message""", Priority = 1)]
public sealed class EgressGateway
    : IKubernetesObject<V1ObjectMeta>, ISpec<EgressGatewaySpec>, IStatus<EgressGatewayStatus?>
{
    /// <inheritdoc/>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = $"{DynospaceGroup.Name}/{DynospaceGroup.Version}";

    /// <inheritdoc/>
    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "EgressGateway";

    /// <inheritdoc/>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What the node agents do for the space.</summary>
    [JsonPropertyName("spec"), Required]
    public EgressGatewaySpec Spec { get; set; } = new();

    /// <summary>What the node agents report, gathered by the operator.</summary>
    [JsonPropertyName("status")]
    public EgressGatewayStatus? Status { get; set; }
}

/// <summary>What the node agents do for a space.</summary>
public sealed class EgressGatewaySpec
{
    /// <summary>
    /// The namespace of the space's dynos. Dynos there without one of the IPs below have no way out of the cluster,
    /// unless unassigned says otherwise.
    /// </summary>
    [JsonPropertyName("namespace"), Required, StringLength(63, MinimumLength = 1)]
    public string Namespace { get; set; } = "";

    /// <summary>
    /// What becomes of dynos without one of the IPs. ClusterWay only while the dynos that ran before the space got
    /// fixed IPs are being replaced, or those after it gave them up start.
    /// </summary>
    [JsonPropertyName("unassigned"), DefaultValue(UnassignedDynos.Refuse)]
    public UnassignedDynos Unassigned { get; set; } = UnassignedDynos.Refuse;

    /// <summary>The fixed IPs of the space, including those that leave it and that dynos still use.</summary>
    [JsonPropertyName("ips"), ListMap("address"), MaxLength(64)]
    public IList<EgressIP>? IPs { get; set; }

    /// <summary>The nodes that take part: gateways, and nodes that run the space's dynos.</summary>
    [JsonPropertyName("nodes"), ListMap("name"), MaxLength(250)]
    public IList<EgressNode>? Nodes { get; set; }

    /// <summary>
    /// Destinations that keep the cluster's own way: pods, Services and nodes of the cluster, and the space's peer
    /// networks and data services.
    /// </summary>
    [JsonPropertyName("exempt"), ListSet, MaxLength(4096), ItemLength(1, 49)]
    public IList<string>? Exempt { get; set; }
}

/// <summary>What becomes of dynos without a fixed IP in a space that has some.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UnassignedDynos>))]
public enum UnassignedDynos
{
    /// <summary>Their packets out of the cluster are dropped.</summary>
    Refuse,

    /// <summary>Their packets leave as those of any other pod.</summary>
    ClusterWay,
}

/// <summary>One fixed IP of a space.</summary>
public sealed class EgressIP
{
    /// <summary>The address, in canonical form.</summary>
    [JsonPropertyName("address"), Required, StringLength(45, MinimumLength = 2)]
    public string Address { get; set; } = "";

    /// <summary>
    /// The number that stands for the address in the tunnel. Unique in the cluster, and not given to another address
    /// while a pod uses this one.
    /// </summary>
    [JsonPropertyName("number"), Required, Range(1, 16383)]
    public int Number { get; set; }

    /// <summary>How the address comes to its gateway.</summary>
    [JsonPropertyName("mode"), Required]
    public EgressAddressMode Mode { get; set; }

    /// <summary>
    /// Whether the address is its gateway node's own. Then the node's other connections use it too, dynos have the
    /// ports 17408 to 29695 alone, and no other gateway takes it over.
    /// </summary>
    [JsonPropertyName("shared")]
    public bool? Shared { get; set; }

    /// <summary>
    /// Names of gateway nodes in order: the first that lives has the address. A cordoned node stands last.
    /// </summary>
    [JsonPropertyName("gateways"), ListSet, MaxLength(64), ItemLength(1, 253)]
    public IList<string>? Gateways { get; set; }

    /// <summary>
    /// Which source ports and ICMP identifiers a node may use. No two blocks of an address overlap. A node can have
    /// several.
    /// </summary>
    [JsonPropertyName("ports"), ListMap("node", "first"), MaxLength(512)]
    public IList<EgressPortBlock>? Ports { get; set; }
}

/// <summary>How a fixed IP comes to its gateway node.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EgressAddressMode>))]
public enum EgressAddressMode
{
    /// <summary>The gateway node answers for it on its network, by ARP and neighbour advertisements.</summary>
    Announced,

    /// <summary>
    /// The network routes it to the gateway node already, as clouds do. It may be the node's own address, if the Node's
    /// status names it.
    /// </summary>
    Present,
}

/// <summary>Source ports of a fixed IP that belong to one node.</summary>
public sealed class EgressPortBlock
{
    /// <summary>The name of the node.</summary>
    [JsonPropertyName("node"), Required, StringLength(253, MinimumLength = 1)]
    public string Node { get; set; } = "";

    /// <summary>The first port.</summary>
    [JsonPropertyName("first"), Required, Range(1024, 65535)]
    public int First { get; set; }

    /// <summary>The last port, inclusive.</summary>
    [JsonPropertyName("last"), Required, Range(1024, 65535)]
    public int Last { get; set; }

    /// <summary>
    /// Whether the node gives the block back: new connections get other ports. Once the node reports it as released, it
    /// is taken from the list, and only then given to another node.
    /// </summary>
    [JsonPropertyName("retiring")]
    public bool? Retiring { get; set; }
}

/// <summary>A node that takes part in the tunnel.</summary>
public sealed class EgressNode
{
    /// <summary>The name of the Node.</summary>
    [JsonPropertyName("name"), Required, StringLength(253, MinimumLength = 1)]
    public string Name { get; set; } = "";

    /// <summary>The number of the node in the tunnel, unique in the cluster.</summary>
    [JsonPropertyName("number"), Required, Range(1, 250)]
    public int Number { get; set; }

    /// <summary>The addresses by which other nodes reach it: at most one IPv4 and one IPv6.</summary>
    [JsonPropertyName("addresses"), ListSet, MaxLength(2), ItemLength(2, 45)]
    public IList<string>? Addresses { get; set; }
}

/// <summary>What the node agents report about the way out of a space.</summary>
public sealed class EgressGatewayStatus
{
    /// <summary>The generation of the spec that this status describes.</summary>
    [JsonPropertyName("observedGeneration")]
    public long? ObservedGeneration { get; set; }

    /// <summary>Each fixed IP and its gateway in one line: <c>203.0.113.10@node-a,203.0.113.11@-</c>.</summary>
    [JsonPropertyName("summary"), StringLength(4096)]
    public string? Summary { get; set; }

    /// <summary>The state of each fixed IP.</summary>
    [JsonPropertyName("ips"), ListMap("address"), MaxLength(64)]
    public IList<EgressIPStatus>? IPs { get; set; }

    /// <summary>Ready: each IP is at a gateway, and has ports left.</summary>
    [JsonPropertyName("conditions"), ListMap("type")]
    public IList<V1Condition>? Conditions { get; set; }
}

/// <summary>The state of a fixed IP.</summary>
public sealed class EgressIPStatus
{
    /// <summary>The address.</summary>
    [JsonPropertyName("address"), Required, StringLength(45, MinimumLength = 2)]
    public string Address { get; set; } = "";

    /// <summary>The node that has it now; absent while none does.</summary>
    [JsonPropertyName("gateway")]
    public string? Gateway { get; set; }

    /// <summary>The number of source ports that belong to nodes.</summary>
    [JsonPropertyName("ports")]
    public int? Ports { get; set; }

    /// <summary>The number of those that connections use.</summary>
    [JsonPropertyName("portsInUse")]
    public int? PortsInUse { get; set; }
}
