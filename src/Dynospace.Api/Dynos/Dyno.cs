using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Dynospace.Api.Schema;
using k8s;
using k8s.Models;

namespace Dynospace.Api.Dynos;

/// <summary>One running instance of a process: one pod. Made by its App; people make one only for a one-off run.</summary>
[KubernetesEntity(Group = DynospaceGroup.Name, ApiVersion = DynospaceGroup.Version, Kind = "Dyno", PluralName = "dynos")]
[CustomResource(ResourceScope.Namespaced, "dy")]
[PrinterColumn("State", "string", ".status.state")]
[PrinterColumn("Release", "integer", ".status.release")]
[PrinterColumn("IP", "string", ".status.podIP")]
[PrinterColumn("Node", "string", ".status.node")]
[PrinterColumn("Restarts", "integer", ".status.restarts")]
[PrinterColumn("Up", "string", ".status.conditions[?(@.type==\"Up\")].status")]
[PrinterColumn("Reason", "string", ".status.conditions[?(@.type==\"Up\")].reason")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
[PrinterColumn("Pod", "string", ".status.pod", Priority = 1)]
[PrinterColumn("Message", "string", ".status.conditions[?(@.type==\"Up\")].message", Priority = 1)]
[CelRule("self.metadata.name.startsWith(self.spec.app + '.' + self.spec.processType + '.') && self.metadata.name.matches('^[^.]+[.][^.]+[.][1-9][0-9]{0,4}$')", "metadata.name must be <app>.<processType>.<n> with n from 1 to 99999, such as shop.run.1")]
[CelRule("!self.metadata.name.matches('[.][1-9][0-9]{0,4}$') || int(self.metadata.name.substring(self.metadata.name.lastIndexOf('.') + 1)) == self.spec.index", "spec.index must be the number at the end of metadata.name: change one of them", FieldPath = ".spec.index")]
public sealed class Dyno : IKubernetesObject<V1ObjectMeta>, ISpec<DynoSpec>, IStatus<DynoStatus?>
{
    /// <inheritdoc/>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = $"{DynospaceGroup.Name}/{DynospaceGroup.Version}";

    /// <inheritdoc/>
    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "Dyno";

    /// <inheritdoc/>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What the dyno shall run.</summary>
    [JsonPropertyName("spec"), Required]
    public DynoSpec Spec { get; set; } = new();

    /// <summary>What the operator saw last.</summary>
    [JsonPropertyName("status")]
    public DynoStatus? Status { get; set; }
}
