using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Policies;

namespace Dynospace.Planning.Routers;

/// <summary>The operator's information about callers for routers.</summary>
/// <param name="Cluster">
/// The book of all routers; null if no router checks callers. It exists before a space's ranges are narrowed, since
/// without it a router admits no one by a range.
/// </param>
/// <param name="Books">By space, the book of its public router.</param>
public sealed record CallerPlan(ClusterBook? Cluster, IReadOnlyList<RouterCallers> Books)
{
    /// <summary>Nothing is published.</summary>
    public static CallerPlan Nothing { get; } = new(null, []);
}

/// <summary>The book of one router.</summary>
/// <param name="Space">The router's space.</param>
/// <param name="Book">Its content.</param>
/// <param name="LeftOut">The number of addresses for which there was no room.</param>
public sealed record RouterCallers(Space Space, CallerBook Book, int LeftOut)
{
    /// <summary>The router.</summary>
    public RouterIdentity Router => new(RouterListener.Public, Space.Metadata.Name);
}

/// <summary>
/// Decides which dynos are in the book of a space's router: those of spaces with outbound IPs that are all in the
/// trusted ranges. For any other dyno the router needs only the cluster's ranges.
/// </summary>
public static class CallerPlanner
{
    /// <summary>
    /// The maximum size of a book. The API server stores about a megabyte for each object, including metadata.
    /// </summary>
    private const int LongestBook = 900_000;

    /// <summary>Quotation marks and a comma.</summary>
    private const int Punctuation = 3;

    /// <param name="spaces">All Spaces.</param>
    /// <param name="addressesOf">The addresses of a space's dynos, without those that other pods share.</param>
    /// <param name="cluster">The observed cluster.</param>
    /// <param name="renewedAt">The current time, for an operator without a Lease.</param>
    public static CallerPlan Plan(
        IReadOnlyCollection<Space> spaces,
        Func<string, IReadOnlyList<string>> addressesOf,
        ClusterFacts cluster,
        PlatformOptions options,
        DateTimeOffset? renewedAt)
    {
        if (options.Router.Provider != RouterProvider.Builtin
            || spaces.All(space => space.Spec.Runtime == SpaceRuntime.Common))
        {
            return CallerPlan.Nothing;
        }

        var callers = OutboundAddresses.FromSpaces(spaces);
        return new(
            ClusterBookOf(cluster, options),
            [
                .. spaces.Where(space => Judges(space) && DynoAccess.IsOpen(cluster, options))
                    .OrderBy(space => space.Metadata.Name, StringComparer.Ordinal)
                    .Select(space => BookOf(space, callers.TrustedBy(space), addressesOf, renewedAt))
                    .Where(book => book.Book.Spaces.Count > 0),
            ]);
    }

    /// <summary>
    /// Whether the space's router needs to identify callers. It does not if the space trusts all or no sources.
    /// </summary>
    internal static bool Judges(Space space) =>
        space.Spec.Runtime != SpaceRuntime.Common
        && space.Metadata.DeletionTimestamp is null
        && TrustedRanges.FromSpace(space) is { IsEverybody: false, IsNobody: false };

    private static ClusterBook ClusterBookOf(ClusterFacts cluster, PlatformOptions options) =>
        new([
            .. ForbiddenRanges.FromCluster(cluster, options).OwnOfCluster.Blocks.Where(block => !block.IsNat64)
                .Select(block => block.ToString()),
        ]);

    private static RouterCallers BookOf(
        Space router,
        IEnumerable<(string Space, IReadOnlyList<string> OutboundIPs)> callers,
        Func<string, IReadOnlyList<string>> addressesOf,
        DateTimeOffset? renewedAt)
    {
        var (room, leftOut) = (LongestBook, 0);
        var spaces = new List<CallingSpace>();
        foreach (var (space, outbound) in callers)
        {
            var addresses = addressesOf(space);
            var fitting = addresses.TakeWhile(address => (room -= address.Length + Punctuation) > 0).ToList();
            leftOut += addresses.Count - fitting.Count;
            if (fitting.Count > 0)
            {
                spaces.Add(new(outbound, fitting));
            }
        }

        return new(router, new() { Spaces = spaces, RenewedAt = renewedAt }, leftOut);
    }
}

