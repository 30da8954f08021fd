using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Egress;

/// <summary>
/// The destinations that bypass the gateways: the cluster's own ranges and the networks that the Space names.
/// </summary>
public static class ExemptRanges
{
    /// <summary>The ranges, sorted, none inside another.</summary>
    public static IReadOnlyList<string> FromSpace(Space space, ClusterFacts cluster, PlatformOptions options)
    {
        ArgumentNullException.ThrowIfNull(space);
        var forbidden = ForbiddenRanges.FromCluster(cluster, options);
        var services = (space.Spec.DataServices ?? []).SelectMany(service => service.Cidrs ?? [])
            .Where(cidr => NamedRanges.TryAccept("", cidr, forbidden, [], out _))
            .Select(AddressBlock.Parse);
        var blocks = forbidden.OwnOfCluster.Blocks.Where(block => !block.IsNat64)
            .Concat(PeerRanges.FromSpace(space, forbidden).All)
            .Concat(services);
        return [.. AddressSet.Covering(blocks).Blocks.Select(block => block.ToString())];
    }
}
