using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;
using k8s.Models;

namespace Dynospace.Api.Spaces;

/// <summary>Desired state of a Space.</summary>
[CelRule(
    "self.runtime == oldSelf.runtime",
    "runtime cannot change: create a new Space and move the apps",
    MessageExpression =
        "'runtime cannot change from ' + oldSelf.runtime + ' to ' + self.runtime + ': create a new Space and move the "
        + "apps'",
    FieldPath = ".runtime")]
[CelRule(
    "self.region == oldSelf.region",
    "region cannot change: create a new Space there and move the apps",
    MessageExpression =
        "'region cannot change from ' + oldSelf.region + ' to ' + self.region + ': create a new Space there and move "
        + "the apps'",
    FieldPath = ".region")]
[CelRule(
    "self.runtime != 'Common' || !has(self.trustedIPRanges)",
    "trustedIPRanges" + NotCommon,
    FieldPath = ".trustedIPRanges")]
[CelRule("self.runtime != 'Common' || !has(self.outboundIPs)", "outboundIPs" + NotCommon, FieldPath = ".outboundIPs")]
[CelRule(
    "!has(self.outboundIPs) || !has(self.egress) || !has(self.egress.count)",
    "give either outboundIPs or egress.count, not both: the first names the addresses, the second takes them from the "
    + "operator's pool",
    FieldPath = ".outboundIPs")]
[CelRule("self.runtime != 'Common' || !has(self.egress)", "egress" + NotCommon, FieldPath = ".egress")]
[CelRule(
    "self.runtime != 'Common' || !has(self.peerNetworks)", "peerNetworks" + NotCommon, FieldPath = ".peerNetworks")]
[CelRule(
    "self.runtime != 'Common' || !has(self.dataServices)", "dataServices" + NotCommon, FieldPath = ".dataServices")]
[CelRule(
    "self.runtime != 'Common' || !has(self.router)",
    "router needs runtime Private or Shield, since Common spaces share one: remove it, or create the Space with one of "
    + "these",
    FieldPath = ".router")]
public sealed class SpaceSpec
{
    private const string NotCommon =
        " needs runtime Private or Shield: remove it, or create the Space with one of these";

    /// <summary>
    /// The network of the dynos. Common: dynos cannot reach one another. Private: all dynos of the space reach one
    /// another. Shield: as Private, with stricter rules for tenants. Immutable.
    /// </summary>
    [JsonPropertyName("runtime"), Required]
    public SpaceRuntime Runtime { get; set; }

