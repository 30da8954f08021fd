// Facts: observations of the cluster and of spaces that several kinds of plans share.

using System.Net;
using Dynospace.Planning.Addresses;

namespace Dynospace.Planning.Facts;

/// <summary>The observed cluster. Ranges are CIDRs or single addresses of either family.</summary>
public sealed record ClusterFacts
{
    /// <summary>Nothing is known.</summary>
    public static ClusterFacts Unknown { get; } = new();

    /// <summary>The ranges of Services' addresses.</summary>
    public IReadOnlyList<string> ServiceRanges { get; init; } = [];

    /// <summary>The ranges of pods' addresses, from the nodes' specs.</summary>
    public IReadOnlyList<string> PodRanges { get; init; } = [];

    /// <summary>The networks around addresses of pods and Services that lie outside every known range.</summary>
    public IReadOnlyList<string> LearntRanges { get; init; } = [];

    /// <summary>The nodes' addresses, including public ones.</summary>
    public IReadOnlyList<string> NodeAddresses { get; init; } = [];

    /// <summary>The addresses of the cluster DNS Service.</summary>
    public IReadOnlyList<string> DnsServiceAddresses { get; init; } = [];

    /// <summary>The pods of the cluster's DNS as found; empty for those that the options describe.</summary>
    public IReadOnlyList<DnsServer> DnsServers { get; init; } = [];

    /// <summary>Whether the cluster's DNS was looked for and not found.</summary>
    public bool IsDnsMissing { get; init; }

    /// <summary>The addresses at which pods reach the API server, by Service and by endpoint, sorted.</summary>
    public IReadOnlyList<ApiServerAddress> ApiServer { get; init; } = [];

    /// <summary>
    /// Whether no EndpointSlice names the API server's own addresses. In that case a public address of it is not
    /// denied.
    /// </summary>
    public bool IsApiServerUnknown { get; init; }

    /// <summary>Display names of objects without a usable address, for which nothing can be denied.</summary>
    public IReadOnlyList<string> Unusable { get; init; } = [];

    /// <summary>Values of the region label on nodes; null if not observed.</summary>
    public IReadOnlyList<string>? Regions { get; init; }

    /// <summary>
    /// Changes with the kinds of nodes and with the network's agents, since the network may then no longer enforce
    /// policies.
    /// </summary>
    public string NetworkRevision { get; init; } = "";

    /// <summary>Whether this is a dev cluster without a network.</summary>
    public bool IsSimulated { get; init; }

    /// <summary>Whether every node gives each new pod a subnet of its own.</summary>
    public bool HasDynoNetwork { get; init; }

    /// <summary>All ranges of the cluster, private and public.</summary>
    internal IEnumerable<string> OwnRanges =>
    [
        .. ServiceRanges,
        .. PodRanges,
        .. LearntRanges,
        .. NodeAddresses,
        .. DnsServiceAddresses,
        .. ApiServer.Select(way => way.Address),
    ];
}

/// <summary>One endpoint of the API server.</summary>
/// <param name="Address">An address of either family.</param>
/// <param name="Port">The port there, TCP.</param>
public sealed record ApiServerAddress(string Address, int Port);

/// <summary>A set of ranges that can be tested for an address. Text that is not a range is left out.</summary>
public sealed class AddressCover
{
    /// <summary>The prefix of an IPv4 network that is learnt from one address in it.</summary>
    private const int LearntPrefixV4 = 24;

    /// <summary>The prefix of an IPv6 network that is learnt from one address in it, that of one link.</summary>
    private const int LearntPrefixV6 = 64;

    private readonly AddressSet _ranges;

    private AddressCover(AddressSet ranges) => _ranges = ranges;

    /// <summary>The cover of some ranges.</summary>
    public static AddressCover FromRanges(IEnumerable<string> ranges) =>
        new(AddressSet.Covering(
            ranges.Select(text => AddressBlock.TryParseObserved(text, out var block) ? block : (AddressBlock?)null)
                .OfType<AddressBlock>()));

    /// <summary>Whether a text is an address or a range.</summary>
    public static bool IsUsable(string? text) => AddressBlock.TryParseObserved(text, out _);

    /// <summary>Whether one range contains this address or range; true for text that is neither.</summary>
    public bool Holds(string? text) =>
        !AddressBlock.TryParseObserved(text, out var block) || _ranges.FirstCover(block) is not null;

    /// <summary>
    /// Whether one range contains this address. An IPv4-mapped IPv6 address counts as the IPv4 address.
    /// </summary>
    public bool Holds(IPAddress address) => _ranges.FirstCover(AddressBlock.FromAddress(address)) is not null;

    /// <summary>
    /// The network around an address that no range contains; null if one does. Other pods get their addresses from the
    /// same network, so it is denied before they exist.
    /// </summary>
    public string? Learn(string? address) =>
        Holds(address) || !AddressBlock.TryParseObserved(address, out var block)
            ? null
            : block.Within(block.IsV6 ? LearntPrefixV6 : LearntPrefixV4).ToString();

    /// <summary>Whether an address or range lies in a private network.</summary>
    public static bool IsPrivate(string? text) =>
        AddressBlock.TryParseObserved(text, out var block) && SpecialRanges.Private.Any(range => range.Contains(block));
}
