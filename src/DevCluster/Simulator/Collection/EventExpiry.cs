using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Collection;

internal sealed class EventExpiry(ControlPlaneContext cluster) : IController
{
    private readonly ClusterWriter _writer = cluster.WriterFor("kube-apiserver");
    private readonly Queue<(ObjectKey Key, string Uid, DateTimeOffset Due)> _queue = new();
    private bool _isArmed;

    public void Observe(ObjectChange change)
    {
        if (change.Type == ChangeType.Deleted || change.Object.Resource != KnownResources.Events)
        {
            return;
        }

        // The lifetime of a repeated event starts over, so an earlier entry may come due before the event expires.
        var end = cluster.Now + cluster.Options.EventLifetime;
        _queue.Enqueue((ObjectKey.FromObject(change.Object), change.Object.Uid, end));
        Arm();
    }

    public bool Work()
    {
        var any = false;
        while (_queue.TryPeek(out var next) && next.Due <= cluster.Now)
        {
            _queue.Dequeue();
            any = true;
            if (cluster.View.Get(KnownResources.Events, next.Key) is { } found && found.Uid == next.Uid && IsOld(found))
            {
                _writer.Delete(found);
            }
        }

        return any;
    }

    private bool IsOld(StoredObject found)
    {
        var last = found.Content.Read("lastTimestamp")
            ?? found.Content.Read("eventTime")
            ?? found.Content.Read("metadata", "creationTimestamp");
        return last is null || last + cluster.Options.EventLifetime <= cluster.Now;
    }

    private void Arm()
    {
        if (_isArmed || !_queue.TryPeek(out var next))
        {
            return;
        }

        _isArmed = true;
        cluster.Timers.After(next.Due - cluster.Now, () =>
        {
            _isArmed = false;
            Work();
            Arm();
        });
    }
}
