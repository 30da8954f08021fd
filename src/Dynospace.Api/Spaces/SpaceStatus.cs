using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;
using k8s.Models;

namespace Dynospace.Api.Spaces;

/// <summary>Last observed state of a Space.</summary>
public sealed class SpaceStatus
{
    /// <summary>The generation of the spec that this status describes.</summary>
    [JsonPropertyName("observedGeneration")]
    public long? ObservedGeneration { get; set; }

    /// <summary>The name of the space's namespace, once the space owns it.</summary>
    [JsonPropertyName("namespace")]
    public string? Namespace { get; set; }

    /// <summary>The number of Apps in the space.</summary>
    [JsonPropertyName("apps")]
    public int? Apps { get; set; }

    /// <summary>The number of dynos that are up, and the desired number, for example <c>3/4</c>.</summary>
    [JsonPropertyName("dynos")]
    public string? Dynos { get; set; }

    /// <summary>
    /// Whose network the dynos have: PerDynoSubnet where each has a /30 of its own, else ClusterDefault.
    /// </summary>
    [JsonPropertyName("dynoNetwork")]
    public DynoNetworkKind? DynoNetwork { get; set; }

    /// <summary>
    /// The fixed source addresses that the space was granted, including those that leave it and that dynos still use.
    /// Condition EgressReady says whether traffic leaves by them.
    /// </summary>
    [JsonPropertyName("outboundIPs")]
    public IList<string>? OutboundIPs { get; set; }

    /// <summary>How the space has its fixed source addresses; absent for a space without.</summary>
    [JsonPropertyName("egress")]
    public SpaceEgressStatus? Egress { get; set; }

    /// <summary>The addresses of the space's routers.</summary>
    [JsonPropertyName("router")]
    public RouterStatus? Router { get; set; }

    /// <summary>
    /// The DNS that the space's dynos ask; absent where they ask the cluster's, and before it has answered.
    /// </summary>
    [JsonPropertyName("dns")]
    public SpaceDnsStatus? Dns { get; set; }

    /// <summary>
    /// The ranges that dynos cannot reach as part of the internet: private, link-local, cluster, service and node
    /// ranges, and metadata addresses. Absent where they are
    /// more than 64: the policy <c>internet</c> has them.
    /// </summary>
    [JsonPropertyName("deniedRanges")]
    public IList<string>? DeniedRanges { get; set; }

    /// <summary>The number of ranges that dynos cannot reach as part of the internet.</summary>
    [JsonPropertyName("deniedRangeCount")]
    public int? DeniedRangeCount { get; set; }

    /// <summary>The last isolation trial; absent before the first.</summary>
    [JsonPropertyName("isolation")]
    public IsolationTrial? Isolation { get; set; }

    /// <summary>
    /// Ready, and the conditions that it sums up: NamespaceReady, NetworkIsolated, IsolationVerified, RouterReady,
    /// DnsReady and EgressReady.
    /// </summary>
    [JsonPropertyName("conditions"), ListMap("type")]
    public IList<V1Condition>? Conditions { get; set; }
}

/// <summary>Whose network the dynos of a space have.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DynoNetworkKind>))]
public enum DynoNetworkKind
{
    /// <summary>Each dyno has a link to its node, in a /30 of its own.</summary>
    PerDynoSubnet,

    /// <summary>
    /// Dynos are attached as the cluster's network attaches pods; at least one has no /30 of its own.
    /// </summary>
    ClusterDefault,
}

/// <summary>How a space has its fixed source addresses.</summary>
public sealed class SpaceEgressStatus
{
    /// <summary>The provider in charge.</summary>
    [JsonPropertyName("provider"), Required]
    public EgressProvider Provider { get; set; }

    /// <summary>
    /// Addresses that the spec no longer asks for, and that dynos use until they are replaced. Absent for none.
    /// </summary>
    [JsonPropertyName("leaving")]
    public IList<string>? Leaving { get; set; }

    /// <summary>
    /// Whether dynos wait, since nothing proves that their packets leave by these addresses. Absent for false.
    /// </summary>
    [JsonPropertyName("waiting")]
    public bool? Waiting { get; set; }
}

/// <summary>The addresses of a space's routers. Several addresses are separated by commas.</summary>
public sealed class RouterStatus
{
    /// <summary>The address of the public router, for the DNS records of public apps.</summary>
    [JsonPropertyName("publicAddress")]
    public string? PublicAddress { get; set; }

    /// <summary>The address of the internal router, which runs while an app has internal routing.</summary>
    [JsonPropertyName("internalAddress")]
    public string? InternalAddress { get; set; }
}

/// <summary>The DNS of a space, which knows its dynos as <c>1.web.shop.app.localspace</c>.</summary>
public sealed class SpaceDnsStatus
{
    /// <summary>The addresses of its Service, one of each family.</summary>
    [JsonPropertyName("addresses"), ListSet]
    public IList<string>? Addresses { get; set; }
}

/// <summary>
/// The last trial of whether the network enforces the policies. Condition IsolationVerified reports the same in words.
/// </summary>
public sealed class IsolationTrial
{
    /// <summary>The time at which it ended.</summary>
    [JsonPropertyName("triedAt"), Required]
    public DateTime TriedAt { get; set; }

    /// <summary>The result. A trial that could not be held leaves NotEnforced unchanged.</summary>
    [JsonPropertyName("result"), Required]
    public TrialResult Result { get; set; }

    /// <summary>
    /// A hash of the policies, node types and network agents that were tried. A different hash starts another trial.
    /// </summary>
    [JsonPropertyName("subject"), Required]
    public string Subject { get; set; } = "";

    /// <summary>What the trial observed.</summary>
    [JsonPropertyName("message")]
    public string? Message { get; set; }

    /// <summary>Why the last trial could not be held; absent when it was held.</summary>
    [JsonPropertyName("obstacle")]
    public string? Obstacle { get; set; }
}

/// <summary>The result of isolation trials.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TrialResult>))]
public enum TrialResult
{
    /// <summary>Allowed connections passed, and forbidden ones did not.</summary>
    Enforced,

    /// <summary>A connection passed that the policies forbid.</summary>
    NotEnforced,

    /// <summary>No conclusive trial was held.</summary>
    NotVerified,
}
