// Facts: what plans of several kinds know of the cluster and of the space around them.

using System.Net;
using Dynospace.Planning.Addresses;

namespace Dynospace.Planning.Facts;

/// <summary>What was observed of the cluster. Ranges are CIDRs or single addresses of either family.</summary>
public sealed record ClusterFacts
{
    /// <summary>Nothing is known.</summary>
    public static ClusterFacts Unknown { get; } = new();

    /// <summary>The ranges of Services' addresses.</summary>
    public IReadOnlyList<string> ServiceRanges { get; init; } = [];

    /// <summary>The ranges of pods' addresses that nodes state.</summary>
    public IReadOnlyList<string> PodRanges { get; init; } = [];

    /// <summary>The networks around addresses of pods and Services that lie outside every known range.</summary>
    public IReadOnlyList<string> LearntRanges { get; init; } = [];

    /// <summary>The nodes' addresses, including public ones.</summary>
    public IReadOnlyList<string> NodeAddresses { get; init; } = [];

    /// <summary>The addresses of the cluster DNS Service.</summary>
    public IReadOnlyList<string> DnsServiceAddresses { get; init; } = [];

    /// <summary>The pods of the cluster's DNS as they were found; empty for those that the options describe.</summary>
    public IReadOnlyList<DnsServer> DnsServers { get; init; } = [];

    /// <summary>Whether the cluster's DNS was looked for and not found.</summary>
    public bool IsDnsMissing { get; init; }

    /// <summary>The API server, as pods reach it: by Service and by endpoint, in order.</summary>
    public IReadOnlyList<ApiServerAddress> ApiServer { get; init; } = [];

    /// <summary>
    /// Whether no EndpointSlice names the API server's own addresses: where it is reached by a public one, that is not
    /// denied.
    /// </summary>
    public bool IsApiServerUnknown { get; init; }

    /// <summary>Objects that state no usable address, as people read them: nothing could be denied for them.</summary>
    public IReadOnlyList<string> Unusable { get; init; } = [];

    /// <summary>Values of the region label that at least one node carries; null when nobody looked.</summary>
    public IReadOnlyList<string>? Regions { get; init; }

    /// <summary>
    /// Changes when the kinds of nodes or the agents of the network on them do: what enforced before may not any more.
    /// </summary>
    public string NetworkRevision { get; init; } = "";

    /// <summary>Whether this is a dev cluster, which has no packets.</summary>
    public bool IsSimulated { get; init; }

    /// <summary>Whether every node gives each new pod a subnet of its own.</summary>
    public bool HasDynoNetwork { get; init; }

    /// <summary>Everything that is the cluster's, wherever it lies.</summary>
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

/// <summary>One way to the API server.</summary>
/// <param name="Address">An address of either family.</param>
/// <param name="Port">The port there, TCP.</param>
public sealed record ApiServerAddress(string Address, int Port);

/// <summary>
/// Some ranges, of which it is asked whether they hold an address. What cannot be read as a range is left out.
/// </summary>
public sealed class AddressCover
{
    /// <summary>An IPv4 network that is learnt from one address in it.</summary>
    private const int LearntPrefixV4 = 24;

    /// <summary>An IPv6 network that is learnt from one address in it: what one link has.</summary>
    private const int LearntPrefixV6 = 64;

    private readonly AddressSet _ranges;

    private AddressCover(AddressSet ranges) => _ranges = ranges;

    /// <summary>The cover of some ranges.</summary>
    public static AddressCover FromRanges(IEnumerable<string> ranges) =>
        new(AddressSet.Covering(
            ranges.Select(text => AddressBlock.TryParseObserved(text, out var block) ? block : (AddressBlock?)null)
                .OfType<AddressBlock>()));

    /// <summary>Whether a text can be read as an address or a range.</summary>
    public static bool IsUsable(string? text) => AddressBlock.TryParseObserved(text, out _);

    /// <summary>Whether one range holds all of this address or range; true for what is neither.</summary>
    public bool Holds(string? text) =>
        !AddressBlock.TryParseObserved(text, out var block) || _ranges.FirstCover(block) is not null;

    /// <summary>Whether one range holds this address; an IPv4 address in an IPv6 socket is the IPv4 address.</summary>
    public bool Holds(IPAddress address) => _ranges.FirstCover(AddressBlock.FromAddress(address)) is not null;

    /// <summary>
    /// The network around an address that no range holds; null where one does. Neighbours of a pod get their addresses
    /// from the same network, so it is denied before they exist.
    /// </summary>
    public string? Learn(string? address) =>
        Holds(address) || !AddressBlock.TryParseObserved(address, out var block)
            ? null
            : block.Within(block.IsV6 ? LearntPrefixV6 : LearntPrefixV4).ToString();

    /// <summary>Whether an address or range lies in a private network.</summary>
    public static bool IsPrivate(string? text) =>
        AddressBlock.TryParseObserved(text, out var block) && SpecialRanges.Private.Any(range => range.Contains(block));
}
