using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Dynospace.Linux.Networking;

namespace Dynospace.NodeAgent.Egress;

/// <summary>The default route of a family, by which a gateway forwards packets ahead of the routing tables.</summary>
/// <param name="Link">The index of the link, an uplink.</param>
/// <param name="Router">The address of the next hop.</param>
/// <param name="Others">The destinations to which packets do not take this route.</param>
internal sealed record EgressExit(int Link, IPAddress Router, ImmutableArray<IPNetwork> Others)
{
    /// <summary>A router with more routes than this is not mirrored.</summary>
    private const int MostRoutes = 4096;

    /// <summary>Destinations that routers do not forward, or that are this node's own.</summary>
    private static readonly ImmutableArray<IPNetwork> Special =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("224.0.0.0/3"),
        IPNetwork.Parse("::/96"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("ff00::/8"), TunnelNumbers.Range6,
        new IPNetwork(TunnelNumbers.GateAddress6, 128),
    ];

    public AddressFamily Family => Router.AddressFamily;

    public bool Equals(EgressExit? other) => ReferenceEquals(this, other)
        || (other is not null && Link == other.Link && Router.Equals(other.Router) && Others.IsSameAs(other.Others));

    public override int GetHashCode() => HashCode.Combine(Link, Router);

    /// <summary>
    /// The exits of a gateway. A family has none if its default route is not a single next hop on an uplink: then the
    /// routing tables decide for each packet.
    /// </summary>
    /// <param name="hasIpsec">Whether there are IPsec policies, which might encrypt a packet after routing.</param>
    public static ImmutableArray<EgressExit> Find(
        EgressFacts facts, IReadOnlyCollection<Link> links, IReadOnlyCollection<Route> routes, bool hasIpsec = false)
    {
        if (!facts.IsGateway || hasIpsec)
        {
            return [];
        }

        var uplinks = links.Where(link => facts.Uplinks.Contains(link.Name)).Select(link => link.Index).ToHashSet();
        var known = facts.Spaces.SelectMany(space => space.Exempt).Concat(Special).Distinct().ToList();
        return
        [
            .. new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 }
                .Select(family => Find(family, facts, uplinks, known, routes)).OfType<EgressExit>(),
        ];
    }

    private static EgressExit? Find(
        AddressFamily family, EgressFacts facts, HashSet<int> uplinks, List<IPNetwork> known,
        IReadOnlyCollection<Route> routes)
    {
        var own = routes
            .Where(route => route.Table is Route.MainTable or Route.LocalTable
                && route.Destination.BaseAddress.AddressFamily == family)
            .ToList();
        var defaults = own.Where(route => route.Destination.PrefixLength == 0).ToList();
        var lowest = defaults.Select(route => route.Metric).DefaultIfEmpty().Min();
        var best = defaults.Where(route => route.Metric == lowest).Take(2).ToList();
        if (own.Count > MostRoutes
            || best is not [{ IsDefault: true, IsMultipath: false, Gateway: { } router, Link: { } link }]
            || router.AddressFamily != family
            || !uplinks.Contains(link))
        {
            return null;
        }

        // Routes to single pods change with every pod, and are within a range that is exempt.
        var others = known
            .Concat(own.Where(route => route.Destination.PrefixLength > 0).Select(route => route.Destination)
                .Where(destination => !known.Any(range => Covers(range, destination))))
            .Concat(facts.Addresses.Select(address => new IPNetwork(address.Address, address.Is4 ? 32 : 128)))
            .Where(range => range.BaseAddress.AddressFamily == family);
        return new EgressExit(link, router,
        [
            .. others.Distinct().OrderBy(range => range.ToString(), StringComparer.Ordinal),
        ]);
    }

    private static bool Covers(IPNetwork range, IPNetwork other) =>
        range.BaseAddress.AddressFamily == other.BaseAddress.AddressFamily
        && range.PrefixLength <= other.PrefixLength
        && range.Contains(other.BaseAddress);
}
