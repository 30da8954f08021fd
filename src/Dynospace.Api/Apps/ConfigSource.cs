using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Dynospace.Api.Apps;

/// <summary>Where config vars come from.</summary>
public sealed class ConfigSource
{
    /// <summary>A Secret whose keys become config vars.</summary>
    [JsonPropertyName("secretRef"), Required]
    public SecretReference SecretRef { get; set; } = new();
}
