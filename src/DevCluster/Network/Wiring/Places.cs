using DevCluster.Network.Kernel;

namespace DevCluster.Network.Wiring;

/// <summary>A network namespace outside the cluster that answers on TCP and UDP.</summary>
/// <param name="Name">The name of the place.</param>
/// <param name="Addresses">Its addresses, all of one family.</param>
/// <param name="Tcp">The TCP ports on which it accepts connections.</param>
/// <param name="Udp">The UDP ports on which it echoes datagrams.</param>
public sealed record OutsidePlace(
    string Name, IReadOnlyList<string> Addresses, IReadOnlyList<int> Tcp, IReadOnlyList<int> Udp)
{
    /// <summary>Whether the addresses are IPv6.</summary>
    public bool IsIPv6 => Addresses[0].Contains(':', StringComparison.Ordinal);
}

/// <summary>A node, for programs that run on it.</summary>
/// <param name="Name">The name of the Node.</param>
/// <param name="Namespace">The network namespace.</param>
/// <param name="PodRange">The CIDR of its pods.</param>
public sealed record NodePlace(string Name, Netns Namespace, string PodRange)
{
    /// <summary>The IPv6 CIDR of its pods; null for none.</summary>
    public string? PodRange6 { get; init; }
}
