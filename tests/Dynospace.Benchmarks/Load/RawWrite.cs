using System.Text.Json.Nodes;
using Dynospace.Runtime;
using k8s;
using k8s.Models;

namespace Dynospace.Benchmarks.Load;

/// <summary>One write of the plain client: a create, a server-side apply, or one of the status.</summary>
internal sealed record RawWrite(RawVerb Verb, ResourceKind Kind, string Namespace, JsonObject Content)
{
    private const string FieldManager = "benchmark";

    public Task SendAsync(IKubernetes client, CancellationToken cancellationToken) => (Verb, Kind.Kind) switch
    {
        (RawVerb.Create, "Pod") => client.CoreV1.CreateNamespacedPodAsync(
            As<V1Pod>(), Namespace, fieldManager: FieldManager, cancellationToken: cancellationToken),
        (RawVerb.Create, "ControllerRevision") => client.AppsV1.CreateNamespacedControllerRevisionAsync(
            As<V1ControllerRevision>(), Namespace, fieldManager: FieldManager, cancellationToken: cancellationToken),
        (RawVerb.Create, "Event") => client.CoreV1.CreateNamespacedEventAsync(
            As<Corev1Event>(), Namespace, fieldManager: FieldManager, cancellationToken: cancellationToken),
        (RawVerb.Apply, "Service") => client.CoreV1.PatchNamespacedServiceAsync(
            Patch, Name, Namespace, fieldManager: FieldManager, force: true, cancellationToken: cancellationToken),
        (RawVerb.Create, _) => client.CustomObjects.CreateNamespacedCustomObjectAsync(
            Content,
            Kind.Group,
            Kind.Version,
            Namespace,
            Kind.Plural,
            fieldManager: FieldManager,
            cancellationToken: cancellationToken),
        (RawVerb.Apply, _) => client.CustomObjects.PatchNamespacedCustomObjectAsync(
            Patch,
            Kind.Group,
            Kind.Version,
            Namespace,
            Kind.Plural,
            Name,
            fieldManager: FieldManager,
            force: true,
            cancellationToken: cancellationToken),
        _ => client.CustomObjects.PatchNamespacedCustomObjectStatusAsync(
            Patch,
            Kind.Group,
            Kind.Version,
            Namespace,
            Kind.Plural,
            Name,
            fieldManager: $"{FieldManager}-status",
            force: true,
            cancellationToken: cancellationToken),
    };

    private string Name => (string)Content["metadata"]!["name"]!;

    private V1Patch Patch => new(Content, V1Patch.PatchType.ApplyPatch);

    private T As<T>() => KubernetesJson.Deserialize<T>(Content.ToJsonString());
}
