using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Schema.Selectors;
using DevCluster.Simulator.Collection;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Workloads;

/// <summary>Keeps the desired number of pods.</summary>
internal sealed class ReplicaSetController(ControlPlaneContext cluster)
    : WorkloadController(cluster, KnownResources.ReplicaSets, KnownResources.Pods)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly EventWriter _events = cluster.EventsOf("replicaset-controller");
    private readonly Dictionary<string, DateTimeOffset> _retryAt = new(StringComparer.Ordinal);

    protected override void Sync(StoredObject found)
    {
        var active = PodFactory.PodsOf(Cluster, found).Where(PodFactory.IsActive).ToList();
        var wanted = Replicas(found);
        if (!found.Content.IsTerminating())
        {
            active.AddRange(Adopt(found));
            Balance(found, active, wanted);
        }

        WriteStatus(found, Status(found, active));
    }

    // Adopts orphaned pods that match the selector.
    private IEnumerable<StoredObject> Adopt(StoredObject found)
    {
        var selector = found.Content.Map("spec", "selector");
        var orphans = Cluster.View.List(KnownResources.Pods, found.Namespace ?? "").Where(pod =>
            OwnerReferences.ControllerUid(pod) is null && PodFactory.IsActive(pod)
            && LabelSelector.Selects(selector, pod.Content.Map("metadata", "labels")));
        foreach (var orphan in orphans)
        {
            Writer.Update(orphan, content =>
                content.Ensure("metadata")
                    .EnsureList("ownerReferences")
                    .Add(OwnerReferences.Controlled(found)[0]!.DeepClone()));
            yield return orphan;
        }
    }

    private void Balance(StoredObject found, List<StoredObject> active, int wanted)
    {
        for (var i = active.Count; i < wanted && !IsHeld(found); i++)
        {
            if (Writer.Create(
                KnownResources.Pods,
                PodFactory.FromTemplate(found, found.Content.Map("spec", "template") ?? [])) is not { } made)
            {
                // Quota, a missing service account or Pod Security refused the pod: retry later, as the real controller
                // does.
                _events.Warning(found, "FailedCreate", $"Error creating: {Writer.Refusal}");
                _retryAt[found.Uid] = Cluster.Now + RetryAfter;
                AddAt(found.Uid, Cluster.Now + RetryAfter);
                return;
            }

            _events.Normal(found, "SuccessfulCreate", $"Created pod: {made.Name}");
        }

        foreach (var extra in PodFactory.ByDispensability(active).Take(Math.Max(0, active.Count - wanted)).ToList())
        {
            Writer.Delete(extra);
            _events.Normal(found, "SuccessfulDelete", $"Deleted pod: {extra.Name}");
        }
    }

    /// <summary>Whether a pod was refused recently; other events do not shorten the back-off.</summary>
    private bool IsHeld(StoredObject found)
    {
        if (!_retryAt.TryGetValue(found.Uid, out var when))
        {
            return false;
        }

        if (Cluster.Now < when)
        {
            return true;
        }

        _retryAt.Remove(found.Uid);
        return false;
    }

    private JsonObject Status(StoredObject found, List<StoredObject> active)
    {
        var labels = found.Content.Map("spec", "template", "metadata", "labels");
        var status = new JsonObject
        {
            ["replicas"] = active.Count,
            ["fullyLabeledReplicas"] =
                active.Count(pod => LabelSelector.MapSelects(labels, pod.Content.Map("metadata", "labels"))),
            ["readyReplicas"] = active.Count(PodFactory.IsReady),
            ["availableReplicas"] = CountAvailable(found, active),
            ["observedGeneration"] = found.Content.Number("metadata", "generation") ?? 1,
        };
        foreach (var field in (ReadOnlySpan<string>)["fullyLabeledReplicas", "readyReplicas", "availableReplicas"])
        {
            if (status.Number(field) == 0)
            {
                status.Remove(field);
            }
        }

        return status;
    }
}
