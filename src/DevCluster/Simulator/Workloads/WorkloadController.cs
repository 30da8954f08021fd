// Workloads: the controllers of Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs and disruption budgets.

using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Collection;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Workloads;

/// <summary>Base of the workload controllers: an object is due when it or one of its children changes.</summary>
internal abstract class WorkloadController(
    ControlPlaneContext cluster, ResourceId workloads, ResourceId children) : IController
{
    private readonly DueSet<string> _due = new();

    protected ControlPlaneContext Cluster { get; } = cluster;

    protected ClusterWriter Writer { get; } = cluster.WriterFor("kube-controller-manager");

    public virtual void Observe(ObjectChange change)
    {
        if (change.Object.Resource == workloads)
        {
            Add(change.Object.Uid);
        }
        else if (change.Object.Resource == children && OwnerReferences.ControllerUid(change.Object) is { } uid
            && Cluster.View.ByUid(uid)?.Resource == workloads)
        {
            Add(uid);
        }
    }

    public bool Work() => _due.Drain(uid =>
    {
        if (Cluster.View.ByUid(uid) is { } found && found.Resource == workloads)
        {
            Sync(found);
        }
    });

    protected void Add(string uid) => _due.Add(uid);

    protected void AddAt(string uid, DateTimeOffset when) =>
        Cluster.Timers.After(when - Cluster.Now, () => _due.Add(uid));

    protected abstract void Sync(StoredObject found);

    /// <summary>The desired number of pods.</summary>
    public static int Replicas(StoredObject found) => (int)(found.Content.Number("spec", "replicas") ?? 1);

    /// <summary>The number of available pods; also schedules a sync for those that become available later.</summary>
    protected int CountAvailable(StoredObject owner, IEnumerable<StoredObject> pods)
    {
        var minimum = owner.Content.Number("spec", "minReadySeconds") ?? 0;
        var count = 0;
        foreach (var at in pods.Select(pod => PodFactory.AvailableAt(pod, minimum)))
        {
            if (at <= Cluster.Now)
            {
                count++;
            }
            else if (at is { } later)
            {
                AddAt(owner.Uid, later);
            }
        }

        return count;
    }

    protected void WriteStatus(StoredObject found, System.Text.Json.Nodes.JsonObject status)
    {
        if (!status.SameAs(found.Content["status"]))
        {
            Writer.Update(found, content => content["status"] = status.DeepClone(), "status");
        }
    }
}
