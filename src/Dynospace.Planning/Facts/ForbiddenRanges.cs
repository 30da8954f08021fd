using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Facts;

/// <summary>
/// The ranges that dynos must not reach, for rules about the internet and for networks that a Space names. They are
/// equal for all Spaces, so they are computed once for each observation of the cluster.
/// </summary>
public sealed class ForbiddenRanges
{
    private static readonly ConditionalWeakTable<ClusterFacts, ForbiddenRanges> Known = [];

    private readonly ConcurrentDictionary<(AddressBlock Range, int Limit), IReadOnlyList<AddressBlock>>
        _exceptions = [];
    private readonly PlatformOptions _options;

    private ForbiddenRanges(ClusterFacts cluster, PlatformOptions options)
    {
        _options = options;
        AddressBlock[] own =
        [
            .. cluster.OwnRanges.Concat(options.Cluster.Ranges).Select(Parsed).OfType<AddressBlock>(),
        ];
        OwnOfCluster = WithNat64(own);
        AsNamedNetwork = WithNat64([.. own, .. SpecialRanges.NeverReachable]);
        AsInternet = WithNat64([.. own, .. SpecialRanges.NeverReachable, .. SpecialRanges.Private]);
    }

    /// <summary>
    /// The ranges that are not the internet: private networks, the cluster's own ranges, and unroutable ones.
    /// </summary>
    public AddressSet AsInternet { get; }

    /// <summary>
    /// The ranges that cannot be a peer network or data service: the cluster's own and unroutable ones.
    /// </summary>
    public AddressSet AsNamedNetwork { get; }

    /// <summary>The cluster's own ranges: those of nodes, pods, Services and the API server.</summary>
    public AddressSet OwnOfCluster { get; }

    /// <summary>The ranges of a cluster, computed once for the same facts and options.</summary>
    public static ForbiddenRanges FromCluster(ClusterFacts cluster, PlatformOptions options)
    {
        if (Known.TryGetValue(cluster, out var known) && ReferenceEquals(known._options, options))
        {
            return known;
        }

        var made = new ForbiddenRanges(cluster, options);
        Known.AddOrUpdate(cluster, made);
        return made;
    }

    /// <summary>The exceptions of a rule for a range, about as many as the limit.</summary>
    public IReadOnlyList<AddressBlock> ExceptionsOfInternet(AddressBlock range, int limit) =>
        _exceptions.GetOrAdd((range, limit), key => AsInternet.Inside(key.Range, key.Limit));

    /// <summary>Null for text that is not a range. <see cref="ClusterFacts.Unusable"/> names the object.</summary>
    private static AddressBlock? Parsed(string text) =>
        AddressBlock.TryParseObserved(text, out var block) ? block : null;

    /// <summary>Adds the NAT64 forms: behind a NAT64 gateway, every IPv4 address also has an IPv6 one.</summary>
    private static AddressSet WithNat64(AddressBlock[] ranges) =>
        AddressSet.Covering(ranges.Concat(ranges.Where(range => !range.IsV6).Select(range => range.ThroughNat64())));
}
