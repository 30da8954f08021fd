using System.Text.Json.Serialization;

namespace Dynospace.Api.Spaces;

/// <summary>How a space's dynos are networked.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SpaceRuntime>))]
public enum SpaceRuntime
{
    /// <summary>Every dyno is firewalled from every other; the shared router serves web dynos.</summary>
    Common,

    /// <summary>The dynos of the space share a private network, with a router and fixed outbound addresses of their own.</summary>
    Private,

    /// <summary>As Private, for stricter compliance needs.</summary>
    Shield,
}
