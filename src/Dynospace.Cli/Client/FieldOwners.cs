using System.Text.Json;
using k8s.Models;

namespace Dynospace.Cli.Client;

/// <summary>
/// Pure: which tool keeps an object, by its <c>managedFields</c>. Verbs do not change what Git keeps: the tool would
/// undo the change, or Git would not know of it.
/// </summary>
public static class FieldOwners
{
    private static readonly Dictionary<string, string> Tools = new(StringComparer.Ordinal)
    {
        ["kustomize-controller"] = "Flux",
        ["helm-controller"] = "Flux",
        ["argocd-controller"] = "Argo CD",
        ["argocd-application-controller"] = "Argo CD",
        ["argocd-server"] = "Argo CD",
        ["helm"] = "Helm",
        ["pulumi-kubernetes"] = "Pulumi",
        ["kube-controller-manager"] = "an autoscaler",
        ["keda-operator"] = "KEDA",
    };

    /// <summary>
    /// The tool that keeps a part of an object; null if only kubectl, this command and the operator have set it.
    /// </summary>
    /// <param name="metadata">The object's metadata.</param>
    /// <param name="part">The first field of the part, such as <c>spec</c>.</param>
    public static string? KeeperOf(V1ObjectMeta metadata, string part) =>
        Named(Foreign(metadata).FirstOrDefault(entry => entry.Subresource is null or "" && Has(entry, part)));

    /// <summary>The tool that sets <c>spec.replicas</c>; null if none does.</summary>
    public static string? ScalerOf(V1ObjectMeta metadata) =>
        Named(Foreign(metadata).FirstOrDefault(entry => Has(entry, "spec", "replicas")));

    /// <summary>The entries of managers other than kubectl, this command and the operator.</summary>
    private static IEnumerable<V1ManagedFieldsEntry> Foreign(V1ObjectMeta metadata) =>
        (metadata.ManagedFields ?? []).Where(entry => !IsOfPeople(entry.Manager ?? ""));

    private static bool IsOfPeople(string manager) =>
        manager.StartsWith("kubectl", StringComparison.Ordinal)
        || manager.StartsWith("dynospace", StringComparison.Ordinal);

    private static string? Named(V1ManagedFieldsEntry? entry) => entry is null
        ? null
        : Tools.TryGetValue(entry.Manager, out var tool) ? $"{tool} ({entry.Manager})" : entry.Manager;

    private static bool Has(V1ManagedFieldsEntry entry, params string[] path)
    {
        if (entry.FieldsV1 is not JsonElement fields)
        {
            return false;
        }

        foreach (var name in path)
        {
            if (fields.ValueKind != JsonValueKind.Object || !fields.TryGetProperty($"f:{name}", out fields))
            {
                return false;
            }
        }

        return true;
    }
}