    /// <summary>
    /// The region whose nodes run the space. The operator's options map it to a node label. Immutable.
    /// </summary>
    [JsonPropertyName("region"), Required, StringLength(63, MinimumLength = 1)]
    [RegularExpression("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    public string Region { get; set; } = "";

    /// <summary>
    /// The CIDR ranges whose clients may send web requests to the public router. If omitted, all clients (0.0.0.0/0 and
    /// ::/0); if empty, none. Private and Shield spaces only.
    /// </summary>
    [JsonPropertyName("trustedIPRanges"), ListSet, MaxLength(SpaceDefaults.MaxTrustedIPRanges), ItemLength(1, 49)]
    [CelRule(Cel.IsCidr, Cel.IsCidrMessage, MessageExpression = Cel.IsCidrMessageExpression, OnItems = true)]
    [CelRule(
        Cel.IsCanonical, Cel.IsCanonicalMessage, MessageExpression = Cel.IsCanonicalMessageExpression, OnItems = true)]
    [CelRule(Cel.IsDisjoint, Cel.IsDisjointMessage)]
    public IList<string>? TrustedIPRanges { get; set; }

    /// <summary>
    /// The fixed source addresses of outgoing traffic: every packet of a dyno that leaves the cluster has one of them,
    /// or is dropped. Needs an egress provider; while the operator has none (option egressProvider), traffic leaves by
    /// the cluster's own addresses, and condition EgressReady says so. An address that another Space was granted first
    /// stays there. Private and Shield spaces only.
    /// </summary>
    [JsonPropertyName("outboundIPs"), ListSet, MaxLength(16), ItemLength(1, 45)]
    [CelRule(Cel.IsIP, Cel.IsIPMessage, MessageExpression = Cel.IsIPMessageExpression, OnItems = true)]
    [CelRule(
        Cel.IsCanonicalIP,
        Cel.IsCanonicalIPMessage,
        MessageExpression = Cel.IsCanonicalIPMessageExpression,
        OnItems = true)]
    public IList<string>? OutboundIPs { get; set; }

    /// <summary>Restricts the traffic that leaves the space. Private and Shield spaces only.</summary>
    [JsonPropertyName("egress")]
    public EgressSpec? Egress { get; set; }

    /// <summary>
    /// VPC-peered and VPN-connected networks. Dynos may connect to them, and they may send requests to apps with
    /// internal routing. Private and Shield spaces only.
    /// </summary>
    [JsonPropertyName("peerNetworks"), ListMap("name"), MaxLength(32)]
    public IList<PeerNetwork>? PeerNetworks { get; set; }

    /// <summary>
    /// Data services outside the space, such as databases, that its dynos may connect to. Private and Shield spaces
    /// only.
    /// </summary>
    [JsonPropertyName("dataServices"), ListMap("name"), MaxLength(64)]
    public IList<DataService>? DataServices { get; set; }

    /// <summary>
    /// Settings of the space's own router. Private and Shield spaces only; all Common spaces share one router.
    /// </summary>
    [JsonPropertyName("router")]
    public RouterSpec? Router { get; set; }
}

/// <summary>The network of a space's dynos.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SpaceRuntime>))]
public enum SpaceRuntime
{
    /// <summary>Every dyno is isolated from every other; a shared router serves web dynos.</summary>
    Common,

    /// <summary>The dynos of the space share a private network, with a router of their own.</summary>
    Private,

    /// <summary>As Private, for stricter compliance needs.</summary>
    Shield,
}

/// <summary>Restricts the traffic that leaves a Private or Shield space.</summary>
public sealed class EgressSpec
{
    /// <summary>
    /// The implementation that gives outgoing traffic its fixed source addresses. If omitted, the operator's option
    /// egressProvider.
    /// </summary>
    [JsonPropertyName("provider")]
    public EgressProvider? Provider { get; set; }

    /// <summary>
    /// The number of fixed source addresses that the space gets from the operator's pool, of each IP family that the
    /// pool has. Instead of outboundIPs.
    /// </summary>
    [JsonPropertyName("count"), Range(1, 16)]
    public int? Count { get; set; }

    /// <summary>The destinations on the internet that dynos may connect to. If omitted or empty, all of them.</summary>
    [JsonPropertyName("rules"), MaxLength(64)]
    [CelRule(
        """
        self.all(a, self.exists_one(b, b.cidr == a.cidr
        && (has(b.protocol) ? b.protocol : 'Any') == (has(a.protocol) ? a.protocol : 'Any')
        && (has(b.port) ? b.port : 0) == (has(a.port) ? a.port : 0)
        && (has(b.endPort) ? b.endPort : 0) == (has(a.endPort) ? a.endPort : 0)))
        """,
        "two of the rules are the same: remove one of them")]
    public IList<EgressRule>? Rules { get; set; }
}

/// <summary>The implementation that translates the source address of outgoing traffic.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EgressProvider>))]
public enum EgressProvider
{
    /// <summary>Nothing: traffic leaves by the cluster's own addresses.</summary>
    None,

    /// <summary>
    /// The one of the providers below that the cluster serves; Builtin where it serves none of them.
    /// </summary>
    Auto,

    /// <summary>Dynospace's own node agents; works with any CNI.</summary>
    Builtin,

    /// <summary>Something outside the cluster, such as a cloud's NAT gateway. The addresses are given.</summary>
    External,

    /// <summary>Cilium's egress gateway.</summary>
    Cilium,

    /// <summary>Antrea's Egress.</summary>
    Antrea,

    /// <summary>OVN-Kubernetes' EgressIP.</summary>
    OVNKubernetes,

    /// <summary>Spidernet's egress gateway.</summary>
    Spidernet,

    /// <summary>Kube-OVN's VpcEgressGateway.</summary>
    KubeOVN,
}

/// <summary>One destination that dynos may connect to.</summary>
[CelRule(
    "!has(self.endPort) || has(self.port)",
    "endPort needs port: give the first port of the range",
    FieldPath = ".endPort")]
[CelRule(
    "!has(self.endPort) || !has(self.port) || self.endPort >= self.port",
    "endPort must not be less than port: swap them",
    FieldPath = ".endPort")]
public sealed class EgressRule
{
    /// <summary>The CIDR range of the destination.</summary>
    [JsonPropertyName("cidr"), Required, StringLength(49, MinimumLength = 1)]
    [CelRule(Cel.IsCidr, Cel.IsCidrMessage, MessageExpression = Cel.IsCidrMessageExpression)]
    [CelRule(Cel.IsCanonical, Cel.IsCanonicalMessage, MessageExpression = Cel.IsCanonicalMessageExpression)]
    public string Cidr { get; set; } = "";

    /// <summary>The transport protocol: TCP, UDP, or Any for both. Default Any.</summary>
    [JsonPropertyName("protocol"), UnstatedDefault]
    public NetworkProtocol Protocol { get; set; }

    /// <summary>The port, or the first port of a range. If omitted, all ports.</summary>
    [JsonPropertyName("port"), Range(1, 65535)]
    public int? Port { get; set; }

    /// <summary>The last port of the range, inclusive.</summary>
    [JsonPropertyName("endPort"), Range(1, 65535)]
    public int? EndPort { get; set; }
}

/// <summary>The transport protocol of an egress rule.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NetworkProtocol>))]
public enum NetworkProtocol
{
    /// <summary>TCP and UDP.</summary>
    Any,

    /// <summary>TCP.</summary>
    TCP,

    /// <summary>UDP.</summary>
    UDP,
}

/// <summary>A network connected to the space.</summary>
public sealed class PeerNetwork
{
    /// <summary>The name, unique in the space.</summary>
    [JsonPropertyName("name"), Required, StringLength(63, MinimumLength = 1), RegularExpression(Cel.LabelPattern)]
    public string Name { get; set; } = "";

    /// <summary>
    /// The type of the connection, for information only: the operator does not create the connection.
    /// </summary>
    [JsonPropertyName("via"), Required]
    public PeerConnection Via { get; set; }

    /// <summary>The CIDR ranges of the network.</summary>
    [JsonPropertyName("cidrs"), Required, ListSet, MinLength(1), MaxLength(32), ItemLength(1, 49)]
    [CelRule(Cel.IsCidr, Cel.IsCidrMessage, MessageExpression = Cel.IsCidrMessageExpression, OnItems = true)]
    [CelRule(
        Cel.IsCanonical, Cel.IsCanonicalMessage, MessageExpression = Cel.IsCanonicalMessageExpression, OnItems = true)]
    [CelRule(Cel.IsDisjoint, Cel.IsDisjointMessage)]
    public IList<string> Cidrs { get; set; } = [];
}

/// <summary>The type of the connection to a peer network.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PeerConnection>))]
public enum PeerConnection
{
    /// <summary>A VPC peering.</summary>
    VPC,

    /// <summary>A site-to-site VPN.</summary>
    VPN,
}

/// <summary>A data service that dynos may connect to: pods in the cluster, or addresses outside it.</summary>
[CelRule(
    "has(self.podSelector) != has(self.cidrs)",
    "give either podSelector (pods in the cluster) or cidrs (addresses outside), not both and not neither")]
// namespace is a reserved word of CEL: every API server knows the field as __namespace__, only newer ones as namespace
// too.
[CelRule(
    "!has(self.__namespace__) || has(self.podSelector)",
    "namespace goes with podSelector: remove it, or select pods",
    FieldPath = ".namespace")]
public sealed class DataService
{
    /// <summary>The name, unique in the space.</summary>
    [JsonPropertyName("name"), Required, StringLength(63, MinimumLength = 1), RegularExpression(Cel.LabelPattern)]
    public string Name { get; set; } = "";

    /// <summary>Selects the pods of the service.</summary>
    [JsonPropertyName("podSelector")]
    public V1LabelSelector? PodSelector { get; set; }

    /// <summary>
    /// The namespace of the pods. If omitted, the space's own. A namespace of another space selects no pod.
    /// </summary>
    [JsonPropertyName("namespace"), StringLength(63, MinimumLength = 1)]
    [RegularExpression("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    public string? Namespace { get; set; }

    /// <summary>The CIDR ranges of the service's addresses.</summary>
    [JsonPropertyName("cidrs"), ListSet, MinLength(1), MaxLength(32), ItemLength(1, 49)]
    [CelRule(Cel.IsCidr, Cel.IsCidrMessage, MessageExpression = Cel.IsCidrMessageExpression, OnItems = true)]
    [CelRule(
        Cel.IsCanonical, Cel.IsCanonicalMessage, MessageExpression = Cel.IsCanonicalMessageExpression, OnItems = true)]
    [CelRule(Cel.IsDisjoint, Cel.IsDisjointMessage)]
    public IList<string>? Cidrs { get; set; }

    /// <summary>The TCP ports that dynos may connect to.</summary>
    [JsonPropertyName("ports"), Required, ListSet, MinLength(1), MaxLength(16), ItemRange(1, 65535)]
    public IList<int> Ports { get; set; } = [];
}

/// <summary>The router of a Private or Shield space.</summary>
public sealed class RouterSpec
{
    /// <summary>The number of router pods for each listener.</summary>
    [JsonPropertyName("replicas"), Range(1, 16), DefaultValue(SpaceDefaults.RouterReplicas)]
    public int Replicas { get; set; } = SpaceDefaults.RouterReplicas;

    /// <summary>
    /// The longest that the router waits for the first byte of a response, in seconds; then it answers H12.
    /// </summary>
    [JsonPropertyName("firstByteTimeoutSeconds"), Range(1, 3600), DefaultValue(SpaceDefaults.FirstByteTimeoutSeconds)]
    public int FirstByteTimeoutSeconds { get; set; } = SpaceDefaults.FirstByteTimeoutSeconds;

    /// <summary>
    /// The longest that a connection may be idle after the first byte of the response, in seconds; then the router
    /// closes it (H15, H28). Every byte in either direction restarts the time.
    /// </summary>
    [JsonPropertyName("idleTimeoutSeconds"), Range(1, 3600), DefaultValue(SpaceDefaults.IdleTimeoutSeconds)]
    public int IdleTimeoutSeconds { get; set; } = SpaceDefaults.IdleTimeoutSeconds;
}
