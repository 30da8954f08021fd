using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Collection;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Workloads;

/// <summary>Rolls out Deployments through ReplicaSets.</summary>
internal sealed class DeploymentController(ControlPlaneContext cluster)
    : WorkloadController(cluster, KnownResources.Deployments, KnownResources.ReplicaSets)
{
    private const string Revision = "deployment.kubernetes.io/revision";

    private readonly EventWriter _events = cluster.EventsOf("deployment-controller");

    protected override void Sync(StoredObject found)
    {
        var sets = SetsOf(found);
        var template = found.Content.Map("spec", "template") ?? [];
        var current =
            sets.FirstOrDefault(set => TemplateHash.IsMadeFrom(set.Content.Map("spec", "template"), template));
        if (!found.Content.IsTerminating())
        {
            current = Roll(found, sets, current, template);
        }

        WriteStatus(found, DeploymentStatus.Build(found, sets, current, Cluster.Now, CheckLater));

        void CheckLater(DateTimeOffset when) => AddAt(found.Uid, when);
    }

    private List<StoredObject> SetsOf(StoredObject found) =>
    [
        .. Cluster.View.Dependents(found.Uid)
            .Where(child => child.Resource == KnownResources.ReplicaSets
                && OwnerReferences.ControllerUid(child) == found.Uid)
            .OrderBy(RevisionOf),
    ];

    private static long RevisionOf(StoredObject found) =>
        long.TryParse(
            found.Content.Text("metadata", "annotations", Revision), CultureInfo.InvariantCulture, out var number)
                ? number
                : 0;

    private StoredObject? Roll(StoredObject found, List<StoredObject> sets, StoredObject? current, JsonObject template)
    {
        var replicas = Replicas(found);
        var isPaused = found.Content.Flag("spec", "paused") == true;
        var isRecreate = found.Content.Text("spec", "strategy", "type") == "Recreate";
        var others = sets.Where(set => set != current).ToList();
        if (isPaused)
        {
            ScaleNewest(found, sets, replicas);
            return current;
        }

        if (current is null && isRecreate && others.Any(set => HasPods(set) || Replicas(set) > 0))
        {
            ScaleAll(found, others, 0);
            return null;
        }

        current ??= Make(found, sets, template, isRecreate || others.Count == 0 ? replicas : 0);
        if (current is null)
        {
            return null;
        }

        Stamp(found, sets, current);
        if (isRecreate)
        {
            ScaleAll(found, others, 0);
            if (!others.Exists(HasPods))
            {
                Scale(found, current, replicas);
            }
        }
        else
        {
            ScaleStep(found, others, current, replicas);
        }

        CleanUp(found, others);
        return current;
    }

    private void ScaleStep(StoredObject found, List<StoredObject> others, StoredObject current, int replicas)
    {
        var (surge, unavailable) = RolloutPlan.Limits(found.Content.Map("spec", "strategy", "rollingUpdate"), replicas);
        var plan = RolloutPlan.Next(Observe(current), [.. others.Select(Observe)], replicas, surge, unavailable);
        foreach (var set in others.Append(current).Where(set => plan.ContainsKey(set.Uid)))
        {
            Scale(found, set, plan[set.Uid]);
        }
    }

    private static RolloutPlan.Set Observe(StoredObject set) => new(
        set.Uid,
        Replicas(set),
        (int)(set.Content.Number("status", "replicas") ?? 0),
        (int)(set.Content.Number("status", "availableReplicas") ?? 0));

    private bool HasPods(StoredObject set) => PodFactory.PodsOf(Cluster, set).Count > 0;

    private StoredObject? Make(StoredObject found, List<StoredObject> sets, JsonObject template, int replicas)
    {
        var hash = TemplateHash.Compute(template);
        var labelled = template.DeepClone().AsObject();
        labelled.Ensure("metadata").Ensure("labels")[TemplateHash.Label] = hash;
        var selector = found.Content.Map("spec", "selector")?.DeepClone().AsObject() ?? [];
        selector.Ensure("matchLabels")[TemplateHash.Label] = hash;
        var made = Writer.Create(KnownResources.ReplicaSets, new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "ReplicaSet",
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{found.Name}-{hash}",
                ["namespace"] = found.Namespace,
                ["labels"] = labelled.Map("metadata", "labels")?.DeepClone(),
                ["annotations"] = new JsonObject { [Revision] = NextRevision(sets) },
                ["ownerReferences"] = OwnerReferences.Controlled(found),
            },
            ["spec"] = new JsonObject
            {
                ["replicas"] = replicas,
                ["minReadySeconds"] = found.Content["spec"]?["minReadySeconds"]?.DeepClone(),
                ["selector"] = selector,
                ["template"] = labelled,
            },
        });
        if (made is not null && replicas > 0)
        {
            _events.Normal(found, "ScalingReplicaSet", $"Scaled up replica set {made.Name} from 0 to {replicas}");
        }

        return made;
    }

    private static string NextRevision(List<StoredObject> sets) =>
        (sets.Select(RevisionOf).DefaultIfEmpty(0).Max() + 1).ToString(CultureInfo.InvariantCulture);

    // A set that is reused by a rollback becomes the newest revision.
    private void Stamp(StoredObject found, List<StoredObject> sets, StoredObject current)
    {
        var newest = sets.Where(set => set != current).Select(RevisionOf).DefaultIfEmpty(0).Max();
        var revision = Math.Max(RevisionOf(current), newest + 1).ToString(CultureInfo.InvariantCulture);
        var cause = found.Content.Text("metadata", "annotations", "kubernetes.io/change-cause");
        if (current.Content.Text("metadata", "annotations", Revision) != revision
            || (cause is not null
                && current.Content.Text("metadata", "annotations", "kubernetes.io/change-cause") != cause))
        {
            Writer.Update(current, content =>
            {
                content.Ensure("metadata").Ensure("annotations")[Revision] = revision;
                if (cause is not null)
                {
                    content.Ensure("metadata").Ensure("annotations")["kubernetes.io/change-cause"] = cause;
                }
            });
        }

        if (found.Content.Text("metadata", "annotations", Revision) != revision)
        {
            Writer.Update(found, content => content.Ensure("metadata").Ensure("annotations")[Revision] = revision);
        }
    }

    private void ScaleNewest(StoredObject found, List<StoredObject> sets, int replicas)
    {
        var total = sets.Sum(Replicas);
        if (sets.Count > 0 && total != replicas)
        {
            Scale(found, sets[^1], Math.Max(0, Replicas(sets[^1]) + replicas - total));
        }
    }

    private void ScaleAll(StoredObject found, List<StoredObject> sets, int replicas)
    {
        foreach (var set in sets)
        {
            Scale(found, set, replicas);
        }
    }

    private void Scale(StoredObject found, StoredObject set, int replicas)
    {
        var before = Replicas(set);
        if (before == replicas)
        {
            return;
        }

        Writer.Update(set, content => content.Ensure("spec")["replicas"] = replicas);
        var direction = replicas > before ? "up" : "down";
        _events.Normal(
            found, "ScalingReplicaSet", $"Scaled {direction} replica set {set.Name} from {before} to {replicas}");
    }

    private void CleanUp(StoredObject found, List<StoredObject> others)
    {
        var limit = (int)(found.Content.Number("spec", "revisionHistoryLimit") ?? 10);
        var idle = others.Where(set => Replicas(set) == 0 && !HasPods(set)).ToList();
        foreach (var set in idle.Take(Math.Max(0, idle.Count - limit)))
        {
            Writer.Delete(set, DeletionPropagation.Background);
        }
    }
}
