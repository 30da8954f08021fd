using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Dynospace.Testing.Networks;

/// <summary>
/// A node and the places around it, each a network namespace on a link of its own to the node, which forwards between
/// them: pods, and places outside.
/// </summary>
public sealed class PacketNode : IDisposable
{
    private const string GatewayMac = "02:00:00:00:00:01";

    private readonly Dictionary<IPAddress, NetworkNamespace> _places = [];
    private readonly List<NetworkNamespace> _all = [];

    /// <param name="addresses">The node's own addresses.</param>
    public PacketNode(params IEnumerable<IPAddress> addresses)
    {
        Namespace = new NetworkNamespace();
        Namespace.Set("ipv4/ip_forward", "1");
        Namespace.Set("ipv6/conf/all/forwarding", "1");
        Namespace.IpBatch(addresses.Select(address => $"address add {address}/{Width(address)} dev lo"));
    }

    public NetworkNamespace Namespace { get; }

    /// <summary>Adds a place with its addresses.</summary>
    public NetworkNamespace Add(params IReadOnlyList<IPAddress> addresses)
    {
        var place = new NetworkNamespace();
        _all.Add(place);
        var link = string.Create(CultureInfo.InvariantCulture, $"v{_all.Count}");
        Namespace.IpBatch(
        [
            $"link add {link} address {GatewayMac} type veth peer name eth0 netns {place.Name}",
            $"link set {link} up",
            $"address add fe80::1/64 dev {link} nodad",
        ]);
        place.IpBatch(
        [
            "link set eth0 up",
            .. addresses.Select(
                address => $"address add {address}/{Width(address)} dev eth0{(Is4(address) ? "" : " nodad")}"),
            "route add 169.254.1.1 dev eth0",
            "route add default via 169.254.1.1 dev eth0",
            $"neighbor add 169.254.1.1 lladdr {GatewayMac} dev eth0 nud permanent",
            "route add default via fe80::1 dev eth0",
            $"neighbor add fe80::1 lladdr {GatewayMac} dev eth0 nud permanent",
        ]);
        // Neighbours are fixed, so that no packet waits for a resolution.
        var mac = NetworkNamespace.Run("ip", ["-n", place.Name, "-o", "link", "show", "eth0"]);
        mac = mac[(mac.IndexOf("link/ether ", StringComparison.Ordinal) + 11)..][..17];
        Namespace.IpBatch(addresses.SelectMany(address => new[]
        {
            $"route add {address}/{Width(address)} dev {link}",
            $"neighbor add {address} lladdr {mac} dev {link} nud permanent",
        }));
        foreach (var address in addresses)
        {
            _places[address] = place;
        }

        return place;
    }

    /// <summary>Where an address is.</summary>
    public NetworkNamespace At(IPAddress address) => _places[address];

    public void Dispose()
    {
        _all.ForEach(place => place.Dispose());
        Namespace.Dispose();
    }

    private static bool Is4(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork;

    private static int Width(IPAddress address) => Is4(address) ? 32 : 128;
}
