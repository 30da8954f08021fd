using Dynospace.Api;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Routers;

/// <summary>
/// Whether dynos may reach public routers, for nodes that translate the address of a load balancer to that of a
/// router's pod. Policies allow the connection, and the router checks the caller.
/// </summary>
public static class DynoAccess
{
    /// <summary>
    /// False for the cluster's own gateway, which cannot check callers. Also false if PROXY headers are trusted from
    /// addresses that dynos or their nodes may have, since a dyno could then state any client address.
    /// </summary>
    public static bool IsOpen(ClusterFacts cluster, PlatformOptions options) =>
        options.Router.Provider == RouterProvider.Builtin && Overlap(cluster, options) is null;

    /// <summary>The mistake in the options that keeps dynos from public routers; null for none.</summary>
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
