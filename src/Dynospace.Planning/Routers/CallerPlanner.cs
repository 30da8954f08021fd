using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Policies;

namespace Dynospace.Planning.Routers;

/// <summary>What the operator publishes to routers about callers.</summary>
/// <param name="Cluster">
/// What all routers must know; null where no router judges. It is there before a space's ranges are narrowed, since a
/// router that does not know the cluster admits nobody by a range.
/// </param>
/// <param name="Books">By space: what its public router must know besides.</param>
public sealed record CallerPlan(ClusterBook? Cluster, IReadOnlyList<RouterCallers> Books)
{
    /// <summary>Nothing is published.</summary>
    public static CallerPlan Nothing { get; } = new(null, []);
}

/// <summary>The book of one router.</summary>
/// <param name="Space">The router's space.</param>
/// <param name="Book">Its content.</param>
/// <param name="LeftOut">The addresses for which there was no room.</param>
public sealed record RouterCallers(Space Space, CallerBook Book, int LeftOut)
{
    /// <summary>The router.</summary>
    public RouterIdentity Router => new(RouterListener.Public, Space.Metadata.Name);
}

/// <summary>
/// Decides which dynos the router of a space must know: those whose space has outbound IPs that are all in the trusted
/// ranges. Of any other dyno it needs to know no more than that its address is the cluster's.
/// </summary>
public static class CallerPlanner
{
    /// <summary>An object of the API server has about a megabyte, and its metadata needs some of it.</summary>
    private const int LongestBook = 900_000;

    /// <summary>Quotation marks and a comma.</summary>
    private const int Punctuation = 3;

    /// <param name="spaces">All Spaces.</param>
    /// <param name="addressesOf">The addresses of a space's dynos, each held by nobody else.</param>
    /// <param name="cluster">What is known of the cluster.</param>
    /// <param name="renewedAt">The present, for an operator without a Lease.</param>
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

    /// <summary>Who trusts everybody or nobody need not know who calls.</summary>
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

/// <summary>How the router of a space judges callers from the cluster, as far as Spaces alone show.</summary>
/// <param name="IsAdmitted">Whether it serves them.</param>
/// <param name="CountsAs">What they count as, in words.</param>
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

/// <summary>The outbound IPs by which routers judge the dynos of each space.</summary>
internal sealed class OutboundAddresses
{
    private readonly List<(string Space, IReadOnlyList<string> OutboundIPs, AddressBlock[] Blocks)> _spaces;

    private OutboundAddresses(
        List<(string Space, IReadOnlyList<string> OutboundIPs, AddressBlock[] Blocks)> spaces) => _spaces = spaces;

    /// <summary>
    /// Of each Private or Shield space that has any. An address that two Spaces name stands for neither: both count as
    /// the internet.
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

    /// <summary>Those of one space; null where it counts as the internet.</summary>
    public IReadOnlyList<string>? Find(string space) =>
        _spaces.FirstOrDefault(caller => caller.Space == space).OutboundIPs;

    /// <summary>The spaces whose outbound IPs a space trusts, every one of them.</summary>
    public IEnumerable<(string Space, IReadOnlyList<string> OutboundIPs)> TrustedBy(Space space)
    {
        var trusted = AddressSet.Covering(TrustedRanges.FromSpace(space).Ranges.Select(AddressBlock.Parse));
        return _spaces.Where(caller => caller.Blocks.All(block => trusted.FirstCover(block) is not null))
            .Select(caller => (caller.Space, caller.OutboundIPs));
    }

    /// <summary>What was granted; what the spec asks for until something is.</summary>
    private static IReadOnlyList<string> TextsOf(Space space) =>
        space.Status?.OutboundIPs is { Count: > 0 } granted
            ? [.. granted.Order(StringComparer.Ordinal)]
            : [.. (space.Spec.OutboundIPs ?? []).Order(StringComparer.Ordinal)];

    /// <summary>None where one of them cannot be read: then it is not known where the dynos come from.</summary>
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
