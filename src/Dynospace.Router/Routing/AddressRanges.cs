using System.Net;
using System.Net.Sockets;
using Dynospace.Planning.Facts;

namespace Dynospace.Router.Routing;

/// <summary>Who may send requests, by address. An empty set admits nobody.</summary>
public sealed class AddressRanges
{
    private const int MappedPrefix = 96;

    private readonly IPNetwork[] _networks;
    private readonly bool _holdsIPv4;
    private readonly bool _holdsIPv6;

    private AddressRanges(IPNetwork[] networks)
    {
        _networks = networks;
        var cover = AddressCover.FromRanges(networks.Select(network => network.ToString()));
        (_holdsIPv4, _holdsIPv6) = (cover.Holds("0.0.0.0/0"), cover.Holds("::/0"));
    }

    /// <summary>Everybody, over IPv4 and IPv6.</summary>
    public static AddressRanges Everybody { get; } = Parse(["0.0.0.0/0", "::/0"]);

    /// <summary>Nobody at all.</summary>
    public static AddressRanges Nobody { get; } = Parse([]);

    /// <summary>Reads CIDR ranges.</summary>
    /// <exception cref="FormatException">One of them is not a CIDR range.</exception>
    public static AddressRanges Parse(IEnumerable<string> ranges) => new([.. ranges.Select(Parse)]);

    /// <summary>Whether the address lies in a range; an IPv4 address in an IPv6 socket is the IPv4 address.</summary>
    public bool Contains(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var network in _networks)
        {
            if (network.Contains(plain))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the ranges together contain every address of this address's family.</summary>
    public bool HoldAllOfFamily(IPAddress address) =>
        address is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } ? _holdsIPv6 : _holdsIPv4;

    private static IPNetwork Parse(string range) => IPNetwork.TryParse(range, out var network)
        ? Plain(network)
        : throw new FormatException(
            $"'{range}' is not a CIDR range: use one such as 198.51.100.0/24 or 2001:db8::/32.");

    /// <summary>An IPv4-mapped IPv6 range is treated as an IPv4 range.</summary>
    private static IPNetwork Plain(IPNetwork network) =>
        network.BaseAddress.IsIPv4MappedToIPv6 && network.PrefixLength >= MappedPrefix
            ? new(network.BaseAddress.MapToIPv4(), network.PrefixLength - MappedPrefix)
            : network;
}
