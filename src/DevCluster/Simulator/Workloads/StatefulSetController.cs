using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Workloads;

/// <summary>
/// Maintains numbered pods one at a time; PersistentVolumeClaims are created and kept, but not bound.
/// </summary>
internal sealed class StatefulSetController(ControlPlaneContext cluster)
    : WorkloadController(cluster, KnownResources.StatefulSets, KnownResources.Pods)
{
    private const string HashLabel = "controller-revision-hash";

    private readonly EventWriter _events = cluster.EventsOf("statefulset-controller");

    protected override void Sync(StoredObject found)
    {
        var template = found.Content.Map("spec", "template") ?? [];
        var hash = $"{found.Name}-{TemplateHash.Compute(template)}";
        var wanted = Replicas(found);
        var pods = PodFactory.PodsOf(Cluster, found).ToDictionary(pod => Ordinal(found, pod));
        if (!found.Content.IsTerminating())
        {
            Step(found, template, hash, wanted, pods);
        }

        WriteStatus(found, Status(found, hash, pods));
    }

    private static int Ordinal(StoredObject found, StoredObject pod) =>
        int.TryParse(pod.Name.AsSpan(found.Name.Length + 1), CultureInfo.InvariantCulture, out var number)
            ? number
            : -1;

    // One change at a time: a pod is created, removed or replaced only when all pods before it are ready.
    private void Step(
        StoredObject found, JsonObject template, string hash, int wanted, Dictionary<int, StoredObject> pods)
    {
        var isParallel = found.Content.Text("spec", "podManagementPolicy") == "Parallel";
        for (var i = 0; i < wanted; i++)
        {
            if (!pods.TryGetValue(i, out var pod))
            {
                Make(found, template, hash, i);
            }
            else if (pod.Content.Text("status", "phase") is "Failed" or "Succeeded" && !pod.Content.IsTerminating())
            {
                Writer.Delete(pod);
            }

            if (!isParallel && (pod is null || !PodFactory.IsReady(pod) || pod.Content.IsTerminating()))
            {
                return;
            }
        }

        foreach (var (_, extra) in pods.Where(pair => pair.Key >= wanted).OrderByDescending(pair => pair.Key))
        {
            if (!extra.Content.IsTerminating())
            {
                Writer.Delete(extra);
                _events.Normal(
                    found, "SuccessfulDelete", $"delete Pod {extra.Name} in StatefulSet {found.Name} successful");
            }

            if (!isParallel)
            {
                return;
            }
        }

        Replace(found, hash, wanted, pods);
    }

    private void Replace(StoredObject found, string hash, int wanted, Dictionary<int, StoredObject> pods)
    {
        if (found.Content.Text("spec", "updateStrategy", "type") == "OnDelete")
        {
            return;
        }

        var partition = (int)(found.Content.Number("spec", "updateStrategy", "rollingUpdate", "partition") ?? 0);
        for (var i = wanted - 1; i >= partition; i--)
        {
            if (!pods.TryGetValue(i, out var pod) || pod.Content.IsTerminating())
            {
                return;
            }

            if (pod.Content.Text("metadata", "labels", HashLabel) != hash)
            {
                Writer.Delete(pod);
                return;
            }

            if (!PodFactory.IsReady(pod))
            {
                return;
            }
        }
    }

    private void Make(StoredObject found, JsonObject template, string hash, int ordinal)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{found.Name}-{ordinal}");
        var pod = PodFactory.FromTemplate(found, template, name);
        var labels = pod.Ensure("metadata").Ensure("labels");
        labels[HashLabel] = hash;
        labels["apps.kubernetes.io/pod-index"] = ordinal.ToString(CultureInfo.InvariantCulture);
        labels["statefulset.kubernetes.io/pod-name"] = name;
        var spec = pod.Ensure("spec");
        spec["hostname"] = name;
        if (found.Content.Text("spec", "serviceName") is { Length: > 0 } service)
        {
            spec["subdomain"] = service;
        }

        Claim(found, spec, name);
        if (Writer.Create(KnownResources.Pods, pod) is not null)
        {
            _events.Normal(found, "SuccessfulCreate", $"create Pod {name} in StatefulSet {found.Name} successful");
        }
        else
        {
            AddAt(found.Uid, Cluster.Now + TimeSpan.FromSeconds(1));
        }
    }

    private void Claim(StoredObject found, JsonObject podSpec, string podName)
    {
        foreach (var template in found.Content.Map("spec").Items("volumeClaimTemplates"))
        {
            var volume = template.Text("metadata", "name") ?? "";
            var name = $"{volume}-{podName}";
            if (Cluster.View.Get(
                KnownResources.PersistentVolumeClaims, new ObjectKey(found.Namespace ?? "", name)) is null)
            {
                var claim = template.DeepClone().AsObject();
                claim["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = found.Namespace };
                claim.Remove("status");
                Writer.Create(KnownResources.PersistentVolumeClaims, claim);
            }

            var volumes = podSpec.EnsureList("volumes");
            volumes.RemoveAll(existing => existing.Text("name") == volume);
            volumes.Add(new JsonObject
            {
                ["name"] = volume,
                ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = name },
            });
        }
    }

    private JsonObject Status(StoredObject found, string hash, Dictionary<int, StoredObject> pods)
    {
        var live = pods.Values.Where(PodFactory.IsActive).ToList();
        var updated = live.Count(pod => pod.Content.Text("metadata", "labels", HashLabel) == hash);
        var earlier = found.Content.Text("status", "currentRevision");
        var current = earlier is null || updated == live.Count ? hash : earlier;
        var status = new JsonObject
        {
            ["observedGeneration"] = found.Content.Number("metadata", "generation") ?? 1,
            ["replicas"] = live.Count,
            ["availableReplicas"] = CountAvailable(found, live),
            ["currentRevision"] = current,
            ["updateRevision"] = hash,
            ["collisionCount"] = 0,
        };
        Put(status, "readyReplicas", live.Count(PodFactory.IsReady));
        Put(status, "currentReplicas", live.Count(pod => pod.Content.Text("metadata", "labels", HashLabel) == current));
        Put(status, "updatedReplicas", updated);
        return status;
    }

    private static void Put(JsonObject status, string field, int value)
    {
        if (value > 0)
        {
            status[field] = value;
        }
    }
}
