using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Dynospace.Reachability.Addresses;

namespace Dynospace.Reachability.Compilation;

/// <summary>
/// An address that an end uses. Where it is not known yet, all those it may get: a block that holds one of them may admit the end,
/// and what may be admitted must not count as denied.
/// </summary>
internal sealed record AddressCandidate(AddressFamily Family, CidrSet Possible)
{
    private static readonly CidrSet AllIPv4 = CidrSet.Of(AddressRange.EveryIPv4);
    private static readonly CidrSet Loopback = CidrSet.Of(AddressRange.Parse("127.0.0.0/8"), AddressRange.Parse("::1/128"));
    private static readonly CidrSet AllIPv6 = CidrSet.Of(AddressRange.EveryIPv6);

    /// <summary>Whether it never leaves the network namespace it is used in.</summary>
    public bool IsLoopback => Loopback.Contains(Possible);

    public static AddressCandidate Known(IPAddress address)
    {
        var range = AddressRange.Of(address);
        return new(range.Family, CidrSet.Of(range));
    }

    /// <summary>The known addresses; without any, one candidate a family of <paramref name="possible"/>; empty is anything.</summary>
    public static ImmutableArray<AddressCandidate> For(ImmutableArray<IPAddress> known, CidrSet possible)
    {
        if (!known.IsEmpty)
        {
            return [.. known.Select(Known)];
        }

        var pool = possible.IsEmpty ? CidrSet.Everything : possible;
        AddressCandidate[] families =
        [
            new(AddressFamily.InterNetwork, pool.Intersect(AllIPv4)),
            new(AddressFamily.InterNetworkV6, pool.Intersect(AllIPv6)),
        ];
        return [.. families.Where(candidate => !candidate.Possible.IsEmpty)];
    }
}
