using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;

namespace Dynospace.Api.Spaces;

/// <summary>One destination that dynos may connect to.</summary>
[CelRule("!has(self.endPort) || has(self.port)", "endPort needs port: give the first port of the range", FieldPath = ".endPort")]
[CelRule("!has(self.endPort) || !has(self.port) || self.endPort >= self.port", "endPort must not be less than port: swap them", FieldPath = ".endPort")]
public sealed class EgressRule
{
    /// <summary>The destination.</summary>
    [JsonPropertyName("cidr"), Required, StringLength(49, MinimumLength = 1)]
    [CelRule(Cel.IsCidr, Cel.IsCidrMessage, MessageExpression = Cel.IsCidrMessageExpression)]
    [CelRule(Cel.IsCanonical, Cel.IsCanonicalMessage, MessageExpression = Cel.IsCanonicalMessageExpression)]
    public string Cidr { get; set; } = "";

    /// <summary>The transport protocol.</summary>
    [JsonPropertyName("protocol"), DefaultValue(NetworkProtocol.Any)]
    public NetworkProtocol Protocol { get; set; }

    /// <summary>The port, or the first of a range. Omitted: all ports.</summary>
    [JsonPropertyName("port"), Range(1, 65535)]
    public int? Port { get; set; }

    /// <summary>The last port of the range, included.</summary>
    [JsonPropertyName("endPort"), Range(1, 65535)]
    public int? EndPort { get; set; }
}
