namespace Dynospace.Planning.Egress;

/// <summary>
/// Orders the gateways of each fixed IP. First places are spread evenly over the gateways that take any, and so are the
/// second places of what each of them has, for its death. What is in order stays: a new gateway takes no more than its
/// share, and one that goes gives to the others no more than it had. Cordoned gateways stand last.
/// </summary>
internal static class GatewayOrder
{
    /// <summary>The most gateways that an address names.</summary>
    private const int Longest = 64;

    /// <param name="addresses">The addresses, in an order that does not change.</param>
    /// <param name="gateways">By name of the gateways that may have the address: whether it is cordoned.</param>
    /// <param name="before">The order of an address so far; empty for none.</param>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Decide(
        IReadOnlyList<string> addresses,
        Func<string, IReadOnlyDictionary<string, bool>> gateways,
        Func<string, IReadOnlyList<string>> before)
    {
        // Many addresses have the same gateways, and there may be hundreds of both.
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
                // The first of those before that is not first now: it was second, or it moved up and down again.
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

    /// <summary>Orders gateways differently for each address, and always the same way for one.</summary>
    private static string Rank(string address, string gateway) =>
        new StableHash().Add(address).Add(gateway).ToHex();

    /// <summary>One gateway for each address that may have any, no gateway with two more than another.</summary>
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

        // One at a time from the heaviest to the lightest that may take it, until no move makes the load more even.
        while (Move() is var (address, to))
        {
            load[placed[address]]--;
            placed[address] = to;
            load[to]++;
        }

        return placed;

        // Ranks are hashes, so only those that are alike are ranked.
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
