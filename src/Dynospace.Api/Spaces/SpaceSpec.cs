using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;

namespace Dynospace.Api.Spaces;

/// <summary>What a space shall be.</summary>
[CelRule("self.runtime == oldSelf.runtime", "runtime cannot change: create a new Space and move the apps", MessageExpression = "'runtime cannot change from ' + oldSelf.runtime + ' to ' + self.runtime + ': create a new Space and move the apps'", FieldPath = ".runtime")]
[CelRule("self.region == oldSelf.region", "region cannot change: create a new Space there and move the apps", MessageExpression = "'region cannot change from ' + oldSelf.region + ' to ' + self.region + ': create a new Space there and move the apps'", FieldPath = ".region")]
[CelRule("self.runtime != 'Common' || !has(self.trustedIPRanges)", "trustedIPRanges needs runtime Private or Shield: remove it, or create the Space with one of these", FieldPath = ".trustedIPRanges")]
[CelRule("self.runtime != 'Common' || !has(self.outboundIPs)", "outboundIPs needs runtime Private or Shield: remove it, or create the Space with one of these", FieldPath = ".outboundIPs")]
[CelRule("self.runtime != 'Common' || !has(self.egress)", "egress needs runtime Private or Shield: remove it, or create the Space with one of these", FieldPath = ".egress")]
[CelRule("self.runtime != 'Common' || !has(self.peerNetworks)", "peerNetworks needs runtime Private or Shield: remove it, or create the Space with one of these", FieldPath = ".peerNetworks")]
[CelRule("self.runtime != 'Common' || !has(self.dataServices)", "dataServices needs runtime Private or Shield: remove it, or create the Space with one of these", FieldPath = ".dataServices")]
[CelRule("self.runtime != 'Common' || !has(self.router)", "router needs runtime Private or Shield, since Common spaces share one: remove it, or create the Space with one of these", FieldPath = ".router")]
public sealed class SpaceSpec
{
    /// <summary>How the dynos are networked. Immutable.</summary>
    [JsonPropertyName("runtime"), Required]
    public SpaceRuntime Runtime { get; set; }

    /// <summary>The region whose nodes run the space; the operator's options map it to node labels. Immutable.</summary>
    [JsonPropertyName("region"), Required, StringLength(63, MinimumLength = 1), RegularExpression("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    public string Region { get; set; } = "";

    /// <summary>Who may send web requests to the public router, by CIDR. Omitted: everybody (0.0.0.0/0 and ::/0). Empty: nobody. Private and Shield only.</summary>
    [JsonPropertyName("trustedIPRanges"), ListSet, MaxLength(SpaceDefaults.MaxTrustedIPRanges), ItemLength(1, 49)]
    [CelRule(Cel.IsCidr, Cel.IsCidrMessage, MessageExpression = Cel.IsCidrMessageExpression, OnItems = true)]
    [CelRule(Cel.IsCanonical, Cel.IsCanonicalMessage, MessageExpression = Cel.IsCanonicalMessageExpression, OnItems = true)]
    [CelRule(Cel.IsDisjoint, Cel.IsDisjointMessage)]
    public IList<string>? TrustedIPRanges { get; set; }

    /// <summary>The fixed source addresses of outgoing traffic. Private and Shield only.</summary>
    [JsonPropertyName("outboundIPs"), ListSet, MaxLength(16), ItemLength(1, 45)]
    [CelRule(Cel.IsIP, Cel.IsIPMessage, MessageExpression = Cel.IsIPMessageExpression, OnItems = true)]
    public IList<string>? OutboundIPs { get; set; }

    /// <summary>How traffic leaves the space. Private and Shield only.</summary>
    [JsonPropertyName("egress")]
    public EgressSpec? Egress { get; set; }

    /// <summary>VPC-peered and VPN-connected networks: dynos may call them, and they may call apps with internal routing. Private and Shield only.</summary>
    [JsonPropertyName("peerNetworks"), ListMap("name"), MaxLength(32)]
    public IList<PeerNetwork>? PeerNetworks { get; set; }

    /// <summary>Add-on data services that join the space's network. Private and Shield only.</summary>
    [JsonPropertyName("dataServices"), ListMap("name"), MaxLength(64)]
    public IList<DataService>? DataServices { get; set; }

    /// <summary>The space's own router. Private and Shield only; all Common spaces share one.</summary>
    [JsonPropertyName("router")]
    public RouterSpec? Router { get; set; }
}
