using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Facts;

/// <summary>
/// What dynos of a cluster must not reach, once as internet and once as a network that a Space names. The same for all
/// Spaces, so it is worked out once for one observation of the cluster.
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
    /// What the internet is not: private networks, what is the cluster's, wherever it lies, and what is never
    /// reachable.
    /// </summary>
    public AddressSet AsInternet { get; }

    /// <summary>
    /// What neither peer network nor data service may be: what is the cluster's, and what is never reachable.
    /// </summary>
    public AddressSet AsNamedNetwork { get; }

    /// <summary>What is the cluster's: the ranges and addresses of nodes, pods, Services and the API server.</summary>
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

    /// <summary>The exceptions of a rule for a range, of which it may have about so many.</summary>
    public IReadOnlyList<AddressBlock> ExceptionsOfInternet(AddressBlock range, int limit) =>
        _exceptions.GetOrAdd((range, limit), key => AsInternet.Inside(key.Range, key.Limit));

    /// <summary>
    /// An object of the cluster that states no usable address denies nothing; <see cref="ClusterFacts.Unusable"/> names
    /// it.
    /// </summary>
    private static AddressBlock? Parsed(string text) =>
        AddressBlock.TryParseObserved(text, out var block) ? block : null;

    /// <summary>Where a NAT64 gateway stands, every IPv4 address has a second, IPv6 one.</summary>
    private static AddressSet WithNat64(AddressBlock[] ranges) =>
        AddressSet.Covering(ranges.Concat(ranges.Where(range => !range.IsV6).Select(range => range.ThroughNat64())));
}
