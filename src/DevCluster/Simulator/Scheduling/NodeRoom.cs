using DevCluster.ApiServer.Admission.Quotas;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;

namespace DevCluster.Simulator.Scheduling;

/// <summary>The resources of a node that its pods do not request.</summary>
internal sealed class NodeRoom
{
    private readonly Dictionary<string, Amounts> _pods = new(StringComparer.Ordinal);
    private readonly Amounts _used = [];

    public int Count => _pods.Count;

    public void Hold(StoredObject pod)
    {
        Release(pod.Uid);
        var requests = PodResources.Total(pod.Content.Map("spec"), "requests");
        _pods[pod.Uid] = requests;
        _used.Plus(requests);
    }

    public void Release(string uid)
    {
        if (!_pods.Remove(uid, out var requests))
        {
            return;
        }

        foreach (var (name, amount) in requests)
        {
            _used[name] -= amount;
        }
    }

    /// <summary>Why a pod does not fit; null if it does.</summary>
    public string? Refusal(Amounts requests, StoredObject node)
    {
        var offered = node.Content.Map("status", "allocatable") ?? node.Content.Map("status", "capacity");
        if (Quantity.TryParse(offered.Text("pods"), out var pods)
            && pods.Nanos <= (System.Numerics.BigInteger)_pods.Count * 1_000_000_000)
        {
            return "Too many pods";
        }

        foreach (var (name, amount) in requests)
        {
            var free = Quantity.TryParse(offered.Text(name), out var offer) ? offer.Nanos : 0;
            if (_used.TryGetValue(name, out var used))
            {
                free -= used.Nanos;
            }

            if (amount.Nanos > free)
            {
                return $"Insufficient {name}";
            }
        }

        return null;
    }
}
