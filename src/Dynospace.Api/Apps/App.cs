// Apps: the App resource: what a tenant asks of an app, and what the operator reports of it.

using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;
using k8s;
using k8s.Models;

namespace Dynospace.Api.Apps;

/// <summary>
/// An application in a space: its image, its config and the number of dynos of each process type. Create it in the
/// space's namespace.
/// </summary>
[KubernetesEntity(Group = DynospaceGroup.Name, ApiVersion = DynospaceGroup.Version, Kind = "App", PluralName = "apps")]
[CustomResource(
    ResourceScope.Namespaced,
    "ap",
    SpecReplicasPath = ".spec.replicas",
    StatusReplicasPath = ".status.replicas",
    LabelSelectorPath = ".status.selector")]
[PrinterColumn("Formation", "string", ".status.formation")]
[PrinterColumn("Up", "string", ".status.dynos")]
[PrinterColumn("Release", "integer", ".status.release")]
[PrinterColumn("Ready", "string", """.status.conditions[?(@.type=="Ready")].status""")]
[PrinterColumn("Reason", "string", """.status.conditions[?(@.type=="Ready")].reason""")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
[PrinterColumn("Hosts", "string", ".status.hosts", Priority = 1)]
[PrinterColumn("Image", "string", ".spec.image", Priority = 1)]
[PrinterColumn("Message", "string", """.status.conditions[?(@.type=="Ready")].message""", Priority = 1)]
[CelRule(
    "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$') && size(self.metadata.name) <= 30 && "
    + "!self.metadata.name.contains('--')",
    "metadata.name becomes part of Service and pod names: use at most 30 lower-case letters, digits and single "
    + "hyphens, beginning with a letter")]
[CelRule(AppRules.ReplicasHaveWebFromTheStart, AppRules.ReplicasHaveWebMessage, FieldPath = ".spec.replicas")]
[CelRule(AppRules.IsWithinTotalFromTheStart, AppRules.IsWithinTotalMessage, FieldPath = ".spec.processes")]
[CelRule(AppRules.IsWithinLargeFromTheStart, AppRules.IsWithinLargeMessage, FieldPath = ".spec.processes")]
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

    /// <summary>Desired state of the App.</summary>
    [JsonPropertyName("spec"), Required]
    public AppSpec Spec { get; set; } = new();

    /// <summary>Last observed state of the App, written by the operator.</summary>
    [JsonPropertyName("status")]
    public AppStatus? Status { get; set; }
}

/// <summary>Last observed state of an App.</summary>
public sealed class AppStatus
{
    /// <summary>The generation of the spec that this status describes.</summary>
    [JsonPropertyName("observedGeneration")]
    public long? ObservedGeneration { get; set; }

    /// <summary>The number of the current release.</summary>
    [JsonPropertyName("release")]
    public long? Release { get; set; }

    /// <summary>The desired number of dynos of each process type, for example <c>web=2 worker=1</c>.</summary>
    [JsonPropertyName("formation")]
    public string? Formation { get; set; }

    /// <summary>The number of dynos that are up, and the desired number, for example <c>2/3</c>.</summary>
    [JsonPropertyName("dynos")]
    public string? Dynos { get; set; }

    /// <summary>The number of web dynos that exist, for the scale subresource.</summary>
    [JsonPropertyName("replicas")]
    public int? Replicas { get; set; }

    /// <summary>The label selector of the web dynos' pods, for the scale subresource.</summary>
    [JsonPropertyName("selector")]
    public string? Selector { get; set; }

    /// <summary>
    /// The host names that are routed to this App: the generated one, and its domains that no other App holds.
    /// </summary>
    [JsonPropertyName("hosts")]
    public IList<string>? Hosts { get; set; }

    /// <summary>Ready, and the conditions that it sums up: Accepted, Released, Available and Routed.</summary>
    [JsonPropertyName("conditions"), ListMap("type")]
    public IList<V1Condition>? Conditions { get; set; }
}
