using System.Text.Json.Serialization;
using Dynospace.Api.Schema;
using k8s.Models;

namespace Dynospace.Api.Spaces;

/// <summary>What the operator saw of a space.</summary>
public sealed class SpaceStatus
{
    /// <summary>The generation of the spec that this status speaks of.</summary>
    [JsonPropertyName("observedGeneration")]
    public long? ObservedGeneration { get; set; }

    /// <summary>The namespace, once it is the space's own.</summary>
    [JsonPropertyName("namespace")]
    public string? Namespace { get; set; }

    /// <summary>The number of apps.</summary>
    [JsonPropertyName("apps")]
    public int? Apps { get; set; }

    /// <summary>Dynos up and wished for, <c>3/4</c>.</summary>
    [JsonPropertyName("dynos")]
    public string? Dynos { get; set; }

    /// <summary>The source addresses of the space's outgoing traffic.</summary>
    [JsonPropertyName("outboundIPs")]
    public IList<string>? OutboundIPs { get; set; }

    /// <summary>Where the space's routers are found.</summary>
    [JsonPropertyName("router")]
    public RouterStatus? Router { get; set; }

    /// <summary>The ranges that dynos cannot reach as "internet": private, link-local, cluster, service and node ranges and the metadata addresses.</summary>
    [JsonPropertyName("deniedRanges")]
    public IList<string>? DeniedRanges { get; set; }

    /// <summary>The last trial of the network's enforcement; absent where none was held.</summary>
    [JsonPropertyName("isolation")]
    public IsolationTrial? Isolation { get; set; }

    /// <summary>Ready, and what it sums up: NamespaceReady, NetworkIsolated, IsolationVerified, RouterReady and EgressReady.</summary>
    [JsonPropertyName("conditions"), ListMap("type")]
    public IList<V1Condition>? Conditions { get; set; }
}
