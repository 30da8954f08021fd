using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Dynospace.Api.Spaces;

/// <summary>The router of a Private or Shield space.</summary>
public sealed class RouterSpec
{
    /// <summary>The number of router pods for each listener.</summary>
    [JsonPropertyName("replicas"), Range(1, 16), DefaultValue(SpaceDefaults.RouterReplicas)]
    public int Replicas { get; set; } = SpaceDefaults.RouterReplicas;

    /// <summary>How long a web dyno may take until the first byte of its response (the platform's H12).</summary>
    [JsonPropertyName("firstByteTimeoutSeconds"), Range(1, 3600), DefaultValue(SpaceDefaults.FirstByteTimeoutSeconds)]
    public int FirstByteTimeoutSeconds { get; set; } = SpaceDefaults.FirstByteTimeoutSeconds;

    /// <summary>How long a connection may be silent in both directions after that; every byte starts it anew (the platform's H15, H28).</summary>
    [JsonPropertyName("idleTimeoutSeconds"), Range(1, 3600), DefaultValue(SpaceDefaults.IdleTimeoutSeconds)]
    public int IdleTimeoutSeconds { get; set; } = SpaceDefaults.IdleTimeoutSeconds;
}
