using System.Collections.Frozen;
using System.Net;
using Dynospace.Planning.Facts;

namespace Dynospace.Router.Routing;

/// <summary>
/// Which addresses belong to dynos or other parts of the cluster rather than to clients. Such an address is in no
/// trusted range, even if the range contains it: a dyno counts as its space's outbound IPs, everything else as the
/// internet.
/// </summary>
public sealed class Callers
{
    private readonly AddressCover? _cluster;
    private readonly FrozenDictionary<IPAddress, IReadOnlyList<IPAddress>> _dynos;

    private Callers(AddressCover? cluster, FrozenDictionary<IPAddress, IReadOnlyList<IPAddress>> dynos) =>
        (_cluster, _dynos) = (cluster, dynos);

    /// <summary>For a listener that does not tell callers of the cluster apart: every address is a client's.</summary>
    public static Callers NotJudged { get; } = FromBooks([], []);

    /// <summary>Nothing is known about the cluster: any address may be a dyno's.</summary>
    public static Callers Unknown { get; } =
        new(null, FrozenDictionary<IPAddress, IReadOnlyList<IPAddress>>.Empty);

    /// <param name="cluster">Ranges of the cluster.</param>
    /// <param name="dynos">Addresses of dynos, each with the outbound IPs of its space.</param>
    public static Callers FromBooks(
        IEnumerable<string> cluster, IEnumerable<KeyValuePair<IPAddress, IReadOnlyList<IPAddress>>> dynos) =>
        new(AddressCover.FromRanges(cluster), dynos.ToFrozenDictionary());

    /// <summary>Whether an address may send requests if these ranges are trusted.</summary>
    public bool Admits(IPAddress address, AddressRanges trusted)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(trusted);
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return trusted.HoldAllOfFamily(plain)
            || (_dynos.TryGetValue(plain, out var outbound)
                ? outbound.Count > 0 && outbound.All(trusted.Contains)
                : trusted.Contains(plain) && _cluster?.Holds(plain) == false);
    }
}
