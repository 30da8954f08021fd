using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Policies;
using k8s.Models;

namespace Dynospace.Planning.Routers;

/// <summary>Builds the Service of a router.</summary>
internal static class RouterServiceBuilder
{
    /// <summary>
    /// A range that no packet comes from. It is used if no source is allowed, since an empty list of source ranges
    /// allows all. Deleting the load balancer instead would release its address, and the apps' DNS names would point to
    /// an address that another customer may get. A load balancer that ignores source ranges is safe as well, since the
    /// router's policy and the router itself admit no source.
    /// </summary>
    private const string Nobody = "255.255.255.255/32";

    /// <summary>The same for IPv6: a multicast address is never a source.</summary>
    private const string NobodyV6 = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128";

    /// <summary>The maximum number of pod ranges for a load balancer, since clouds count each as a rule.</summary>
    private const int MostPodRanges = 8;

    public static V1Service Build(RouterIdentity router, Space? space, ClusterFacts cluster, PlatformOptions options)
    {
        var isPublic = router.Listener == RouterListener.Public;
        var type = isPublic ? options.Router.ServiceType : options.Router.InternalServiceType;
        var annotations = isPublic ? options.Router.ServiceAnnotations : options.Router.InternalServiceAnnotations;
        var metadata = router.Metadata(options);
        metadata.Annotations = annotations.Count > 0
            ? new SortedDictionary<string, string>(annotations.ToDictionary(), StringComparer.Ordinal)
            : null;
        return new()
        {
            ApiVersion = "v1",
            Kind = "Service",
            Metadata = metadata,
            Spec = new()
            {
                Type = type.ToString(),
                // Set although empty, so that another user's additions are removed.
                ExternalIPs = [],
                LoadBalancerIP = "",
                Selector = router.Selector(),
                IpFamilyPolicy = "PreferDualStack",
                // Preserves the client's address, which the policy and the router check.
                ExternalTrafficPolicy = type == RouterServiceType.ClusterIP ? null : "Local",
                LoadBalancerSourceRanges = type == RouterServiceType.LoadBalancer
                    ? SourceRanges(router, space, cluster, options)
                    : null,
                Ports =
                [
                    new()
                    {
                        Name = "http",
                        Protocol = "TCP",
                        Port = RouterPorts.PublicHttp,
                        TargetPort = RouterPorts.Http,
                    },
                    new()
                    {
                        Name = "https",
                        Protocol = "TCP",
                        Port = RouterPorts.PublicHttps,
                        TargetPort = RouterPorts.Https,
                    },
                ],
            },
        };
    }

    /// <summary>
    /// The source ranges of a load balancer; null to allow all. An internal load balancer allows only peer networks.
    /// Nodes check packets from pods to the load balancer's address against the same list, by the pod's address, so the
    /// list includes the pods' ranges. The router's policy and the router itself check those packets.
    /// </summary>
    private static List<string>? SourceRanges(
        RouterIdentity router, Space? space, ClusterFacts cluster, PlatformOptions options)
    {
        var ranges = router.Listener == RouterListener.Public
            ? TrustedRanges.FromSpace(space)
            : new(
                [
                    .. PeerRanges.FromSpace(space!, ForbiddenRanges.FromCluster(cluster, options)).All
                        .Select(range => range.ToString())
                        .Distinct()
                        .Order(StringComparer.Ordinal),
                ]);
        if (ranges.IsEverybody)
        {
            return null;
        }

        var isClosed = router.Listener == RouterListener.Public
            && (ranges.IsNobody || !DynoAccess.IsOpen(cluster, options));
        IEnumerable<string> admitted = isClosed
            ? ranges.Ranges
            : ranges.Ranges.Concat(PodRanges(cluster)).Distinct();
        return [.. EachFamily([.. admitted], HasIPv6(cluster))];
    }

    /// <summary>
    /// The ranges with at least one of each family. Nodes check each family separately, and a family without ranges
    /// would be open to all.
    /// </summary>
    private static IEnumerable<string> EachFamily(IReadOnlyList<string> ranges, bool hasIPv6)
    {
        var (hasV4, hasV6) = (ranges.Any(range => !AddressBlock.IsV6Text(range)), ranges.Any(AddressBlock.IsV6Text));
        return ranges.Concat(hasV4 ? [] : [Nobody]).Concat(hasV6 || !hasIPv6 ? [] : [NobodyV6]);
    }

    private static IEnumerable<string> PodRanges(ClusterFacts cluster)
    {
        var pods = AddressSet.Covering(
            cluster.PodRanges.Concat(cluster.LearntRanges)
                .Select(text => AddressBlock.TryParseObserved(text, out var block) ? block : (AddressBlock?)null)
                .OfType<AddressBlock>());
        return new[] { AddressRules.EveryIPv4, AddressRules.EveryIPv6 }
            .SelectMany(family => pods.Inside(family, MostPodRanges))
            .Select(block => block.ToString());
    }

    /// <summary>Whether Services may get an IPv6 address.</summary>
    private static bool HasIPv6(ClusterFacts cluster) =>
        cluster.ServiceRanges.Concat(cluster.PodRanges).Concat(cluster.LearntRanges)
            .Concat(cluster.DnsServiceAddresses).Any(AddressBlock.IsV6Text);
}
