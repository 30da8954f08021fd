using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;

namespace DevCluster.Simulator.Nodes;

/// <summary>The address pools of all simulated nodes, each in its own /16.</summary>
internal sealed class PodAddresses(int prefix)
{
    private readonly Dictionary<string, (int Block, PodAddressPool Pool)> _pools = new(StringComparer.Ordinal);

    /// <summary>The block of a node, assigned on first use; null if all sixteen are taken.</summary>
    public int? BlockOf(string node)
    {
        if (_pools.TryGetValue(node, out var known))
        {
            return known.Block;
        }

        var taken = _pools.Values.Select(entry => entry.Block).ToHashSet();
        var free = Enumerable.Range(0, SimulatedNode.Limit)
            .Cast<int?>()
            .FirstOrDefault(block => !taken.Contains(block!.Value));
        if (free is { } block)
        {
            _pools[node] = (block, new PodAddressPool(block, prefix));
        }

        return free;
    }

    public string? CidrOf(string node) => _pools.TryGetValue(node, out var entry) ? entry.Pool.Cidr : null;

    /// <summary>Assigns a pod the address that it already has, or else a new one.</summary>
    public void Assign(StoredObject pod, PodRun run)
    {
        if (run.OwnAddress is not null
            || pod.Content.Flag("spec", "hostNetwork") == true
            || !_pools.TryGetValue(run.Node, out var entry))
        {
            return;
        }

        run.OwnAddress = pod.Content.Text("status", "podIP") is { Length: > 0 } earlier && entry.Pool.Claim(earlier)
            ? earlier
            : entry.Pool.Take();
    }

    public void Release(PodRun run)
    {
        if (run.OwnAddress is { } address && _pools.TryGetValue(run.Node, out var entry))
        {
            entry.Pool.Release(address);
            run.OwnAddress = null;
        }
    }

    public void Forget(string node) => _pools.Remove(node);
}
