using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Collection;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Workloads;

/// <summary>Creates pods from templates, and finds the pods of a workload.</summary>
internal static class PodFactory
{
    public static JsonObject FromTemplate(StoredObject owner, JsonObject template, string? name = null)
    {
        var metadata = new JsonObject
        {
            ["namespace"] = owner.Namespace,
            ["ownerReferences"] = OwnerReferences.Controlled(owner),
        };
        if (name is null)
        {
            metadata["generateName"] = owner.Name + "-";
        }
        else
        {
            metadata["name"] = name;
        }

        foreach (var field in (ReadOnlySpan<string>)["labels", "annotations", "finalizers"])
        {
            if (template.At("metadata", field) is { } value)
            {
                metadata[field] = value.DeepClone();
            }
        }

        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = metadata,
            ["spec"] = template["spec"]?.DeepClone() ?? new JsonObject(),
        };
    }

    /// <summary>The pods that an owner controls, ordered by name.</summary>
    public static List<StoredObject> PodsOf(ControlPlaneContext cluster, StoredObject owner) =>
    [
        .. cluster.View.Dependents(owner.Uid)
            .Where(child => child.Resource == KnownResources.Pods && OwnerReferences.ControllerUid(child) == owner.Uid)
            .OrderBy(child => child.Name, StringComparer.Ordinal),
    ];

    /// <summary>Whether a pod has neither ended nor is being deleted.</summary>
    public static bool IsActive(StoredObject pod) =>
        !pod.Content.IsTerminating()
        && pod.Content.Text("status", "phase") is not ("Succeeded" or "Failed");

    public static bool IsReady(StoredObject pod) => ConditionList.IsTrue(pod.Content["status"], "Ready");

    /// <summary>When a pod becomes available; null while it is not ready.</summary>
    public static DateTimeOffset? AvailableAt(StoredObject pod, long minReadySeconds)
    {
        var ready = ConditionList.Find(pod.Content["status"], "Ready");
        return ready.Text("status") == "True" && ready.Read("lastTransitionTime") is { } since
            ? since + TimeSpan.FromSeconds(minReadySeconds)
            : null;
    }

    /// <summary>Orders pods for removal: unassigned, not ready, youngest first.</summary>
    public static IEnumerable<StoredObject> ByDispensability(IEnumerable<StoredObject> pods) =>
        pods.OrderBy(pod => pod.Content.Has("spec", "nodeName"))
            .ThenBy(pod => pod.Content.Text("status", "phase") == "Running")
            .ThenBy(IsReady)
            .ThenByDescending(pod => pod.Content.Text("metadata", "creationTimestamp"), StringComparer.Ordinal)
            .ThenByDescending(pod => pod.Name, StringComparer.Ordinal);
}
