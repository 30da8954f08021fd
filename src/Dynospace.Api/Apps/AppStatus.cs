using System.Text.Json.Serialization;
using Dynospace.Api.Schema;
using k8s.Models;

namespace Dynospace.Api.Apps;

/// <summary>What the operator saw of an app.</summary>
public sealed class AppStatus
{
    /// <summary>The generation of the spec that this status speaks of.</summary>
    [JsonPropertyName("observedGeneration")]
    public long? ObservedGeneration { get; set; }

    /// <summary>The number of the release that is out.</summary>
    [JsonPropertyName("release")]
    public long? Release { get; set; }

    /// <summary>The wished formation, <c>web=2 worker=1</c>.</summary>
    [JsonPropertyName("formation")]
    public string? Formation { get; set; }

    /// <summary>Dynos of the formation up and wished for, <c>2/3</c>.</summary>
    [JsonPropertyName("dynos")]
    public string? Dynos { get; set; }

    /// <summary>The number of web dynos there are, for the scale subresource.</summary>
    [JsonPropertyName("replicas")]
    public int? Replicas { get; set; }

    /// <summary>The label selector of the web dynos' pods, for the scale subresource.</summary>
    [JsonPropertyName("selector")]
    public string? Selector { get; set; }

    /// <summary>The host names that the router serves for this app: the generated one, and those of its domains that no older app has.</summary>
    [JsonPropertyName("hosts")]
    public IList<string>? Hosts { get; set; }

    /// <summary>Ready, and what it sums up: Accepted, Released, Available and Routed.</summary>
    [JsonPropertyName("conditions"), ListMap("type")]
    public IList<V1Condition>? Conditions { get; set; }
}
