using System.Globalization;
using System.Net;

namespace DevCluster.Simulator.Controllers;

/// <summary>
/// The IPv6 addresses of pods and nodes. The last 32 bits of each are the IPv4 address of the pod or node.
/// </summary>
/// <param name="Pods">The network of pods; its prefix length is at most 96.</param>
/// <param name="Nodes">The network of nodes; its prefix length is at most 96.</param>
public sealed record SecondFamily(IPNetwork Pods, IPNetwork Nodes)
{
    private const int Embedding = 96;

    /// <summary>Unique local networks (RFC 4193), which are not routed on the internet.</summary>
    public static SecondFamily Local { get; } =
        new(IPNetwork.Parse("fd79:646e::/64"), IPNetwork.Parse("fd79:646e:0:1::/64"));

    /// <summary>The IPv6 address of the pod with the given IPv4 address.</summary>
    public string PodAddress(string address) => Embed(Pods, address);

    /// <summary>The IPv6 address of the node with the given IPv4 address.</summary>
    public string NodeAddress(string address) => Embed(Nodes, address);

    /// <summary>The IPv6 CIDR of the pods with the given IPv4 CIDR.</summary>
    public string PodRange(string range)
    {
        var network = IPNetwork.Parse(range);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Embed(Pods, network.BaseAddress.ToString())}/{network.PrefixLength + Embedding}");
    }

    private static string Embed(IPNetwork network, string address)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        IPAddress.Parse(address).GetAddressBytes().CopyTo(bytes, Embedding / 8);
        return new IPAddress(bytes).ToString();
    }
}
