using Dynospace.Api;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Routers;

/// <summary>
/// Whether dynos reach public routers, where nodes translate the address of a load balancer to that of a router's pod.
/// The policies open the way, the router judges who calls.
/// </summary>
public static class DynoAccess
{
    /// <summary>
    /// Not to a cluster's own gateway, which cannot judge. And not where PROXY headers are believed from addresses that
    /// dynos or their nodes may have: a dyno would then state the client's address itself.
    /// </summary>
    public static bool IsOpen(ClusterFacts cluster, PlatformOptions options) =>
        options.Router.Provider == RouterProvider.Builtin && Overlap(cluster, options) is null;

    /// <summary>What keeps dynos from public routers, and can be mended; null for nothing.</summary>
    public static Problem? ProblemOf(ClusterFacts cluster, PlatformOptions options) =>
        options.Router.Provider == RouterProvider.Builtin && Overlap(cluster, options) is var (proxies, own)
            ? new(
                Reasons.ProxyRangeTooWide,
                $"Option proxyProtocolFrom {proxies} overlaps {own}, which belongs to the cluster: dynos could state "
                + "any client's address there, so they do not reach the public hosts of apps through the routers. "
                + "Name the load balancers' own addresses.")
            : null;

    private static (AddressBlock Proxies, AddressBlock Own)? Overlap(ClusterFacts cluster, PlatformOptions options)
    {
        if (options.Router.ProxyProtocolFrom.Count == 0)
        {
            return null;
        }

        var own = ForbiddenRanges.FromCluster(cluster, options).OwnOfCluster;
        foreach (var proxies in options.Router.ProxyProtocolFrom.Select(AddressBlock.Parse)
            .Order(AddressBlock.Ascending))
        {
            if (own.FirstOverlap(proxies) is { } overlap)
            {
                return (proxies, overlap);
            }
        }

        return null;
    }
}
