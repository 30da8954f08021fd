using System.Net;
using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Egress;

/// <summary>Judges an address that a Space asks for.</summary>
internal static class FixedAddress
{
    /// <summary>Why the address cannot be a fixed IP (field, value and remedy); null if it can.</summary>
    public static Problem? ProblemOf(string field, string text, ClusterFacts cluster, PlatformOptions options)
    {
        if (text.Contains('/', StringComparison.Ordinal) || !AddressBlock.TryParse(text, out var address))
        {
            return Refused($"{field} \"{text}\" is not an IP address: write one such as 203.0.113.10 or 2001:db8::10.");
        }

        var canonical = TextOf(address);
        if (canonical != text)
        {
            return Refused($"{field} \"{text}\" is not in canonical form: write {canonical}.");
        }

        if (SpecialRanges.NeverReachable.Any(range => range.Contains(address)))
        {
            return Refused($"{field} {text} is loopback, link-local, multicast or reserved, which no packet on the "
                + "internet comes from: name an address that is routed to the cluster.");
        }

        if (options.Egress.IsPublicOnly && SpecialRanges.Private.Any(range => range.Contains(address)))
        {
            return Refused($"{field} {text} is a private address, and the operator's option egressPublicOnly is set: "
                + "name a public one.");
        }

        if (options.Egress.Pool.Count > 0 && !PoolHolds(options, address))
        {
            return Refused($"{field} {text} is not in the operator's pool {string.Join(", ", options.Egress.Pool)}: "
                + "name an address of it, or give spec.egress.count instead.");
        }

        return BelongsToCluster(address, cluster, options)
            ? Refused($"{field} {text} belongs to the cluster's own pods, Services or nodes: name an address that "
                + "nothing else has.")
            : null;
    }

    /// <summary>
    /// The free addresses of one family in the pool, in order. Evaluated lazily, since a pool may be large.
    /// </summary>
    public static IEnumerable<string> FreeInPool(
        bool isV6, Func<string, bool> isTaken, ClusterFacts cluster, PlatformOptions options)
    {
        foreach (var range in AddressSet.Covering(PoolOf(options).Where(range => range.IsV6 == isV6)).Blocks)
        {
            for (var number = range.First; ; number++)
            {
                var text = TextOf(new(isV6, number, range.Width));
                if (!isTaken(text) && ProblemOf("", text, cluster, options) is null)
                {
                    yield return text;
                }

                if (number == range.Last)
                {
                    break;
                }
            }
        }
    }

    /// <summary>The address families in the pool.</summary>
    public static IReadOnlyList<bool> FamiliesOfPool(PlatformOptions options) =>
        [.. PoolOf(options).Select(range => range.IsV6).Distinct().Order()];

    public static bool PoolHolds(PlatformOptions options, string address) =>
        AddressBlock.TryParse(address, out var block) && PoolHolds(options, block);

    private static bool PoolHolds(PlatformOptions options, AddressBlock address) =>
        PoolOf(options).Any(range => range.Contains(address));

    private static IEnumerable<AddressBlock> PoolOf(PlatformOptions options) =>
        options.Egress.Pool.Where(text => AddressBlock.TryParse(text, out _)).Select(AddressBlock.Parse);

    /// <summary>A node's own address may be a fixed IP only if it is not announced.</summary>
    private static bool BelongsToCluster(AddressBlock address, ClusterFacts cluster, PlatformOptions options) =>
        cluster.NodeAddresses.Any(text => Is(text, address))
            ? options.Egress.Addresses == EgressAddressMode.Announced
            : ForbiddenRanges.FromCluster(cluster, options).OwnOfCluster.FirstCover(address) is not null;

    private static bool Is(string text, AddressBlock address) =>
        AddressBlock.TryParseObserved(text, out var block) && block == address;

    private static Problem Refused(string message) => new(Reasons.AddressRefused, message);

    private static string TextOf(AddressBlock address) => IPAddress.Parse(address.ToString().Split('/')[0]).ToString();
}
