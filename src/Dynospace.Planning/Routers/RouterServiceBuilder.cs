using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Options;
using Dynospace.Planning.Policies;
using k8s.Models;

namespace Dynospace.Planning.Routers;

/// <summary>Makes the Service by which a router is reached.</summary>
internal static class RouterServiceBuilder
{
    /// <summary>
    /// Stands for nobody, since an empty list of source ranges means everybody: no packet has this source. Giving up
    /// the load balancer instead would give up its address too, and leave the apps' DNS names pointing at an address
    /// that a stranger may get next. A load balancer that ignores source ranges lets nobody in either: the router's
    /// policy and the router itself admit nobody.
    /// </summary>
    private const string Nobody = "255.255.255.255/32";

    public static V1Service Build(
        RouterIdentity router, Space? space, ForbiddenRanges forbidden, PlatformOptions options)
    {
        var isPublic = router.Listener == RouterListener.Public;
        var type = isPublic ? options.Router.ServiceType : options.Router.InternalServiceType;
        var annotations = isPublic ? options.Router.ServiceAnnotations : options.Router.InternalServiceAnnotations;
        return new()
        {
            ApiVersion = "v1",
            Kind = "Service",
            Metadata = new()
            {
                Name = router.Name,
                NamespaceProperty = options.Cluster.SystemNamespace,
                Labels = router.ObjectLabels(),
                Annotations = annotations.Count > 0
                    ? new SortedDictionary<string, string>(annotations.ToDictionary(), StringComparer.Ordinal)
                    : null,
            },
            Spec = new()
            {
                Type = type.ToString(),
                Selector = router.Selector(),
                IpFamilyPolicy = "PreferDualStack",
                // Keeps the client's address, by which the policy and the router judge.
                ExternalTrafficPolicy = type == RouterServiceType.ClusterIP ? null : "Local",
                LoadBalancerSourceRanges = type == RouterServiceType.LoadBalancer
                    ? SourceRanges(router, space, forbidden)
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

    /// <summary>Everybody needs no list. Nothing but peer networks comes to an internal load balancer.</summary>
    private static List<string>? SourceRanges(RouterIdentity router, Space? space, ForbiddenRanges forbidden)
    {
        var ranges = router.Listener == RouterListener.Public
            ? TrustedRanges.Of(space)
            : new(
                [
                    .. PeerRanges.Of(space!, forbidden).All.Select(range => range.ToString())
                        .Distinct()
                        .Order(StringComparer.Ordinal),
                ]);
        return ranges switch
        {
            { IsEverybody: true } => null,
            { IsNobody: true } => [Nobody],
            _ => [.. ranges.Ranges],
        };
    }
}
