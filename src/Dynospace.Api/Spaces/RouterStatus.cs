using System.Text.Json.Serialization;

namespace Dynospace.Api.Spaces;

/// <summary>Where the routers of a space are found. Several addresses are separated by commas.</summary>
public sealed class RouterStatus
{
    /// <summary>The address of the public listener: where the DNS names of public apps point to.</summary>
    [JsonPropertyName("publicAddress")]
    public string? PublicAddress { get; set; }

    /// <summary>The address of the internal listener, while an app has internal routing.</summary>
    [JsonPropertyName("internalAddress")]
    public string? InternalAddress { get; set; }
}
