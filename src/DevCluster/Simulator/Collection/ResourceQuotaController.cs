using System.Text.Json.Nodes;
using DevCluster.ApiServer.Admission.Quotas;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Collection;

/// <summary>
/// Publishes the hard limits of a ResourceQuota in its status, and recomputes usage when it may have decreased:
/// admission only adds to it.
/// </summary>
internal sealed class ResourceQuotaController(ControlPlaneContext cluster) : IController
{
    private readonly ClusterWriter _writer = cluster.WriterFor("kube-controller-manager");
    private readonly DueSet<ObjectKey> _due = new();

    public void Observe(ObjectChange change)
    {
        if (change.Object.Namespace is not { } ns)
        {
            return;
        }

        if (change.Object.Resource == KnownResources.ResourceQuotas)
        {
            if (change.Type != ChangeType.Deleted)
            {
                _due.Add(new ObjectKey(ns, change.Object.Name));
            }
        }
        else if (MayFree(change))
        {
            foreach (var quota in cluster.View.List(KnownResources.ResourceQuotas, ns))
            {
                _due.Add(new ObjectKey(ns, quota.Name));
            }
        }
    }

    public bool Work() => _due.Drain(Recount);

    private static bool MayFree(ObjectChange change) => change.Type switch
    {
        ChangeType.Deleted => true,
        ChangeType.Modified => change.Object.Resource == KnownResources.Services
            || change.Object.Resource == KnownResources.PersistentVolumeClaims
            || (change.Object.Resource == KnownResources.Pods
                && change.Object.Content.Text("status", "phase") is "Succeeded" or "Failed"),
        _ => false,
    };

    private void Recount(ObjectKey key)
    {
        if (cluster.View.Get(KnownResources.ResourceQuotas, key) is not { } seen)
        {
            return;
        }

        // Computed inside the write, so that no admission happens in between.
        _writer.Update(
            seen,
            quota =>
            {
                var hard = Amounts.Read(quota.Map("spec", "hard"));
                var status = quota.Ensure("status");
                status["hard"] = hard.ToJson();
                status["used"] = Used(quota, key.Namespace, hard).ToJson();
            },
            "status");
    }

    private Amounts Used(JsonObject quota, string ns, Amounts hard)
    {
        var used = new Amounts();
        foreach (var resource in cluster.View.Resources)
        {
            if (QuotaUsage.Matching(resource, hard.Keys) is not { Count: > 0 } counted)
            {
                continue;
            }

            foreach (var found in cluster.Registry.List(resource, ns)
                .Where(found => QuotaUsage.IsInScope(quota, resource, found.Content)))
            {
                used.Plus(QuotaUsage.FromObject(resource, found.Content, cluster.Now).Only(counted));
            }
        }

        foreach (var name in hard.Keys.Where(name => !used.ContainsKey(name)))
        {
            used[name] = default;
        }

        return used;
    }
}
