namespace DevCluster.Simulator.Nodes;

/// <summary>
/// The pod addresses of one node: all or the first part of a /16 of 172.16.0.0/12, divided into a /30 for each pod. The
/// node has the first host address and the pod the second, as on a dyno platform.
/// </summary>
internal sealed class PodAddressPool(int block, int prefix = 16)
{
    private readonly int _networks = 1 << (30 - prefix);

    private readonly HashSet<int> _used = [];
    private int _cursor = -1;

    /// <summary>The value of the node's <c>spec.podCIDR</c>.</summary>
    public string Cidr => $"172.{16 + block}.0.0/{prefix}";

    /// <summary>
    /// Takes the next free /30 and returns the pod's address; null if none is free. The pool is a ring, so that a
    /// released address stays unused for as long as possible.
    /// </summary>
    public string? Take()
    {
        for (var tried = 0; tried < _networks; tried++)
        {
            _cursor = (_cursor + 1) % _networks;
            if (_used.Add(_cursor))
            {
                var host = (_cursor * 4) + 2;
                return $"172.{16 + block}.{host >> 8}.{host & 255}";
            }
        }

        return null;
    }

    /// <summary>Claims the address that a pod already has; false if another pod has it.</summary>
    public bool Claim(string address) => NetworkOf(address) is { } network && _used.Add(network);

    public void Release(string address)
    {
        if (NetworkOf(address) is { } network)
        {
            _used.Remove(network);
        }
    }

    private int? NetworkOf(string address)
    {
        var parts = address.Split('.');
        return parts is ["172", var second, var third, var fourth]
            && second == (16 + block).ToString(System.Globalization.CultureInfo.InvariantCulture)
            && byte.TryParse(third, out var high) && byte.TryParse(fourth, out var low)
            && ((high << 8) + low) / 4 is var network && network < _networks
                ? network
                : null;
    }
}
