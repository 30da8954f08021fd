using System.Text.Json.Nodes;
using DevCluster.ApiServer.Http;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Schema.Selectors;
using DevCluster.Simulator.Collection;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Workloads;

/// <summary>
/// Maintains the status of PodDisruptionBudgets, without which no eviction is allowed, and clears the disruption mark
/// of a pod that was evicted but not deleted.
/// </summary>
internal sealed class DisruptionController(ControlPlaneContext cluster) : IController
{
    /// <summary>The time within which an evicted pod must be deleted before it counts as healthy again.</summary>
    private static readonly TimeSpan DeletionLimit = TimeSpan.FromMinutes(2);

    private readonly ClusterWriter _writer = cluster.WriterFor("kube-controller-manager");
    private readonly EventWriter _events = cluster.EventsOf("controllermanager");
    private readonly DisruptionScales _scales = new(cluster);
    private readonly DueSet<ObjectKey> _due = new();
    private readonly DueSet<string> _marked = new();

    public void Observe(ObjectChange change)
    {
        var found = change.Object;
        if (found.Resource == KnownResources.PodDisruptionBudgets)
        {
            _due.Add(ObjectKey.FromObject(found));
        }
        else if (found.Resource == KnownResources.Pods)
        {
            var labels = found.Content.Map("metadata", "labels");
            foreach (var budget in cluster.View.List(KnownResources.PodDisruptionBudgets, found.Namespace ?? "")
                .Where(budget => LabelSelector.Selects(budget.Content.Map("spec", "selector"), labels)))
            {
                _due.Add(ObjectKey.FromObject(budget));
            }

            if (MarkedSince(found) is not null)
            {
                _marked.Add(found.Uid);
            }
        }
    }

    public bool Work() => _due.Drain(Sync) | _marked.Drain(Unmark);

    private void Sync(ObjectKey key)
    {
        if (cluster.View.Get(KnownResources.PodDisruptionBudgets, key) is not { } seen)
        {
            return;
        }

        var pods = PodsOf(seen);
        if (pods.Count == 0)
        {
            _events.Normal(seen, "NoPods", "No matching pods found");
        }

        var needs = Expect(seen.Content.Map("spec") ?? [], pods);
        if (needs.Problem is { } problem)
        {
            _events.Warning(
                seen,
                "CalculateExpectedPodCountFailed",
                $"Failed to calculate the number of expected pods: {problem}");
            _writer.Update(
                seen,
                budget => DisruptionAllowed.SetFailed(budget.Ensure("status"), problem, cluster.Now),
                "status");
            return;
        }

        if (needs.HasUnmanaged)
        {
            _events.Warning(
                seen,
                "UnmanagedPods",
                "Pods selected by this PodDisruptionBudget were found to be unmanaged. As a result, the status of the "
                + "PDB cannot be calculated correctly, which may result in undefined behavior. To account for these "
                + "pods please set \".spec.minAvailable\" field of the PDB to an integer value.");
        }

        // Computed inside the write, so that a concurrent eviction is not lost.
        if (_writer.Update(seen, budget => WriteStatus(budget, pods, needs), "status") is { } written)
        {
            RecheckDisrupted(written);
        }
    }

    private List<StoredObject> PodsOf(StoredObject budget)
    {
        var (ns, selector) = (budget.Namespace ?? "", budget.Content.Map("spec", "selector"));
        var candidates = selector.Map("matchLabels") is { Count: > 0 } labels
            ? cluster.View.PodsWith(ns, labels)
            : cluster.View.List(KnownResources.Pods, ns);
        return
        [
            .. candidates.Where(pod => LabelSelector.Selects(selector, pod.Content.Map("metadata", "labels")))
                .OrderBy(pod => pod.Name, StringComparer.Ordinal),
        ];
    }

    private Expectation Expect(JsonObject spec, List<StoredObject> pods)
    {
        var (minimum, maximum) = (spec["minAvailable"], spec["maxUnavailable"]);
        if (maximum is null && minimum.Text() is null)
        {
            return minimum is null ? new Expectation(0) : new Expectation(pods.Count, (int)minimum.NumberOrZero());
        }

        var scale = _scales.Sum(pods);
        return scale with
        {
            Desired = maximum is null
                ? RolloutPlan.Resolve(minimum, scale.Pods, roundUp: true)
                : Math.Max(0, scale.Pods - RolloutPlan.Resolve(maximum, scale.Pods, roundUp: true)),
        };
    }

    private void WriteStatus(JsonObject budget, List<StoredObject> pods, Expectation needs)
    {
        var status = budget.Ensure("status");
        var disrupted = StillExpectedToGo(status, pods);
        var healthy = pods.Count(
            pod => !pod.Content.IsTerminating() && PodFactory.IsReady(pod) && !disrupted.ContainsKey(pod.Name));

        // A budget without pods allows nothing: its first pods may appear before the next count.
        status["disruptionsAllowed"] = needs.Pods <= 0 ? 0 : Math.Max(0, healthy - needs.Desired);
        status["currentHealthy"] = healthy;
        status["desiredHealthy"] = needs.Desired;
        status["expectedPods"] = needs.Pods;
        status["observedGeneration"] = budget.Number("metadata", "generation") ?? 1;
        status.Remove("disruptedPods");
        if (disrupted.Count > 0)
        {
            status["disruptedPods"] = disrupted;
        }

        DisruptionAllowed.Set(status, cluster.Now);
    }

