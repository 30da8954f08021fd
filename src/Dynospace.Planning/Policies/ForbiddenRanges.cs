using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Policies;

/// <summary>What dynos of a cluster must not reach, once as internet and once as a network somebody named.</summary>
internal sealed class ForbiddenRanges
{
    /// <summary>What the internet is not: private networks, the cluster's own ranges, public ones included, and what is never reachable.</summary>
    public required AddressSet AsInternet { get; init; }

    /// <summary>What neither peer network nor data service may be: the cluster's own ranges and what is never reachable.</summary>
    public required AddressSet AsNamedNetwork { get; init; }

    public static ForbiddenRanges Of(ClusterFacts cluster, PlatformOptions options)
    {
        AddressBlock[] own =
        [
            .. new[] { cluster.ServiceRanges, cluster.PodRanges, cluster.NodeAddresses, cluster.DnsServiceAddresses, options.Cluster.Ranges }
                .SelectMany(ranges => ranges).Select(AddressBlock.Parse),
            .. SpecialRanges.NeverReachable,
        ];
        return new()
        {
            AsInternet = WithNat64([.. own, .. SpecialRanges.Private]),
            AsNamedNetwork = WithNat64(own),
        };
    }

    /// <summary>Where a NAT64 gateway stands, every IPv4 address has a second, IPv6 one.</summary>
    private static AddressSet WithNat64(AddressBlock[] ranges) =>
        AddressSet.Of(ranges.Concat(ranges.Where(range => !range.IsV6).Select(range => range.ThroughNat64())));
}
