using System.Net;
using System.Net.Sockets;
using Dynospace.Linux.Networking;
using Dynospace.Reachability.Addresses;
using k8s.Models;

namespace Dynospace.NodeAgent.DynoNetwork;

/// <summary>The facts about a node in the API.</summary>
/// <param name="Name">The name.</param>
/// <param name="Address">The IPv4 address for other nodes; null without one.</param>
/// <param name="PodRanges">The pod ranges that the cluster assigned.</param>
/// <param name="MaxPods">The maximum number of pods; null until the kubelet reports it.</param>
internal sealed record NetworkNode(
    string Name, IPAddress? Address, IReadOnlyList<AddressRange> PodRanges, int? MaxPods)
{
    /// <summary>The IPv6 address for other nodes; null without one.</summary>
    public IPAddress? Address6 { get; init; }

    public static NetworkNode FromNode(V1Node node) => new(
        node.Metadata.Name,
        AddressOf(node, AddressFamily.InterNetwork),
        [
            .. (node.Spec?.PodCIDRs ?? [])
                .Select(text => AddressRange.TryParseMasked(text, out var range, out _) ? range : null)
                .OfType<AddressRange>(),
        ],
        node.Status?.Capacity?.TryGetValue("pods", out var pods) == true ? pods.ToInt32() : null)
    {
        Address6 = AddressOf(node, AddressFamily.InterNetworkV6),
    };

    public bool IsSameAs(NetworkNode other) =>
        Name == other.Name
        && Equals(Address, other.Address)
        && Equals(Address6, other.Address6)
        && PodRanges.SequenceEqual(other.PodRanges)
        && MaxPods == other.MaxPods;

    private static IPAddress? AddressOf(V1Node node, AddressFamily family) => (node.Status?.Addresses ?? [])
        .Where(address => address.Type == "InternalIP")
        .Select(address => IPAddress.TryParse(address.Address, out var parsed) ? parsed : null)
        .FirstOrDefault(address => address?.AddressFamily == family);
}

/// <summary>The network state in the kernel of this node.</summary>
internal sealed record KernelFacts(
    IReadOnlyList<Link> Links, IReadOnlyList<LinkAddress> Addresses, IReadOnlyList<Route> Routes)
{
    /// <summary>The protocol number that identifies the agent's routes.</summary>
    public const byte RouteProtocol = 113;

    /// <summary>The node's end of the tunnel between nodes.</summary>
    public const string TunnelName = "dyno-tunnel";

    public Link? Tunnel => Links.FirstOrDefault(link => link.Name == TunnelName);

    /// <summary>The routes created by the agent.</summary>
    public IEnumerable<Route> Own => Routes.Where(route => route.Protocol == RouteProtocol);

    /// <summary>The block for which an agent has an unreachable route; null without one.</summary>
    public AddressRange? OwnBlock =>
        Own.FirstOrDefault(route => route.Kind == RouteKind.Unreachable
            && route.Destination.BaseAddress.AddressFamily == AddressFamily.InterNetwork) is { } route
            ? AddressRange.FromNetwork(route.Destination)
            : null;

    /// <summary>The same block, if pods have addresses of it.</summary>
    public AddressRange? UsedBlock => OwnBlock is { } block && Used(block).Count > 0 ? block : null;

    /// <summary>
    /// Lists links last, so a route or an address on an unlisted link belongs to a deleted link, not to a new one.
    /// </summary>
    public static KernelFacts Read(NetworkStack network)
    {
        var (routes, addresses) = (network.Routes.List(), network.Addresses.List());
        return new(network.Links.List(), addresses, routes);
    }

    /// <summary>The addresses of a block to which a link of this node leads; each belongs to a pod.</summary>
    public IReadOnlyList<IPAddress> Used(AddressRange block) =>
    [
        .. Routes
            .Where(route => route is { Kind: RouteKind.Unicast, Gateway: null, IsToOne: true }
                && route.Protocol != RouteProtocol && block.Contains(route.Destination.BaseAddress))
            .Select(route => route.Destination.BaseAddress),
    ];

    /// <summary>
    /// The indexes of veth links that do not lead to a dyno: those with a route or an address outside of the block. The
    /// link of a new pod has neither.
    /// </summary>
    public IReadOnlyList<int> Uplinks(CidrSet blocks)
    {
        var others =
            Routes.Where(route => route.Kind == RouteKind.Unicast && !IsLinkLocal(route.Destination.BaseAddress)
                    && !blocks.Contains(AddressRange.FromNetwork(route.Destination)))
                .Select(route => route.Link)
                .OfType<int>()
                .Concat(Addresses
                    .Where(address => !IsLinkLocal(address.Address) && !blocks.Contains(address.Address))
                    .Select(address => address.Link))
                .ToHashSet();
        // A dyno may have addresses of a range that is no longer in the options.
        others.ExceptWith(Routes
            .Where(route => route is { Kind: RouteKind.Unicast, Gateway: null, IsToOne: true }
                && blocks.Contains(route.Destination.BaseAddress))
            .Select(route => route.Link)
            .OfType<int>());
        return [.. Links.Where(link => link.Kind == "veth" && others.Contains(link.Index)).Select(link => link.Index)];

        static bool IsLinkLocal(IPAddress address) => address.IsIPv6LinkLocal || address.IsIPv6Multicast;
    }

    /// <summary>The link with the node's address, or else with its default route.</summary>
    public Link? LinkOf(IPAddress address)
    {
        var index = Addresses.FirstOrDefault(item => item.Address.Equals(address))?.Link
            ?? Routes.FirstOrDefault(route => route is { Table: Route.MainTable, Destination.PrefixLength: 0 }
                && route.Destination.BaseAddress.AddressFamily == address.AddressFamily)?.Link;
        return Links.FirstOrDefault(link => link.Index == index);
    }

    /// <summary>The link on which another node's address is a neighbor; null if it is behind a router.</summary>
    public int? SharedLink(IPAddress address) => Addresses
        .Where(item => item.Peer is null && !item.IsSingle
            && item.Address.AddressFamily == address.AddressFamily
            && Links.Any(link => link.Index == item.Link && link is { IsLoopback: false, Name: not TunnelName })
            && item.Shares(address))
        .OrderByDescending(item => item.PrefixLength)
        .Select(item => (int?)item.Link)
        .FirstOrDefault();
}
