using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;

namespace Dynospace.Api.Spaces;

/// <summary>A network connected to the space.</summary>
public sealed class PeerNetwork
{
    /// <summary>The name, unique in the space.</summary>
    [JsonPropertyName("name"), Required, StringLength(63, MinimumLength = 1), RegularExpression(Cel.LabelPattern)]
    public string Name { get; set; } = "";

    /// <summary>How it is connected; for people to read, the connection itself is the cloud's or the router's.</summary>
    [JsonPropertyName("via"), Required]
    public PeerConnection Via { get; set; }

    /// <summary>Its address ranges.</summary>
    [JsonPropertyName("cidrs"), Required, ListSet, MinLength(1), MaxLength(32), ItemLength(1, 49)]
    [CelRule(Cel.IsCidr, Cel.IsCidrMessage, MessageExpression = Cel.IsCidrMessageExpression, OnItems = true)]
    [CelRule(Cel.IsCanonical, Cel.IsCanonicalMessage, MessageExpression = Cel.IsCanonicalMessageExpression, OnItems = true)]
    [CelRule(Cel.IsDisjoint, Cel.IsDisjointMessage)]
    public IList<string> Cidrs { get; set; } = [];
}
