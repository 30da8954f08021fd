using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;
using k8s;
using k8s.Models;

namespace Dynospace.Api.Apps;

/// <summary>An application in a space: an image, its config and how many dynos of which process types run it. Lives in the space's namespace.</summary>
[KubernetesEntity(Group = DynospaceGroup.Name, ApiVersion = DynospaceGroup.Version, Kind = "App", PluralName = "apps")]
[CustomResource(ResourceScope.Namespaced, "ap", SpecReplicasPath = ".spec.replicas", StatusReplicasPath = ".status.replicas", LabelSelectorPath = ".status.selector")]
[PrinterColumn("Formation", "string", ".status.formation")]
[PrinterColumn("Up", "string", ".status.dynos")]
[PrinterColumn("Release", "integer", ".status.release")]
[PrinterColumn("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status")]
[PrinterColumn("Reason", "string", ".status.conditions[?(@.type==\"Ready\")].reason")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
[PrinterColumn("Hosts", "string", ".status.hosts", Priority = 1)]
[PrinterColumn("Image", "string", ".spec.image", Priority = 1)]
[PrinterColumn("Message", "string", ".status.conditions[?(@.type==\"Ready\")].message", Priority = 1)]
[CelRule("self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$') && size(self.metadata.name) <= 30 && !self.metadata.name.contains('--')", "metadata.name becomes part of Service and pod names: use at most 30 lower-case letters, digits and single hyphens, beginning with a letter")]
public sealed class App : IKubernetesObject<V1ObjectMeta>, ISpec<AppSpec>, IStatus<AppStatus?>
{
    /// <inheritdoc/>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = $"{DynospaceGroup.Name}/{DynospaceGroup.Version}";

    /// <inheritdoc/>
    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "App";

    /// <inheritdoc/>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What the app shall be.</summary>
    [JsonPropertyName("spec"), Required]
    public AppSpec Spec { get; set; } = new();

    /// <summary>What the operator saw last.</summary>
    [JsonPropertyName("status")]
    public AppStatus? Status { get; set; }
}
