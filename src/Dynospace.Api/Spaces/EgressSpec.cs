using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;

namespace Dynospace.Api.Spaces;

/// <summary>How traffic leaves a Private or Shield space.</summary>
public sealed class EgressSpec
{
    /// <summary>Who gives the traffic its fixed source address. Omitted: the operator's default.</summary>
    [JsonPropertyName("provider")]
    public EgressProvider? Provider { get; set; }

    /// <summary>Where dynos may connect to on the internet. Omitted or empty: everywhere.</summary>
    [JsonPropertyName("rules"), MaxLength(64)]
    [CelRule("self.all(a, self.exists_one(b, b == a))", "two of the rules are the same: remove one of them")]
    public IList<EgressRule>? Rules { get; set; }
}
