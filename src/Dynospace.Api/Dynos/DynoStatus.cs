using System.Text.Json.Serialization;
using Dynospace.Api.Schema;
using k8s.Models;

namespace Dynospace.Api.Dynos;

/// <summary>What the operator saw of a dyno.</summary>
public sealed class DynoStatus
{
    /// <summary>The generation of the spec that this status speaks of.</summary>
    [JsonPropertyName("observedGeneration")]
    public long? ObservedGeneration { get; set; }

    /// <summary>What the dyno does.</summary>
    [JsonPropertyName("state")]
    public DynoState? State { get; set; }

    /// <summary>The release that the pod runs.</summary>
    [JsonPropertyName("release")]
    public long? Release { get; set; }

    /// <summary>The pod's name.</summary>
    [JsonPropertyName("pod")]
    public string? Pod { get; set; }

    /// <summary>The pod's address.</summary>
    [JsonPropertyName("podIP")]
    public string? PodIP { get; set; }

    /// <summary>The node that runs the pod.</summary>
    [JsonPropertyName("node")]
    public string? Node { get; set; }

    /// <summary>How often the process was started again in this pod.</summary>
    [JsonPropertyName("restarts")]
    public int? Restarts { get; set; }

    /// <summary>The exit code of a one-off that ended.</summary>
    [JsonPropertyName("exitCode")]
    public int? ExitCode { get; set; }

    /// <summary>Up: whether the process runs and, for web, answers on its port; its reason says why not.</summary>
    [JsonPropertyName("conditions"), ListMap("type")]
    public IList<V1Condition>? Conditions { get; set; }
}