    private JsonObject StillExpectedToGo(JsonObject status, List<StoredObject> pods)
    {
        var expected = new JsonObject();
        foreach (var pod in pods.Where(pod => !pod.Content.IsTerminating()))
        {
            if (status.Read("disruptedPods", pod.Name) is { } since && since + DeletionLimit > cluster.Now)
            {
                expected[pod.Name] = Timestamps.Format(since);
            }
        }

        return expected;
    }

    private void RecheckDisrupted(StoredObject budget)
    {
        var status = budget.Content.Map("status");
        if (status.Map("disruptedPods") is not { Count: > 0 } disrupted)
        {
            return;
        }

        var first = disrupted.Select(pod => status.Read("disruptedPods", pod.Key)).Min() ?? cluster.Now;
        var key = ObjectKey.FromObject(budget);
        cluster.Timers.After(first + DeletionLimit - cluster.Now, () => _due.Add(key));
    }

    private static DateTimeOffset? MarkedSince(StoredObject pod)
    {
        var condition = ConditionList.Find(pod.Content["status"], "DisruptionTarget");
        return condition.Text("status") == "True" && condition.Text("reason") != "TerminationByKubelet"
            && PodFactory.IsActive(pod) ? condition.Read("lastTransitionTime") : null;
    }

    private void Unmark(string uid)
    {
        if (cluster.View.ByUid(uid) is not { } pod || MarkedSince(pod) is not { } since)
        {
            return;
        }

        var due = since + DeletionLimit;
        if (due > cluster.Now)
        {
            cluster.Timers.After(due - cluster.Now, () => _marked.Add(uid));
            return;
        }

        _writer.Update(
            pod,
            content => ConditionList.Set(
                content.Ensure("status"), ConditionList.Make("DisruptionTarget", false), cluster.Now),
            "status");
    }
}

/// <summary>The requirement of a budget.</summary>
/// <param name="Pods">The number of expected pods.</param>
/// <param name="Desired">The number of pods that must be healthy.</param>
internal sealed record Expectation(int Pods, int Desired = 0)
{
    /// <summary>Whether a pod has no controller, and thus no scale to read.</summary>
    public bool HasUnmanaged { get; init; }

    /// <summary>Why the numbers are unknown; null if they are known.</summary>
    public string? Problem { get; init; }
}

/// <summary>The total scale of the controllers of a set of pods.</summary>
internal sealed class DisruptionScales(ControlPlaneContext cluster)
{
    public Expectation Sum(List<StoredObject> pods)
    {
        var scales = new Dictionary<string, int>(StringComparer.Ordinal);
        var hasUnmanaged = false;
        foreach (var pod in pods)
        {
            if (OwnerReferences.Controller(pod) is not { } reference)
            {
                hasUnmanaged = true;
                continue;
            }

            if (scales.ContainsKey(reference.TextOrEmpty("uid")))
            {
                continue;
            }

            try
            {
                if (Scale(pod, reference) is not { } scale)
                {
                    return new Expectation(0) { Problem = $"found no controllers for pod \"{pod.Name}\"" };
                }

                scales[scale.Uid] = scale.Replicas;
            }
            catch (ApiStatusException failure)
            {
                return new Expectation(0) { Problem = failure.Message };
            }
        }

        return new Expectation(scales.Values.Sum()) { HasUnmanaged = hasUnmanaged };
    }

    private (string Uid, int Replicas)? Scale(StoredObject pod, JsonObject reference)
    {
        var (apiVersion, kind) = (reference.TextOrEmpty("apiVersion"), reference.TextOrEmpty("kind"));
        if (cluster.Registry.FindKind(apiVersion, kind) is not { } definition)
        {
            throw new ApiStatusException(
                404, "NotFound", $"no matches for kind \"{kind}\" in version \"{apiVersion}\"");
        }

        var isReplicationController = definition.StorageId == KnownResources.ReplicationControllers;
        if ((definition.Scale is null && !isReplicationController) || !definition.IsNamespaced)
        {
            throw new ApiStatusException(
                404, "NotFound", $"{definition.Id} does not implement the scale subresource");
        }

        if (Named(definition.StorageId, pod.Namespace, reference) is not { } owner)
        {
            return null;
        }

        // A Deployment's ReplicaSets share its pods, so the sum of their scales is not the desired number.
        if (owner.Resource == KnownResources.ReplicaSets && OwnerReferences.Controller(owner) is { } above
            && above.Text("kind") == "Deployment"
            && Named(KnownResources.Deployments, pod.Namespace, above) is { } deployment)
        {
            return (deployment.Uid, WorkloadController.Replicas(deployment));
        }

        // The scale of ReplicationControllers is not implemented.
        return (owner.Uid, isReplicationController
            ? WorkloadController.Replicas(owner)
            : (int)ScaleView.Read(definition, owner.Content).NumberOrZero("spec", "replicas"));
    }

    private StoredObject? Named(ResourceId resource, string? ns, JsonObject reference) =>
        cluster.View.Get(resource, new ObjectKey(ns ?? "", reference.TextOrEmpty("name"))) is { } found
        && found.Uid == reference.Text("uid") ? found : null;
}
