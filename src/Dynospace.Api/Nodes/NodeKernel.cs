using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;

namespace Dynospace.Api.Nodes;

/// <summary>
/// What the agent measures on its node, once a minute, for people and for <c>dynospace doctor</c>. Nothing is decided
/// by it.
/// </summary>
public sealed class NodeKernel
{
    /// <summary>The release of the kernel.</summary>
    [JsonPropertyName("release"), StringLength(128)]
    public string? Release { get; set; }

    /// <summary>The version of nftables that the agent uses; absent if it does not answer.</summary>
    [JsonPropertyName("nftables"), StringLength(64)]
    public string? Nftables { get; set; }

    /// <summary>
    /// Whether the kernel makes VXLAN links with group policy, which fixed IPs need. Absent if that was not tried,
    /// because the part egress is off or the agent may not make links.
    /// </summary>
    [JsonPropertyName("vxlanGroupPolicy")]
    public bool? VxlanGroupPolicy { get; set; }

    /// <summary>The links with a default route, and the agent's tunnels.</summary>
    [JsonPropertyName("links"), ListMap("name"), MaxLength(32)]
    public IList<NodeLink>? Links { get; set; }

    /// <summary>
    /// Settings of the kernel that matter, by their path below /proc/sys/net, such as ipv4/conf/eth0/rp_filter.
    /// </summary>
    [JsonPropertyName("settings"), ItemLength(0, 64)]
    public IDictionary<string, string>? Settings { get; set; }

    /// <summary>Base chains of other programs in nftables, those that drop by default first.</summary>
    [JsonPropertyName("foreignChains"), MaxLength(64)]
    public IList<ForeignChain>? ForeignChains { get; set; }

    /// <summary>Routing rules of other programs, in the order of their priority.</summary>
    [JsonPropertyName("foreignRules"), MaxLength(64)]
    public IList<ForeignRule>? ForeignRules { get; set; }

    /// <summary>
    /// Tables of legacy iptables, whose rules the agent does not see, such as <c>ip filter</c>. Absent if the list
    /// cannot be read.
    /// </summary>
    [JsonPropertyName("legacyTables"), MaxLength(16), ItemLength(1, 64)]
    public IList<string>? LegacyTables { get; set; }

    /// <summary>How many connections the kernel can track.</summary>
    [JsonPropertyName("connectionLimit")]
    public long? ConnectionLimit { get; set; }

    /// <summary>How much of that is used, in percent, rounded down to tens.</summary>
    [JsonPropertyName("connectionsPercent")]
    public int? ConnectionsPercent { get; set; }
}

/// <summary>A network interface of a node.</summary>
public sealed class NodeLink
{
    /// <summary>Its name.</summary>
    [JsonPropertyName("name"), Required, StringLength(15, MinimumLength = 1)]
    public string Name { get; set; } = "";

    /// <summary>The largest packet.</summary>
    [JsonPropertyName("mtu"), Required]
    public int Mtu { get; set; }
}

/// <summary>A base chain of another program in nftables.</summary>
public sealed class ForeignChain
{
    /// <summary>Family and name of its table, such as <c>ip filter</c>.</summary>
    [JsonPropertyName("table"), Required, StringLength(256)]
    public string Table { get; set; } = "";

    /// <summary>Its name.</summary>
    [JsonPropertyName("name"), Required, StringLength(256)]
    public string Name { get; set; } = "";

    /// <summary>Where it hooks in, such as <c>forward</c>.</summary>
    [JsonPropertyName("hook"), Required, StringLength(32)]
    public string Hook { get; set; } = "";

    /// <summary>Its place among the chains of the hook.</summary>
    [JsonPropertyName("priority"), Required]
    public int Priority { get; set; }

    /// <summary>What becomes of a packet that no rule of it decides about: <c>accept</c> or <c>drop</c>.</summary>
    [JsonPropertyName("policy"), StringLength(32)]
    public string? Policy { get; set; }
}

/// <summary>A routing rule of another program.</summary>
public sealed class ForeignRule
{
    /// <summary>Its priority: lower numbers come first.</summary>
    [JsonPropertyName("priority"), Required]
    public long Priority { get; set; }

    /// <summary>The rule in words, such as <c>IPv4 fwmark 0x200/0xf00 lookup 2004</c>.</summary>
    [JsonPropertyName("rule"), Required, StringLength(256)]
    public string Rule { get; set; } = "";
}
