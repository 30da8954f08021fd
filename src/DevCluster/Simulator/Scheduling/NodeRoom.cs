using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;

namespace DevCluster.Simulator.Scheduling;

/// <summary>What is left on a node after the requests of the pods it holds.</summary>
internal sealed class NodeRoom
{
    private readonly Dictionary<string, Dictionary<string, Quantity>> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Quantity> _used = new(StringComparer.Ordinal);

    public int Count => _pods.Count;

    public void Hold(StoredObject pod)
    {
        Release(pod.Uid);
        var requests = RequestsOf(pod.Content.Map("spec"));
        _pods[pod.Uid] = requests;
        foreach (var (name, amount) in requests)
        {
            _used[name] = _used.TryGetValue(name, out var used) ? used + amount : amount;
        }
    }

    public void Release(string uid)
    {
        if (!_pods.Remove(uid, out var requests))
        {
            return;
        }

        foreach (var (name, amount) in requests)
        {
            _used[name] += amount with { Nanos = -amount.Nanos };
        }
    }

    /// <summary>Why a pod has no room here; null if it has.</summary>
    public string? Refusal(Dictionary<string, Quantity> requests, StoredObject node)
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

    /// <summary>
    /// A pod needs what its containers need together, or its neediest init container, whichever is more.
    /// </summary>
    public static Dictionary<string, Quantity> RequestsOf(JsonObject? spec)
    {
        var sum = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var (name, amount) in spec.Items("containers").SelectMany(Requests))
        {
            sum[name] = sum.TryGetValue(name, out var before) ? before + amount : amount;
        }

        foreach (var (name, amount) in spec.Items("initContainers").SelectMany(Requests))
        {
            if (!sum.TryGetValue(name, out var before) || before.CompareTo(amount) < 0)
            {
                sum[name] = amount;
            }
        }

        return sum;
    }

    private static IEnumerable<(string Name, Quantity Amount)> Requests(JsonObject container)
    {
        foreach (var (name, text) in container.Map("resources", "requests") ?? [])
        {
            if (Quantity.TryParse(text.Text(), out var amount))
            {
                yield return (name, amount);
            }
        }
    }
}
