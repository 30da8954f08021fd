using System.Text.Json.Serialization;

namespace Dynospace.Api.Dynos;

/// <summary>What a dyno does, in the platform's words.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DynoState>))]
public enum DynoState
{
    /// <summary>No pod yet; the condition says why.</summary>
    Pending,

    /// <summary>The pod exists and is not ready.</summary>
    Starting,

    /// <summary>The process runs; web answers on its port.</summary>
    Up,

    /// <summary>The process ended and will be started again.</summary>
    Crashed,

    /// <summary>A one-off ended with exit code 0.</summary>
    Complete,

    /// <summary>A one-off ended with another exit code.</summary>
    Failed,

    /// <summary>The pod is being ended.</summary>
    Stopping,
}
