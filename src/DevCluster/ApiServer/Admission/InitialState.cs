using System.Collections.Frozen;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Admission.Quotas;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Admission;

/// <summary>Sets the initial state of a new object and drops a status that the client sent.</summary>
internal sealed class InitialState : IAdmissionPlugin
{
    private static readonly FrozenDictionary<ResourceId, Func<JsonObject, JsonObject>> Statuses =
        new Dictionary<ResourceId, Func<JsonObject, JsonObject>>
        {
            [KnownResources.Pods] = Pod,
            [KnownResources.Services] = _ => new JsonObject { ["loadBalancer"] = new JsonObject() },
            [KnownResources.Deployments] = _ => [],
            [KnownResources.ReplicaSets] = _ => new JsonObject { ["replicas"] = 0 },
            [KnownResources.StatefulSets] = _ => new JsonObject { ["replicas"] = 0, ["availableReplicas"] = 0 },
            [KnownResources.DaemonSets] = _ => new JsonObject
            {
                ["currentNumberScheduled"] = 0,
                ["numberMisscheduled"] = 0,
                ["desiredNumberScheduled"] = 0,
                ["numberReady"] = 0,
            },
            [KnownResources.Jobs] = _ => [],
            [KnownResources.CronJobs] = _ => [],
            [KnownResources.Namespaces] = _ => new JsonObject { ["phase"] = "Active" },
            [KnownResources.PersistentVolumeClaims] = _ => new JsonObject { ["phase"] = "Pending" },
            [KnownResources.Ingresses] = _ => new JsonObject { ["loadBalancer"] = new JsonObject() },
            [KnownResources.PodDisruptionBudgets] = _ => new JsonObject
            {
                ["disruptionsAllowed"] = 0,
                ["currentHealthy"] = 0,
                ["desiredHealthy"] = 0,
                ["expectedPods"] = 0,
            },
            [KnownResources.HorizontalPodAutoscalers] = _ => new JsonObject { ["desiredReplicas"] = 0 },
        }.ToFrozenDictionary();

    public void Admit(AdmissionContext context)
    {
        if (context.Operation != AdmissionOperation.Create
            || context.Object is not { } content
            || context.Subresource is not null)
        {
            return;
        }

        if (Statuses.TryGetValue(context.Resource, out var status))
        {
            content["status"] = status(content);
        }

        if (context.Resource == KnownResources.Namespaces)
        {
            var finalizers = content.Ensure("spec").EnsureList("finalizers");
            if (!finalizers.Any(finalizer => finalizer.Text() == "kubernetes"))
            {
                finalizers.Add("kubernetes");
            }
        }
        else if (context.Resource == KnownResources.Nodes)
        {
            TaintUntilReady(content.Ensure("spec").EnsureList("taints"));
        }
        else if (context.Resource == KnownResources.Jobs)
        {
            JobIdentity.Assign(content);
        }
    }

    // No pod is scheduled to a node before the node reports Ready.
    private static void TaintUntilReady(JsonArray taints)
    {
        const string NotReady = "node.kubernetes.io/not-ready";
        if (!taints.Any(taint => taint.Text("key") == NotReady))
        {
            taints.Add(new JsonObject { ["key"] = NotReady, ["effect"] = "NoSchedule" });
        }
    }

    private static JsonObject Pod(JsonObject pod) => new()
    {
        ["phase"] = "Pending",
        ["qosClass"] = PodQualityOfService.Classify(pod.Map("spec")),
    };
}
