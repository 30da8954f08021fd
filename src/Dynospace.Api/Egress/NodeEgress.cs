using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;

namespace Dynospace.Api.Egress;

/// <summary>What the agent of one node does for fixed IPs, in the status of its NodeNetwork.</summary>
public sealed class NodeEgress
{
    /// <summary>The fixed IPs that the node has as their gateway.</summary>
    [JsonPropertyName("holds"), ListSet, MaxLength(1024), ItemLength(2, 45)]
    public IList<string>? Holds { get; set; }

    /// <summary>The fixed IPs that dynos of the node use.</summary>
    [JsonPropertyName("uses"), ListMap("address"), MaxLength(1024)]
    public IList<NodeEgressUse>? Uses { get; set; }

    /// <summary>The fixed IPs that the node may not announce, since a machine that is not a gateway has them.</summary>
    [JsonPropertyName("occupied"), ListMap("address"), MaxLength(1024)]
    public IList<OccupiedAddress>? Occupied { get; set; }

    /// <summary>
    /// Packets of dynos that were dropped since the agent began, since they had no way out or the wrong address.
    /// </summary>
    [JsonPropertyName("refused")]
    public long? Refused { get; set; }

    /// <summary>Packets of dynos that the node dropped since the agent began, by reason.</summary>
    [JsonPropertyName("drops"), ListMap("reason"), MaxLength(16)]
    public IList<NodeEgressDrop>? Drops { get; set; }
}

/// <summary>Packets that a node dropped for one reason.</summary>
public sealed class NodeEgressDrop
{
    /// <summary>
    /// noway: the dyno has no way out. guard: with the wrong fixed IP, stopped at the last moment. forged: the source
    /// is not the dyno's own address. protocol: neither TCP nor UDP nor ICMP.
    /// </summary>
    [JsonPropertyName("reason"), Required, StringLength(32, MinimumLength = 1)]
    public string Reason { get; set; } = "";

    /// <summary>How many.</summary>
    [JsonPropertyName("packets"), Required]
    public long Packets { get; set; }
}

/// <summary>How dynos of one node use a fixed IP.</summary>
public sealed class NodeEgressUse
{
    /// <summary>The address.</summary>
    [JsonPropertyName("address"), Required, StringLength(45, MinimumLength = 2)]
    public string Address { get; set; } = "";

    /// <summary>The number of the node's source ports that connections use.</summary>
    [JsonPropertyName("portsInUse"), Required]
    public int PortsInUse { get; set; }

    /// <summary>The first ports of the node's blocks that no connection has used for ten minutes.</summary>
    [JsonPropertyName("idle"), ListSet, MaxLength(512)]
    public IList<int>? Idle { get; set; }

    /// <summary>
    /// The first ports of the node's retiring blocks that no connection uses, and no new one gets.
    /// </summary>
    [JsonPropertyName("released"), ListSet, MaxLength(512)]
    public IList<int>? Released { get; set; }
}

/// <summary>A fixed IP that another machine has.</summary>
public sealed class OccupiedAddress
{
    /// <summary>The address.</summary>
    [JsonPropertyName("address"), Required, StringLength(45, MinimumLength = 2)]
    public string Address { get; set; } = "";

    /// <summary>The hardware address of the machine.</summary>
    [JsonPropertyName("mac"), Required, StringLength(17, MinimumLength = 17)]
    public string Mac { get; set; } = "";
}
