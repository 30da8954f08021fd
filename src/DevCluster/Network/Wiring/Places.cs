using DevCluster.Network.Kernel;

namespace DevCluster.Network.Wiring;

/// <summary>A place beyond the cluster, a network namespace beside it, which answers to TCP and UDP.</summary>
/// <param name="Name">What it stands for.</param>
/// <param name="Addresses">Its addresses, of one family.</param>
/// <param name="Tcp">The ports on which it takes connections.</param>
/// <param name="Udp">The ports on which it sends datagrams back.</param>
public sealed record OutsidePlace(
    string Name, IReadOnlyList<string> Addresses, IReadOnlyList<int> Tcp, IReadOnlyList<int> Udp)
{
    /// <summary>Whether its addresses are of IPv6.</summary>
    public bool IsIPv6 => Addresses[0].Contains(':', StringComparison.Ordinal);
}

/// <summary>A node as programs on it need it.</summary>
/// <param name="Name">The name of the Node.</param>
/// <param name="Namespace">Its network.</param>
/// <param name="PodRange">The addresses of its pods, a CIDR.</param>
public sealed record NodePlace(string Name, Netns Namespace, string PodRange)
{
    /// <summary>The IPv6 addresses of its pods, a CIDR; null for none.</summary>
    public string? PodRange6 { get; init; }
}