/// <summary>How the router of a space treats callers from the cluster, as far as the Spaces determine it.</summary>
/// <param name="IsAdmitted">Whether the router serves them.</param>
/// <param name="CountsAs">The source that they count as, in words.</param>
public sealed record CallerJudgement(bool IsAdmitted, string CountsAs)
{
    /// <param name="router">The Private or Shield Space of the router.</param>
    /// <param name="caller">The Space of the dynos; null for nodes and all other pods.</param>
    /// <param name="spaces">All Spaces.</param>
    /// <param name="isV6">Whether they come by IPv6.</param>
    public static CallerJudgement Judge(Space router, Space? caller, IReadOnlyCollection<Space> spaces, bool isV6)
    {
        var outbound = OutboundAddresses.FromSpaces(spaces);
        var trusted = AddressSet.Covering(TrustedRanges.FromSpace(router).Ranges.Select(AddressBlock.Parse));
        var isWhole = trusted.FirstCover(isV6 ? AddressRules.EveryIPv6 : AddressRules.EveryIPv4) is not null;
        return caller?.Metadata.Name is { } name && outbound.Find(name) is { } addresses
            ? new(
                isWhole || outbound.TrustedBy(router).Any(trusting => trusting.Space == name),
                $"its outbound IPs {string.Join(", ", addresses)}")
            : new(isWhole, "the internet");
    }
}

/// <summary>The outbound IPs by which routers identify the dynos of each space.</summary>
internal sealed class OutboundAddresses
{
    private readonly List<(string Space, IReadOnlyList<string> OutboundIPs, AddressBlock[] Blocks)> _spaces;

    private OutboundAddresses(
        List<(string Space, IReadOnlyList<string> OutboundIPs, AddressBlock[] Blocks)> spaces) => _spaces = spaces;

    /// <summary>
    /// The outbound IPs of each Private or Shield space that has any. If two Spaces name the same address, both count
    /// as the internet.
    /// </summary>
    public static OutboundAddresses FromSpaces(IEnumerable<Space> spaces)
    {
        var named = spaces.Where(space => space.Spec.Runtime != SpaceRuntime.Common)
            .Select(space => (Space: space.Metadata.Name, OutboundIPs: TextsOf(space)))
            .Select(space => (space.Space, space.OutboundIPs, Blocks: BlocksOf(space.OutboundIPs)))
            .Where(space => space.Blocks.Length > 0)
            .OrderBy(space => space.Space, StringComparer.Ordinal)
            .ToList();
        var disputed = named.SelectMany(space => space.Blocks.Distinct())
            .GroupBy(block => block)
            .Where(holders => holders.Count() > 1)
            .Select(holders => holders.Key)
            .ToHashSet();
        return new([.. named.Where(space => !space.Blocks.Any(disputed.Contains))]);
    }

    /// <summary>The outbound IPs of one space; null if it counts as the internet.</summary>
    public IReadOnlyList<string>? Find(string space) =>
        _spaces.FirstOrDefault(caller => caller.Space == space).OutboundIPs;

    /// <summary>The spaces of which a space trusts all outbound IPs.</summary>
    public IEnumerable<(string Space, IReadOnlyList<string> OutboundIPs)> TrustedBy(Space space)
    {
        var trusted = AddressSet.Covering(TrustedRanges.FromSpace(space).Ranges.Select(AddressBlock.Parse));
        return _spaces.Where(caller => caller.Blocks.All(block => trusted.FirstCover(block) is not null))
            .Select(caller => (caller.Space, caller.OutboundIPs));
    }

    /// <summary>The granted addresses, or those of the spec while none is granted.</summary>
    private static IReadOnlyList<string> TextsOf(Space space) =>
        space.Status?.OutboundIPs is { Count: > 0 } granted
            ? [.. granted.Order(StringComparer.Ordinal)]
            : [.. (space.Spec.OutboundIPs ?? []).Order(StringComparer.Ordinal)];

    /// <summary>
    /// The parsed addresses; empty if one cannot be parsed, since the source of the dynos is then unknown.
    /// </summary>
    private static AddressBlock[] BlocksOf(IReadOnlyList<string> texts)
    {
        var blocks = new AddressBlock[texts.Count];
        for (var i = 0; i < texts.Count; i++)
        {
            if (!AddressBlock.TryParseObserved(texts[i], out blocks[i]) || blocks[i].Prefix != blocks[i].Width)
            {
                return [];
            }
        }

        return blocks;
    }
}
