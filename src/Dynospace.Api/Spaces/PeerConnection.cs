using System.Text.Json.Serialization;

namespace Dynospace.Api.Spaces;

/// <summary>How a peer network is connected.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PeerConnection>))]
public enum PeerConnection
{
    /// <summary>A VPC peering.</summary>
    VPC,

    /// <summary>A site-to-site VPN.</summary>
    VPN,
}
