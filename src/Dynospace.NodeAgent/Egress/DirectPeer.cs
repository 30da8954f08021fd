using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Dynospace.Linux.Networking;

namespace Dynospace.NodeAgent.Egress;

/// <summary>A node on one of this node's links that accepts packets of dynos without the tunnel.</summary>
/// <param name="Node">The number of the node.</param>
/// <param name="Address">Its address of a family on the link.</param>
/// <param name="Link">The index of the link, an uplink.</param>
internal sealed record DirectPeer(int Node, IPAddress Address, int Link)
{
    public AddressFamily Family => Address.AddressFamily;

    /// <summary>The nodes that this node reaches without a router, at most once for each family.</summary>
    /// <param name="accepting">The numbers of the nodes that accept such packets.</param>
    public static ImmutableArray<DirectPeer> Find(
        EgressFacts facts, IReadOnlySet<int> accepting, IReadOnlyCollection<Link> links,
        IReadOnlyCollection<Route> routes)
    {
        var uplinks = links.Where(link => facts.Uplinks.Contains(link.Name)).Select(link => link.Index).ToHashSet();
        var main = routes.Where(route => route.Table == Route.MainTable).ToList();
        return
        [
            .. from peer in EgressKernelPlanner.Peers(facts)
               where facts.IsNative && accepting.Contains(peer.Number)
               from address in peer.Addresses.DistinctBy(address => address.AddressFamily)
               let link = LinkTo(address, main)
               where link is not null && uplinks.Contains(link.Value)
               select new DirectPeer(peer.Number, address, link.Value),
        ];
    }

    private static int? LinkTo(IPAddress address, IEnumerable<Route> routes)
    {
        var best = routes
            .Where(route => route.Destination.BaseAddress.AddressFamily == address.AddressFamily
                && route.Destination.Contains(address))
            .OrderByDescending(route => route.Destination.PrefixLength).ThenBy(route => route.Metric)
            .FirstOrDefault();
        return best is { Kind: RouteKind.Unicast, Gateway: null, IsMultipath: false, Destination.PrefixLength: > 0 }
            ? best.Link
            : null;
    }
}
