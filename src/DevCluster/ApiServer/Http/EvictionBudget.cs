using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Schema.Selectors;

namespace DevCluster.ApiServer.Http;

/// <summary>Whether PodDisruptionBudgets let a pod be evicted.</summary>
internal static class EvictionBudget
{
    private static readonly ResourceId Budgets = new("policy", "poddisruptionbudgets");

    /// <exception cref="ApiStatusException">
    /// 429: the budget is used up; 500: more than one budget selects the pod.
    /// </exception>
    public static void Require(IResourceRegistry registry, StoredObject pod)
    {
        var labels = pod.Content.Map("metadata", "labels");
        var budgets = registry.List(Budgets, pod.Namespace)
            .Where(budget => LabelSelector.Selects(budget.Content.Map("spec", "selector"), labels))
            .ToList();
        if (budgets.Count > 1)
        {
            throw new ApiStatusException(
                500,
                "",
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        }

        if (budgets is not [var found])
        {
            return;
        }

        var status = found.Content.Map("status");
        var allowed = status.Number("disruptionsAllowed") ?? 0;
        if (allowed > 0)
        {
            return;
        }

        var healthy = status.Number("currentHealthy") ?? 0;
        var desired = status.Number("desiredHealthy") ?? 0;
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
}
