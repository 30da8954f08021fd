// Scheduling: binds each pod to a node with enough resources for its requests.

using System.Globalization;
using DevCluster.ApiServer.Admission.Quotas;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Scheduling;

/// <summary>
/// Binds pods to nodes by node selectors, node affinity, taints and resources. Inter-pod affinity and topology spread
/// are ignored; the node with the fewest pods wins.
/// </summary>
internal sealed class Scheduler(ControlPlaneContext cluster) : IController
{
    private const string Name = "default-scheduler";

    private readonly ClusterWriter _writer = cluster.WriterFor("kube-scheduler");
    private readonly EventWriter _events = cluster.EventsOf(Name);
    private readonly DueSet<string> _due = new();
    private readonly HashSet<string> _unschedulable = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeRoom> _rooms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _placed = new(StringComparer.Ordinal);

    public void Observe(ObjectChange change)
    {
        if (change.Object.Resource == KnownResources.Nodes)
        {
            Retry();
        }
        else if (change.Object.Resource == KnownResources.Pods)
        {
            ObservePod(change);
        }
    }

    public bool Work() => _due.Drain(Place);

    private void ObservePod(ObjectChange change)
    {
        var pod = change.Object;
        if (change.Type == ChangeType.Deleted || IsOver(pod))
        {
            _unschedulable.Remove(pod.Uid);
            if (_placed.Remove(pod.Uid, out var node))
            {
                _rooms[node].Release(pod.Uid);
                Retry();
            }

            return;
        }

        if (pod.Content.Text("spec", "nodeName") is { Length: > 0 } bound)
        {
            _unschedulable.Remove(pod.Uid);
            Hold(pod, bound);
        }
        else if (pod.Content.Text("spec", "schedulerName") == Name && !pod.Content.IsTerminating())
        {
            _due.Add(pod.Uid);
        }
    }

    private static bool IsOver(StoredObject pod) => pod.Content.Text("status", "phase") is "Succeeded" or "Failed";

    private void Retry()
    {
        foreach (var uid in _unschedulable)
        {
            _due.Add(uid);
        }
    }

    private void Hold(StoredObject pod, string node)
    {
        if (_placed.TryGetValue(pod.Uid, out var before) && before == node)
        {
            return;
        }

        _placed[pod.Uid] = node;
        Room(node).Hold(pod);
    }

    private NodeRoom Room(string node)
    {
        if (!_rooms.TryGetValue(node, out var room))
        {
            _rooms[node] = room = new NodeRoom();
        }

        return room;
    }

    private void Place(string uid)
    {
        if (cluster.View.ByUid(uid) is not { } pod
            || pod.Content.Text("spec", "nodeName") is { Length: > 0 }
            || IsOver(pod))
        {
            return;
        }

        if (pod.Content.List("spec", "schedulingGates") is { Count: > 0 })
        {
            Report(pod, "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates");
            return;
        }

        var (node, why) = Choose(pod);
        if (node is not null)
        {
            Bind(pod, node);
        }
        else
        {
            _unschedulable.Add(uid);
            if (Report(pod, "Unschedulable", why))
            {
                _events.Warning(pod, "FailedScheduling", why);
            }
        }
    }

    private (string? Node, string Why) Choose(StoredObject pod)
    {
        var spec = pod.Content.Map("spec")!;
        var requests = PodResources.Total(spec, "requests");
        var refusals = new List<string>();
        StoredObject? best = null;
        foreach (var node in cluster.View.List(KnownResources.Nodes))
        {
            if ((NodeFit.Refusal(spec, node) ?? Room(node.Name).Refusal(requests, node)) is { } refusal)
            {
                refusals.Add(refusal);
            }
            else if (best is null || Room(node.Name).Count < Room(best.Name).Count)
            {
                best = node;
            }
        }

        return best is not null ? (best.Name, "") : (null, Explain(refusals));
    }

    private static string Explain(List<string> refusals)
    {
        if (refusals.Count == 0)
        {
            return "no nodes available to schedule pods";
        }

        var reasons = refusals.CountBy(reason => reason)
            .Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Value} {count.Key}"))
                .Order(StringComparer.Ordinal);
        var count = refusals.Count.ToString(CultureInfo.InvariantCulture);
        return $"0/{count} nodes are available: {string.Join(", ", reasons)}. preemption: 0/{count} nodes are "
            + $"available: " +
            $"{count} Preemption is not helpful for scheduling.";
    }

    private void Bind(StoredObject pod, string node)
    {
        var now = cluster.Now;
        var bound = _writer.Update(
            pod,
            content =>
            {
                content.Ensure("spec")["nodeName"] = node;
                var scheduled = ConditionList.Make("PodScheduled", true);
                scheduled["lastProbeTime"] = null;
                ConditionList.Set(content.Ensure("status"), scheduled, now);
            },
            "binding");
        if (bound is not null)
        {
            _unschedulable.Remove(pod.Uid);
            Hold(bound, node);
            _events.Normal(pod, "Scheduled", $"Successfully assigned {pod.Namespace}/{pod.Name} to {node}");
        }
    }

    private bool Report(StoredObject pod, string reason, string message)
    {
        var now = cluster.Now;
        if (ConditionList.Find(pod.Content["status"], "PodScheduled") is { } old
            && old.Text("reason") == reason
            && old.Text("message") == message)
        {
            return false;
        }

        return _writer.Update(
            pod,
            content =>
            {
                var condition = ConditionList.Make("PodScheduled", false, reason, message);
                condition["lastProbeTime"] = null;
                ConditionList.Set(content.Ensure("status"), condition, now);
            },
            "status") is not null;
    }
}
