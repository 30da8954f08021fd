using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;
using k8s.Models;

namespace Dynospace.Api.Spaces;

/// <summary>An add-on data service that joins the space's network: pods, or addresses outside the cluster.</summary>
[CelRule("has(self.podSelector) != has(self.cidrs)", "give either podSelector (pods in the cluster) or cidrs (addresses outside), not both and not neither")]
// namespace is a reserved word of CEL: every API server knows the field as __namespace__, only newer ones as namespace too.
[CelRule("!has(self.__namespace__) || has(self.podSelector)", "namespace goes with podSelector: remove it, or select pods", FieldPath = ".namespace")]
public sealed class DataService
{
    /// <summary>The name, unique in the space.</summary>
    [JsonPropertyName("name"), Required, StringLength(63, MinimumLength = 1), RegularExpression(Cel.LabelPattern)]
    public string Name { get; set; } = "";

    /// <summary>The service's pods.</summary>
    [JsonPropertyName("podSelector")]
    public V1LabelSelector? PodSelector { get; set; }

    /// <summary>The namespace of the pods. Omitted: the space's own. A namespace of another space selects nothing.</summary>
    [JsonPropertyName("namespace"), StringLength(63, MinimumLength = 1), RegularExpression("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    public string? Namespace { get; set; }

    /// <summary>The service's addresses.</summary>
    [JsonPropertyName("cidrs"), ListSet, MinLength(1), MaxLength(32), ItemLength(1, 49)]
    [CelRule(Cel.IsCidr, Cel.IsCidrMessage, MessageExpression = Cel.IsCidrMessageExpression, OnItems = true)]
    [CelRule(Cel.IsCanonical, Cel.IsCanonicalMessage, MessageExpression = Cel.IsCanonicalMessageExpression, OnItems = true)]
    [CelRule(Cel.IsDisjoint, Cel.IsDisjointMessage)]
    public IList<string>? Cidrs { get; set; }

    /// <summary>The TCP ports that dynos may use.</summary>
    [JsonPropertyName("ports"), Required, ListSet, MinLength(1), MaxLength(16), ItemRange(1, 65535)]
    public IList<int> Ports { get; set; } = [];
}
