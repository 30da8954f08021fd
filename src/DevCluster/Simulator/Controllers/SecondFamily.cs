using System.Globalization;
using System.Net;

namespace DevCluster.Simulator.Controllers;

/// <summary>
/// The IPv6 addresses of pods and nodes: each is that of a network whose last 32 bits are the pod's or node's IPv4
/// address.
/// </summary>
/// <param name="Pods">The network of pods, up to 96 bits long.</param>
/// <param name="Nodes">The network of nodes, up to 96 bits long.</param>
public sealed record SecondFamily(IPNetwork Pods, IPNetwork Nodes)
{
    private const int Embedding = 96;

    /// <summary>Networks that no site routes (RFC 4193).</summary>
    public static SecondFamily Local { get; } =
        new(IPNetwork.Parse("fd79:646e::/64"), IPNetwork.Parse("fd79:646e:0:1::/64"));

    /// <summary>The address of the pod that has an IPv4 address.</summary>
    public string PodAddress(string address) => Embed(Pods, address);

    /// <summary>The address of the node that has an IPv4 address.</summary>
    public string NodeAddress(string address) => Embed(Nodes, address);

    /// <summary>The addresses of the pods of a range of IPv4.</summary>
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
