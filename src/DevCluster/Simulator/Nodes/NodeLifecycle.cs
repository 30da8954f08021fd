using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;
using DevCluster.Simulator.Scheduling;

namespace DevCluster.Simulator.Nodes;

/// <summary>
/// Derives taints from node conditions and evictions from taints, and removes the pods of deleted nodes. A test makes a
/// node fail by writing its Ready condition, which nothing here overwrites.
/// </summary>
internal sealed class NodeLifecycle(ControlPlaneContext cluster) : IController
{
    private static readonly (string Key, string? Status)[] ConditionTaints =
        [("node.kubernetes.io/not-ready", "False"), ("node.kubernetes.io/unreachable", "Unknown")];

    private readonly ClusterWriter _writer = cluster.WriterFor("kube-controller-manager");
    private readonly EventWriter _events = cluster.EventsOf("node-controller");
    private readonly DueSet<string> _dueNodes = new();
    private readonly DueSet<string> _duePods = new();

    public void Observe(ObjectChange change)
    {
        if (change.Object.Resource == KnownResources.Nodes)
        {
            _dueNodes.Add(change.Object.Name);
        }
        else if (change.Object.Resource == KnownResources.Pods && change.Type != ChangeType.Deleted
            && change.Object.Content.Text("spec", "nodeName") is { Length: > 0 } node && NeedsAttention(node))
        {
            _duePods.Add(change.Object.Uid);
        }
    }

    public bool Work() => _dueNodes.Drain(Process) | _duePods.Drain(Review);

    private StoredObject? Node(string name) => cluster.View.Get(KnownResources.Nodes, new ObjectKey("", name));

    private bool NeedsAttention(string name) =>
        Node(name) is not { } node
        || !SimulatedNode.IsReady(node)
        || NodeFit.Taints(node).Any(taint => taint.Text("effect") == "NoExecute");

    private void Process(string name)
    {
        if (Node(name) is { } node)
        {
            UpdateTaints(node);
        }

        foreach (var pod in cluster.View.PodsOn(name))
        {
            _duePods.Add(pod.Uid);
        }
    }

    private void UpdateTaints(StoredObject node)
    {
        var status = ConditionList.Find(node.Content["status"], "Ready").Text("status");
        var wanted = new List<(string Key, string Effect)>();
        foreach (var (key, when) in ConditionTaints.Where(taint => taint.Status == status))
        {
            wanted.Add((key, "NoSchedule"));
            wanted.Add((key, "NoExecute"));
        }

        if (status is null)
        {
            wanted.Add(("node.kubernetes.io/not-ready", "NoSchedule"));
        }

        if (node.Content.Flag("spec", "unschedulable") == true)
        {
            wanted.Add(("node.kubernetes.io/unschedulable", "NoSchedule"));
        }

        var current = NodeFit.Taints(node)
            .Where(IsOurs)
            .Select(taint => (taint.Text("key")!, taint.Text("effect")!))
            .ToHashSet();
        if (!current.SetEquals(wanted))
        {
            _writer.Update(node, content => WriteTaints(content.Ensure("spec"), wanted));
        }
    }

    private static bool IsOurs(JsonObject taint) =>
        taint.Text("key") is "node.kubernetes.io/not-ready" or "node.kubernetes.io/unreachable"
            or "node.kubernetes.io/unschedulable";

    private void WriteTaints(JsonObject spec, List<(string Key, string Effect)> wanted)
    {
        var taints = new JsonArray(
            [.. spec.Items("taints").Where(taint => !IsOurs(taint)).Select(taint => taint.DeepClone())]);
        foreach (var (key, effect) in wanted)
        {
            taints.Add(
                new JsonObject { ["key"] = key, ["effect"] = effect, ["timeAdded"] = Timestamps.Format(cluster.Now) });
        }

        spec.Remove("taints");
        if (taints.Count > 0)
        {
            spec["taints"] = taints;
        }
    }

    private void Review(string uid)
    {
        if (cluster.View.ByUid(uid) is not { } pod)
        {
            return;
        }

        if (Node(pod.Content.Text("spec", "nodeName") ?? "") is not { } node)
        {
            // The node is gone, so nothing can stop the pod gracefully.
            _writer.Delete(pod, grace: 0);
            return;
        }

        if (!SimulatedNode.IsReady(node) && ConditionList.IsTrue(pod.Content["status"], "Ready"))
        {
            MarkUnready(pod);
        }

        if (!pod.Content.IsTerminating())
        {
            EvictIfDue(pod, node);
        }
    }

    private void MarkUnready(StoredObject pod)
    {
        var now = cluster.Now;
        _writer.Update(
            pod,
            content => ConditionList.Set(
                content.Ensure("status"),
                ConditionList.Make("Ready", false, "NodeNotReady", "the node that runs this pod is not ready"),
                now),
            "status");
    }

    private void EvictIfDue(StoredObject pod, StoredObject node)
    {
        var spec = pod.Content.Map("spec")!;
        foreach (var taint in NodeFit.Taints(node).Where(taint => taint.Text("effect") == "NoExecute"))
        {
            var limits = NodeFit.Tolerations(spec, taint)
                .Select(toleration => toleration.Number("tolerationSeconds"))
                .ToList();
            if (limits.Count > 0 && limits.Contains(null))
            {
                continue;
            }

            var patience = limits.Count == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(limits.Min() ?? 0);
            var due = (taint.Read("timeAdded") ?? cluster.Now) + patience;
            if (due > cluster.Now)
            {
                cluster.Timers.After(due - cluster.Now, () => _duePods.Add(pod.Uid));
                continue;
            }

            Evict(pod);
            return;
        }
    }

    private void Evict(StoredObject pod)
    {
        var now = cluster.Now;
        _events.Normal(pod, "TaintManagerEviction", $"Marking for deletion Pod {pod.Namespace}/{pod.Name}");
        _writer.Update(
            pod,
            content => ConditionList.Set(
                content.Ensure("status"),
                ConditionList.Make(
                    "DisruptionTarget",
                    true,
                    "DeletionByTaintManager",
                    "Taint manager: deleting due to NoExecute taint"),
                now),
            "status");
        _writer.Delete(pod);
    }
}
