using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Http;

/// <summary>Whether PodDisruptionBudgets let a pod be evicted.</summary>
internal static class EvictionBudget
{
    private static readonly ResourceId Budgets = new("policy", "poddisruptionbudgets");

    /// <exception cref="ApiStatusException">429: the budget is used up.</exception>
    public static void Require(IResourceRegistry registry, StoredObject pod)
    {
        if (registry.List(Budgets, pod.Namespace)
            .FirstOrDefault(budget => Selects(budget.Content, pod.Content)) is not { } found)
        {
            return;
        }

        var status = found.Content["status"] as JsonObject;
        var allowed = status?.NumberOf("disruptionsAllowed") ?? 0;
        if (allowed > 0)
        {
            return;
        }

        var healthy = status?.NumberOf("currentHealthy") ?? 0;
        var desired = status?.NumberOf("desiredHealthy") ?? 0;
        throw new ApiStatusException(
            429,
            "TooManyRequests",
            "Cannot evict pod as it would violate the pod's disruption budget.",
            new JsonObject
            {
                ["causes"] = new JsonArray(new JsonObject
                {
                    ["reason"] = "DisruptionBudget",
                    ["message"] =
                        $"The disruption budget {found.Name} needs {desired} healthy pods and has {healthy} currently",
                }),
            });
    }

    private static bool Selects(JsonObject budget, JsonObject pod)
    {
        var labels = pod["metadata"]?["labels"] as JsonObject ?? [];
        return budget["spec"]?["selector"]?["matchLabels"] is JsonObject wanted
            && wanted.All(label => (string?)labels[label.Key] == (string?)label.Value);
    }
}
