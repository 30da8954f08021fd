// Networking: EndpointSlices of Services, and addresses of load balancers.

using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Networking;

/// <summary>Maintains the EndpointSlices of Services that have a selector.</summary>
internal sealed class EndpointSliceController(ControlPlaneContext cluster) : IController
{
    private readonly ClusterWriter _writer = cluster.WriterFor("kube-controller-manager");
    private readonly DueSet<ObjectKey> _due = new();
    private readonly SelectorIndex _services = new();

    public void Observe(ObjectChange change)
    {
        var found = change.Object;
        if (found.Resource == KnownResources.Services)
        {
            if (change.Type != ChangeType.Deleted)
            {
                _services.Put(found);
                _due.Add(ObjectKey.FromObject(found));
            }
            else
            {
                _services.Remove(ObjectKey.FromObject(found));
            }
        }
        else if (found.Resource == KnownResources.Pods)
        {
            ObservePod(change);
        }
        else if (found.Resource == KnownResources.EndpointSlices && change.Type != ChangeType.Added
            && found.Content.Text("metadata", "labels", EndpointSlices.ServiceLabel) is { } service
                && EndpointSlices.IsOurs(found))
        {
            _due.Add(new ObjectKey(found.Namespace ?? "", service));
        }
    }

    public bool Work() => _due.Drain(Sync);

    private void ObservePod(ObjectChange change)
    {
        var pod = change.Object.Content;
        if (change is { Type: ChangeType.Modified, Previous: { } previous } && !Matters(previous.Content, pod))
        {
            return;
        }

        foreach (var labels in new[]
        {
            pod.Map("metadata", "labels"),
            change.Previous?.Content.Map("metadata", "labels"),
        })
        {
            foreach (var service in _services.Selecting(change.Object.Namespace ?? "", labels))
            {
                _due.Add(service);
            }
        }
    }

    private static bool Matters(JsonObject before, JsonObject after) =>
        before.Text("status", "podIP") != after.Text("status", "podIP")
        || before.Text("status", "phase") != after.Text("status", "phase")
        || before.IsTerminating() != after.IsTerminating()
        || ConditionList.IsTrue(before["status"], "Ready") != ConditionList.IsTrue(after["status"], "Ready")
        || !before.At("metadata", "labels").SameAs(after.At("metadata", "labels"));

    private void Sync(ObjectKey key)
    {
        if (cluster.View.Get(KnownResources.Services, key) is not { } service
            || service.Content.IsTerminating())
        {
            return;
        }

        var existing = cluster.View.Dependents(service.Uid)
            .Where(child => child.Resource == KnownResources.EndpointSlices && EndpointSlices.IsOurs(child)
                && !child.Content.IsTerminating())
            .OrderBy(child => child.Name, StringComparer.Ordinal).ToList();
        var hasSelector = service.Content.Map("spec", "selector") is { Count: > 0 }
            && service.Content.Text("spec", "type") != "ExternalName";
        var pods = cluster.View.PodsWith(service.Namespace ?? "", service.Content.Map("spec", "selector"));
        var wanted = hasSelector ? EndpointSlices.Build(service, pods, ZoneOf) : [];
        foreach (var content in wanted)
        {
            // The ports of a slice never change; its endpoints may.
            var reused = existing.FirstOrDefault(slice => slice.Content["ports"].SameAs(content["ports"]));
            if (reused is null)
            {
                _writer.Create(KnownResources.EndpointSlices, content);
            }
            else
            {
                existing.Remove(reused);
                Write(reused, content);
            }
        }

        foreach (var useless in existing)
        {
            _writer.Delete(useless);
        }
    }

    private void Write(StoredObject slice, JsonObject wanted)
    {
        if (slice.Content["endpoints"].SameAs(wanted["endpoints"])
            && slice.Content.At("metadata", "labels").SameAs(wanted.At("metadata", "labels")))
        {
            return;
        }

        _writer.Update(slice, content =>
        {
            content["endpoints"] = wanted["endpoints"]?.DeepClone();
            content.Ensure("metadata")["labels"] = wanted.At("metadata", "labels")?.DeepClone();
        });
    }

    private string? ZoneOf(string node) =>
        cluster.View.Get(
            KnownResources.Nodes,
            new ObjectKey("", node))?.Content.Text("metadata", "labels", "topology.kubernetes.io/zone");
}
