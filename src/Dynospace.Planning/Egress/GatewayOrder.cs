namespace Dynospace.Planning.Egress;

/// <summary>
/// Orders the gateways of each fixed IP. First places are spread evenly over the gateways, and so are the second places
/// of each gateway's addresses, which take over if it fails. Places stay where possible: a new gateway takes only its
/// share, and when a gateway leaves, only its own addresses move. Cordoned gateways come last.
/// </summary>
internal static class GatewayOrder
{
    /// <summary>The maximum number of gateways for an address.</summary>
    private const int Longest = 64;

    /// <param name="addresses">The addresses, in a stable order.</param>
    /// <param name="gateways">By name of a gateway that may have the address, whether it is cordoned.</param>
    /// <param name="before">The previous order of an address; empty for none.</param>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Decide(
        IReadOnlyList<string> addresses,
        Func<string, IReadOnlyDictionary<string, bool>> gateways,
        Func<string, IReadOnlyList<string>> before)
    {
        // Computed once for equal sets of gateways: there may be hundreds of addresses and gateways.
        var choices = addresses.Distinct(StringComparer.Ordinal)
            .ToDictionary(address => address, gateways, StringComparer.Ordinal);
        var open = choices.Values.Distinct<IReadOnlyDictionary<string, bool>>(ReferenceEqualityComparer.Instance)
            .ToDictionary<IReadOnlyDictionary<string, bool>, object, IReadOnlyList<string>>(
                choice => choice, Open, ReferenceEqualityComparer.Instance);
        var firsts = Spread(addresses, address => open[choices[address]], address => before(address).Take(1));
        var seconds = addresses.Where(firsts.ContainsKey)
            .GroupBy(address => firsts[address], StringComparer.Ordinal)
            .SelectMany(group => Spread(
                [.. group],
                Others(group.Key),
                // Prefers the first gateway of the previous order other than the one that is first now.
                address => before(address).Where(gateway => gateway != group.Key).Take(1)))
            .ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        return addresses.ToDictionary(
            address => address,
            address => Whole(address, choices[address], firsts, seconds),
            StringComparer.Ordinal);

        Func<string, IReadOnlyList<string>> Others(string first)
        {
            var others = new Dictionary<object, IReadOnlyList<string>>(ReferenceEqualityComparer.Instance);
            return address => others.TryGetValue(choices[address], out var known)
                ? known
                : others[choices[address]] = [.. open[choices[address]].Where(gateway => gateway != first)];
        }
    }

    private static IReadOnlyList<string> Open(IReadOnlyDictionary<string, bool> gateways) =>
        [.. gateways.Where(gateway => !gateway.Value).Select(gateway => gateway.Key).Order(StringComparer.Ordinal)];

    private static IReadOnlyList<string> Whole(
        string address,
        IReadOnlyDictionary<string, bool> gateways,
        Dictionary<string, string> firsts,
        Dictionary<string, string> seconds)
    {
        IEnumerable<string> head = new[]
        {
            firsts.GetValueOrDefault(address),
            seconds.GetValueOrDefault(address),
        }.OfType<string>();
        return
        [
            .. head.Concat(gateways.OrderBy(gateway => gateway.Value)
                .ThenBy(gateway => Rank(address, gateway.Key), StringComparer.Ordinal)
                .Select(gateway => gateway.Key)).Distinct(StringComparer.Ordinal).Take(Longest),
        ];
    }

    /// <summary>A rank of gateways that differs between addresses and is stable for each address.</summary>
    private static string Rank(string address, string gateway) =>
        new StableHash().Add(address).Add(gateway).ToHex();

    /// <summary>
    /// One gateway for each address that may have any. No gateway has two addresses more than another.
    /// </summary>
    private static Dictionary<string, string> Spread(
        IReadOnlyList<string> addresses,
        Func<string, IReadOnlyList<string>> choices,
        Func<string, IEnumerable<string>> before)
    {
        var placed = new Dictionary<string, string>(StringComparer.Ordinal);
        var ranks = new Dictionary<(string, string), string>();
        var load = addresses.SelectMany(choices).Distinct(StringComparer.Ordinal)
            .ToDictionary(gateway => gateway, _ => 0, StringComparer.Ordinal);
        foreach (var address in addresses)
        {
            if (before(address).FirstOrDefault() is { } last && choices(address).Contains(last))
            {
                placed[address] = last;
                load[last]++;
            }
        }

        foreach (var address in addresses.Where(address => !placed.ContainsKey(address)))
        {
            if (Lightest(address) is { } gateway)
            {
                placed[address] = gateway;
                load[gateway]++;
            }
        }

        // Moves one address at a time from the most to the least loaded gateway that may take it, until no move makes
        // the load more even.
        while (Move() is var (address, to))
        {
            load[placed[address]]--;
            placed[address] = to;
            load[to]++;
        }

        return placed;

        // Ranks are hashes, so they are computed only for gateways of equal load.
        string? Lightest(string address)
        {
            var gateways = choices(address);
            var least = gateways.Count == 0 ? 0 : LeastLoad(address);
            return gateways.Where(gateway => load[gateway] == least)
                .OrderBy(gateway => RankOf(address, gateway), StringComparer.Ordinal)
                .FirstOrDefault();
        }

        int LeastLoad(string address) => choices(address).Min(gateway => load[gateway]);

        string RankOf(string address, string gateway) => ranks.TryGetValue((address, gateway), out var known)
            ? known
            : ranks[(address, gateway)] = Rank(address, gateway);

        (string Address, string To)? Move() => placed
            .OrderByDescending(pair => load[pair.Value])
            .ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Where(pair => load[pair.Value] - LeastLoad(pair.Key) > 1)
            .Select(pair => ((string, string)?)(pair.Key, Lightest(pair.Key)!))
            .FirstOrDefault();
    }
}
