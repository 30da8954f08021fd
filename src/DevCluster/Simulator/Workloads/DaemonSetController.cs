using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;
using DevCluster.Simulator.Scheduling;

namespace DevCluster.Simulator.Workloads;

/// <summary>Keeps one pod on every eligible node, and replaces outdated pods a few at a time.</summary>
internal sealed class DaemonSetController(ControlPlaneContext cluster)
    : WorkloadController(cluster, KnownResources.DaemonSets, KnownResources.Pods)
{
    private const string HashLabel = "controller-revision-hash";

    private readonly EventWriter _events = cluster.EventsOf("daemonset-controller");

    public override void Observe(ObjectChange change)
    {
        if (change.Object.Resource == KnownResources.Nodes)
        {
            foreach (var found in Cluster.View.List(KnownResources.DaemonSets))
            {
                Add(found.Uid);
            }

            return;
        }

        base.Observe(change);
    }

    protected override void Sync(StoredObject found)
    {
        var template = found.Content.Map("spec", "template") ?? [];
        var hash = TemplateHash.Compute(template);
        var spec = WithTolerations(template);
        var nodes = Cluster.View.List(KnownResources.Nodes).Where(node => NodeFit.Refusal(spec, node) is null).ToList();
        var pods = PodFactory.PodsOf(Cluster, found).ToLookup(NodeOf);
        if (!found.Content.IsTerminating())
        {
            Place(found, template, hash, nodes, pods);
            Remove(nodes, pods);
            Replace(found, hash, nodes, pods);
        }

        WriteStatus(found, Status(found, hash, nodes, pods));
    }

    private static string? NodeOf(StoredObject pod) =>
        pod.Content.Text("spec", "nodeName")
        ?? pod.Content.Map("spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
            .Items("nodeSelectorTerms")
                .SelectMany(term => term.Items("matchFields"))
                    .SelectMany(field => field.Texts("values"))
                    .FirstOrDefault();

    // Daemon pods tolerate taints that evict other pods.
    private static JsonObject WithTolerations(JsonObject template)
    {
        var spec = template.Map("spec")?.DeepClone().AsObject() ?? [];
        foreach (var (key, effect) in (ReadOnlySpan<(string, string)>)
        [
            ("node.kubernetes.io/not-ready", "NoExecute"), ("node.kubernetes.io/unreachable", "NoExecute"),
            ("node.kubernetes.io/disk-pressure", "NoSchedule"), ("node.kubernetes.io/memory-pressure", "NoSchedule"),
            ("node.kubernetes.io/pid-pressure", "NoSchedule"), ("node.kubernetes.io/unschedulable", "NoSchedule"),
        ])
        {
            spec.EnsureList("tolerations")
                .Add(new JsonObject { ["key"] = key, ["operator"] = "Exists", ["effect"] = effect });
        }

        return spec;
    }

    private void Place(
        StoredObject found,
        JsonObject template,
        string hash,
        List<StoredObject> nodes,
        ILookup<string?, StoredObject> pods)
    {
        foreach (var node in nodes.Where(node => !pods[node.Name].Any()))
        {
            var pod = PodFactory.FromTemplate(found, template);
            pod.Ensure("metadata").Ensure("labels")[HashLabel] = hash;
            var spec = WithTolerations(template);
            var terms = new JsonArray(new JsonObject
            {
                ["matchFields"] = new JsonArray(new JsonObject
                {
                    ["key"] = "metadata.name",
                    ["operator"] = "In",
                    ["values"] = new JsonArray(node.Name),
                }),
            });
            spec.Ensure("affinity").Ensure("nodeAffinity")["requiredDuringSchedulingIgnoredDuringExecution"] =
                new JsonObject { ["nodeSelectorTerms"] = terms };
            pod["spec"] = spec;
            if (Writer.Create(KnownResources.Pods, pod) is { } made)
            {
                _events.Normal(found, "SuccessfulCreate", $"Created pod: {made.Name}");
            }
            else
            {
                AddAt(found.Uid, Cluster.Now + TimeSpan.FromSeconds(1));
            }
        }
    }

    private void Remove(List<StoredObject> nodes, ILookup<string?, StoredObject> pods)
    {
        var wanted = nodes.Select(node => node.Name).ToHashSet();
        foreach (var group in pods)
        {
            var live = group.Where(pod => !pod.Content.IsTerminating()).ToList();
            var extra = group.Key is not null && wanted.Contains(group.Key)
                ? live.Where(pod => pod.Content.Text("status", "phase") is "Failed" or "Succeeded")
                    .Concat(live.Skip(1))
                    .Distinct()
                : live;
            foreach (var pod in extra)
            {
                Writer.Delete(pod);
            }
        }
    }

    private void Replace(StoredObject found, string hash, List<StoredObject> nodes, ILookup<string?, StoredObject> pods)
    {
        if (found.Content.Text("spec", "updateStrategy", "type") == "OnDelete")
        {
            return;
        }

        var limit = Math.Max(1, RolloutPlan.Resolve(
            found.Content.At("spec", "updateStrategy", "rollingUpdate", "maxUnavailable"), nodes.Count, roundUp: true));
        var placed = nodes.SelectMany(node => pods[node.Name].Take(1)).ToList();
        var unavailable = nodes.Count - placed.Count(pod => !pod.Content.IsTerminating() && PodFactory.IsReady(pod));
        foreach (var pod in placed.Where(pod => !pod.Content.IsTerminating() && !IsUpdated(pod, hash)))
        {
            if (!PodFactory.IsReady(pod))
            {
                Writer.Delete(pod);
            }
            else if (unavailable < limit)
            {
                unavailable++;
                Writer.Delete(pod);
            }
        }
    }

    private static bool IsUpdated(StoredObject pod, string hash) =>
        pod.Content.Text("metadata", "labels", HashLabel) == hash;

    private JsonObject Status(
        StoredObject found, string hash, List<StoredObject> nodes, ILookup<string?, StoredObject> pods)
    {
        var wanted = nodes.Select(node => node.Name).ToHashSet();
        var placed = nodes.SelectMany(node => pods[node.Name].Take(1)).ToList();
        var available = CountAvailable(found, placed);
        var status = new JsonObject
        {
            ["currentNumberScheduled"] = placed.Count,
            ["numberMisscheduled"] = pods.Where(group => group.Key is null || !wanted.Contains(group.Key))
                .Sum(group => group.Count()),
            ["desiredNumberScheduled"] = nodes.Count,
            ["numberReady"] = placed.Count(PodFactory.IsReady),
            ["observedGeneration"] = found.Content.Number("metadata", "generation") ?? 1,
        };
        Put(status, "updatedNumberScheduled", placed.Count(pod => IsUpdated(pod, hash)));
        Put(status, "numberAvailable", available);
        Put(status, "numberUnavailable", nodes.Count - available);
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
