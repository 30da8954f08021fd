using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Dynospace.Planning.Routing.Providers;

/// <summary>An object of a kind that the client library has no type for.</summary>
public sealed class ProviderObject : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Makes an object.</summary>
    public ProviderObject(ProviderKind kind, V1ObjectMeta metadata, JsonObject spec)
    {
        ArgumentNullException.ThrowIfNull(kind);
        (Type, ApiVersion, Kind, Metadata, Spec) = (kind, kind.ApiVersion, kind.Kind, metadata, spec);
    }

    /// <summary>Its kind, with group and path.</summary>
    [JsonIgnore]
    public ProviderKind Type { get; }

    /// <inheritdoc/>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; }

    /// <inheritdoc/>
    [JsonPropertyName("kind")]
    public string Kind { get; set; }

    /// <inheritdoc/>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; }

    /// <summary>What it shall be.</summary>
    [JsonPropertyName("spec")]
    public JsonObject Spec { get; }
}
