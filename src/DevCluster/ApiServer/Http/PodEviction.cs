using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Schema.Selectors;

namespace DevCluster.ApiServer.Http;

/// <summary>Evicts a pod if its PodDisruptionBudget allows it.</summary>
internal static class PodEviction
{
    private const int DisruptedPodsLimit = 2000;
    private const int RetryAfterSeconds = 10;

    /// <exception cref="ApiStatusException">429: the budget is exhausted; 500: more than one budget selects the pod;
    /// 409: a precondition does not match.</exception>
    public static void Evict(
        ResourceRegistry registry,
        ResourceDefinition pods,
        StoredObject pod,
        DeletionOptions options,
        DateTimeOffset now)
    {
        if (!IsDisruptedAlready(pod.Content))
        {
            Spend(registry, pod, options.DryRun, now);
        }

        ResourceRegistry.RefuseOther(pods, pod, options);

        // Admission applies to the eviction, not to the resulting deletion.
        options = options with { Author = null, Requested = null, OnWarning = null };
        if (!options.DryRun)
        {
            registry.Update(
                pod.Resource,
                pod.Namespace,
                pod.Name,
                content => MarkDisrupted(content, now),
                new WriteOptions("kube-apiserver", "status"));

            // The disruption mark changed the resource version, which was already compared.
            options = options with { PreconditionResourceVersion = null };
        }

        registry.Delete(pod.Resource, pod.Namespace, pod.Name, options);
    }

    private static void MarkDisrupted(JsonObject pod, DateTimeOffset now)
    {
        var condition = ConditionList.Make(
            "DisruptionTarget", true, "EvictionByEvictionAPI", "Eviction API: evicting");
        condition["lastProbeTime"] = null;
        ConditionList.Replace(pod.Ensure("status"), condition, now);
    }

    /// <summary>Charges the eviction to the pod's budget, if it has one.</summary>
    private static void Spend(ResourceRegistry registry, StoredObject pod, bool isDryRun, DateTimeOffset now)
    {
        var labels = pod.Content.Map("metadata", "labels");
        var budgets = registry.List(KnownResources.PodDisruptionBudgets, pod.Namespace)
            .Where(budget => LabelSelector.Selects(budget.Content.Map("spec", "selector"), labels))
            .ToList();
        if (budgets.Count > 1)
        {
            throw new ApiStatusException(
                500,
                "",
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        }

        if (budgets is not [var found] || AllowsUnhealthy(found.Content, pod.Content))
        {
            return;
        }

        Require(found);
        if (!isDryRun)
        {
            registry.Update(
                found.Resource,
                found.Namespace,
                found.Name,
                budget => Count(budget, pod.Name, now),
                new WriteOptions("kube-apiserver", "status"));
        }
    }

    private static bool IsDisruptedAlready(JsonObject pod) =>
        pod.IsTerminating() || pod.Text("status", "phase") is "Pending" or "Succeeded" or "Failed";

    /// <summary>An unready pod does not count as healthy, so its eviction does not charge the budget.</summary>
    private static bool AllowsUnhealthy(JsonObject budget, JsonObject pod)
    {
        var desired = budget.NumberOrZero("status", "desiredHealthy");
        return !ConditionList.IsTrue(pod["status"], "Ready")
            && (budget.Text("spec", "unhealthyPodEvictionPolicy") == "AlwaysAllow"
                || (desired > 0 && budget.NumberOrZero("status", "currentHealthy") >= desired));
    }

    private static void Require(StoredObject budget)
    {
        var content = budget.Content;
        if (content.NumberOrZero("status", "observedGeneration") < content.NumberOrZero("metadata", "generation"))
        {
            throw UsedUp(
                $"The disruption budget {budget.Name} is still being processed by the server.", RetryAfterSeconds);
        }

        if (content.Map("status", "disruptedPods") is { Count: > DisruptedPodsLimit })
        {
            throw ApiErrors.Forbidden(
                new ResourceId("policy", "poddisruptionbudget"),
                budget.Name,
                "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
        }

        if (content.NumberOrZero("status", "disruptionsAllowed") <= 0)
        {
            throw UsedUp($"The disruption budget {budget.Name} {WhyNone(content.Map("status"))}", null);
        }
    }

    private static string WhyNone(JsonObject? status)
    {
        var condition = DisruptionAllowed.Find(status);
        var why = condition.Text("status") == "False" ? condition.TextOrEmpty("message") : "";
        var (current, desired) = (status.NumberOrZero("currentHealthy"), status.NumberOrZero("desiredHealthy"));

        // After a failed sync the numbers of a budget are outdated.
        if (why.Length > 0 && condition.Text("reason") == DisruptionAllowed.SyncFailed)
        {
            return $"does not allow evicting pods currently because it failed sync: {why}";
        }

        return current <= desired ? $"needs {desired} healthy pods and has {current} currently"
            : why.Length > 0 ? $"does not allow evicting pods currently ({condition.Text("reason")}): {why}"
            : "does not allow evicting pods currently";
    }

    private static void Count(JsonObject budget, string pod, DateTimeOffset now)
    {
        var status = budget.Ensure("status");
        var left = status.NumberOrZero("disruptionsAllowed") - 1;
        status["disruptionsAllowed"] = left;
        if (left == 0)
        {
            DisruptionAllowed.Set(status, now);
        }

        // The controller does not count the pod as healthy, even while it is still ready.
        status.Ensure("disruptedPods")[pod] = Timestamps.Format(now);
    }

    private static ApiStatusException UsedUp(string why, int? retryAfterSeconds)
    {
        var details = new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = "DisruptionBudget", ["message"] = why }),
        };
        if (retryAfterSeconds is { } seconds)
        {
            details["retryAfterSeconds"] = seconds;
        }

        return new ApiStatusException(
            429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", details);
    }
}
