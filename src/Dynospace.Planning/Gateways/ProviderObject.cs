using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace Dynospace.Planning.Gateways;

/// <summary>A kind that belongs to another program. Most exist only if that program is installed.</summary>
/// <param name="Group">The API group.</param>
/// <param name="Version">The version.</param>
/// <param name="Plural">The plural name, as in API paths.</param>
/// <param name="Kind">The name, as in objects.</param>
public sealed record ProviderKind(string Group, string Version, string Plural, string Kind)
{
    /// <summary>Whether objects live in namespaces.</summary>
    public bool IsNamespaced { get; init; } = true;

    /// <summary>The <c>apiVersion</c> of objects.</summary>
    public string ApiVersion => $"{Group}/{Version}";

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} ({ApiVersion})";
}

/// <summary>Kinds that several gateways share, and certificates.</summary>
public static class ProviderKinds
{
    /// <summary>A route of the Gateway API.</summary>
    public static ProviderKind HttpRoute { get; } = new("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute");

    /// <summary>A route of an ingress controller.</summary>
    public static ProviderKind Ingress { get; } = new("networking.k8s.io", "v1", "ingresses", "Ingress");

    /// <summary>A certificate that cert-manager obtains and renews.</summary>
    public static ProviderKind Certificate { get; } = new("cert-manager.io", "v1", "certificates", "Certificate");
}

/// <summary>An object of a kind that the client library has no type for.</summary>
public sealed class ProviderObject : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Creates an object with its metadata and spec.</summary>
    public ProviderObject(ProviderKind kind, V1ObjectMeta metadata, JsonObject spec)
    {
        ArgumentNullException.ThrowIfNull(kind);
        (Type, ApiVersion, Kind, Metadata, Spec) = (kind, kind.ApiVersion, kind.Kind, metadata, spec);
    }

    /// <summary>The kind, with group and path.</summary>
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

    /// <summary>The desired state.</summary>
    [JsonPropertyName("spec")]
    public JsonObject Spec { get; }
}
