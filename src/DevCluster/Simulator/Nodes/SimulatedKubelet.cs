// Nodes: nodes without containers: the life cycle of pods, and their status with the kubelet's messages.

using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Nodes;

/// <summary>
/// The kubelets of all simulated nodes: reports the status that bound pods would have, without running anything. It
/// writes only changes, so an idle cluster costs nothing.
/// </summary>
internal sealed class SimulatedKubelet : IController
{
    private readonly ControlPlaneContext _cluster;
    private readonly ClusterWriter _writer;
    private readonly PodProgress _progress;
    private readonly NodeRegistration _registration;
    private readonly PodAddresses _addresses;
    private readonly Dictionary<string, PodRun> _runs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EventWriter> _events = new(StringComparer.Ordinal);
    private readonly HashSet<string> _blocked = new(StringComparer.Ordinal);
    private readonly DueSet<string> _due = new();
    private readonly DueSet<string> _dueNodes = new();

    public SimulatedKubelet(ControlPlaneContext cluster)
    {
        _cluster = cluster;
        _writer = cluster.WriterFor("kubelet");
        _addresses = new PodAddresses(cluster.Options.PodRangePrefix);
        _progress = new PodProgress(cluster, _addresses);
        _registration = new NodeRegistration(cluster, _addresses);
        if (cluster.Options.Runtime is { } runtime)
        {
            runtime.PodChanged += uid => cluster.Timers.Post(() => _due.Add(uid));
        }
    }

    public void Observe(ObjectChange change)
    {
        var found = change.Object;
        if (found.Resource == KnownResources.Pods)
        {
            if (change.Type == ChangeType.Deleted)
            {
                Forget(found.Uid);
            }
            else if (found.Content.Text("spec", "nodeName") is { Length: > 0 } && Concerns(change))
            {
                _due.Add(found.Uid);
            }
        }
        else if (found.Resource == KnownResources.Nodes)
        {
            ObserveNode(change);
        }
        else if (change.Type != ChangeType.Deleted && _blocked.Count > 0
            && (found.Resource == KnownResources.Secrets || found.Resource == KnownResources.ConfigMaps))
        {
            Unblock(found.Namespace);
        }
    }

    public bool Work() => _dueNodes.Drain(_registration.Register) | _due.Drain(Sync);

    // Most changes of a pod are the echo of its node's own status write, or labels, which the node ignores.
    private bool Concerns(ObjectChange change)
    {
        if (change.Previous is not { } previous || !_runs.TryGetValue(change.Object.Uid, out var run))
        {
            return true;
        }

        var (before, after) = (previous.Content, change.Object.Content);
        return !after["status"].SameAs(run.Reported)
            || !after["spec"].SameAs(before["spec"])
            || !after.At("metadata", "annotations").SameAs(before.At("metadata", "annotations"))
            || after.Text("metadata", "deletionTimestamp") != before.Text("metadata", "deletionTimestamp");
    }

    private void ObserveNode(ObjectChange change)
    {
        if (change.Type == ChangeType.Deleted)
        {
            _addresses.Forget(change.Object.Name);
            return;
        }

        if (!SimulatedNode.IsSimulated(change.Object))
        {
            return;
        }

        _dueNodes.Add(change.Object.Name);
        if (change.Previous is null || SimulatedNode.IsReady(change.Previous) != SimulatedNode.IsReady(change.Object))
        {
            foreach (var pod in _cluster.View.PodsOn(change.Object.Name))
            {
                _due.Add(pod.Uid);
            }
        }
    }

    private void Unblock(string? ns)
    {
        foreach (var uid in _blocked.Where(uid => _cluster.View.ByUid(uid)?.Namespace == ns))
        {
            _due.Add(uid);
        }
    }

    private void Forget(string uid)
    {
        _blocked.Remove(uid);
        if (_runs.Remove(uid, out var run))
        {
            _cluster.Options.Runtime?.Remove(uid);
            _addresses.Release(run);
        }
    }

    private void Sync(string uid)
    {
        if (_cluster.View.ByUid(uid) is not { } pod
            || _cluster.View.Get(
                KnownResources.Nodes, new ObjectKey("", pod.Content.Text("spec", "nodeName") ?? "")) is not { } node
            || !SimulatedNode.IsSimulated(node) || !SimulatedNode.IsReady(node))
        {
            // A node that is down reports nothing until it is back.
            return;
        }

        if (!_runs.TryGetValue(uid, out var run))
        {
            _runs[uid] = run = new PodRun(pod, _cluster.Now, _cluster.Options.SimulationAnnotations);
        }

        if (run.IsFinished)
        {
            return;
        }

        run.WakeAt = null;
        var events = EventsOf(run.Node);
        var isStopped = _progress.Advance(pod, run, events);
        Report(pod, run, node);
        Remember(uid, run);
        if (isStopped)
        {
            run.IsFinished = true;
            _cluster.Options.Runtime?.Remove(uid);
            _addresses.Release(run);
            _writer.Delete(pod, grace: 0);
        }
    }

    private void Report(StoredObject pod, PodRun run, StoredObject node)
    {
        if (!pod.Content.IsTerminating()
            && pod.Content.Text("status", "phase") is "Succeeded" or "Failed")
        {
            _cluster.Options.Runtime?.Remove(pod.Uid);
            return;
        }

        var status = PodStatusBuilder.Build(
            pod, run, SimulatedNode.AddressOf(node), _cluster.Options.SecondFamily, _cluster.Now);
        if (!status.SameAs(pod.Content["status"]))
        {
            run.Reported = status;
            _writer.Update(pod, content => content["status"] = status, "status");
        }
    }

    private void Remember(string uid, PodRun run)
    {
        if (run.IsBlocked)
        {
            _blocked.Add(uid);
        }
        else
        {
            _blocked.Remove(uid);
        }

        if (run.WakeAt is { } at && at != run.TimerAt)
        {
            run.TimerAt = at;
            _cluster.Timers.After(at - _cluster.Now, () => _due.Add(uid));
        }
    }

    private EventWriter EventsOf(string node)
    {
        if (!_events.TryGetValue(node, out var recorder))
        {
            _events[node] = recorder = _cluster.EventsOf("kubelet", node);
        }

        return recorder;
    }
}
