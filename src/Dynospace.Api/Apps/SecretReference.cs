using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Dynospace.Api.Apps;

/// <summary>Names a Secret of the same namespace.</summary>
public sealed class SecretReference
{
    /// <summary>The Secret's name.</summary>
    [JsonPropertyName("name"), Required, StringLength(253, MinimumLength = 1), RegularExpression("^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$")]
    public string Name { get; set; } = "";
}
