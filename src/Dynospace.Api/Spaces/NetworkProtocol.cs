using System.Text.Json.Serialization;

namespace Dynospace.Api.Spaces;

/// <summary>The transport protocol of an egress rule.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NetworkProtocol>))]
public enum NetworkProtocol
{
    /// <summary>TCP and UDP alike.</summary>
    Any,

    /// <summary>TCP.</summary>
    TCP,

    /// <summary>UDP.</summary>
    UDP,
}
