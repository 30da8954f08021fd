using System.Collections.Immutable;
using System.Text;
using Dynospace.Linux.Filtering;
using static Dynospace.NodeAgent.Egress.EgressRules;

namespace Dynospace.NodeAgent.Egress;

/// <summary>
/// Pure: writes the table of a gateway's fast path. It forwards TCP and UDP packets as soon as they arrive, to the next
/// hop of the default route or through the tunnel to the dyno's node, after the same comparison of number and source
/// that the guard makes. Whatever it does not recognise takes the way of the main table: fragments, packets that begin
/// a TCP connection, ICMP, packets that are too large or at the end of their life, and all destinations with another
/// route.
/// </summary>
internal static class FastPathRules
{
    /// <summary>Counts packets from dynos.</summary>
    public const string Out = "fast_out";

    /// <summary>Counts packets to dynos.</summary>
    public const string In = "fast_in";

    /// <param name="old">The facts of a previous table.</param>
    /// <param name="before">The previous table, whose unaffected parts are reused; null for none.</param>
    /// <returns>Null if the node has no fast path.</returns>
    public static EgressTable? Build(EgressFacts facts, EgressFacts? old = null, EgressTable? before = null)
    {
        if (facts.Exits.IsEmpty)
        {
            return null;
        }

        var peers = EgressKernelPlanner.Peers(facts).Select(peer => peer.Number).ToHashSet();
        var isCluster = before is not null && old!.IsSameCluster(facts);
        var isReturned = isCluster && old!.Returned.SequenceEqual(facts.Returned);
        if (isReturned && old!.HasSameServed(facts))
        {
            return before;
        }

        var sets = isCluster
            ? before!.Sets.ToBuilder()
            : ImmutableSortedDictionary.CreateBuilder<string, ElementSet>(StringComparer.Ordinal);
        foreach (var family in Families)
        {
            var exit = Exit(facts, family);
            var addresses = facts.Returned.Where(address => exit is not null && family.Has(address.Address)).ToList();
            sets["mine" + family.Digit] = Set($"type {family.Type};", addresses
                .Where(address => facts.Served.Contains(address.Number))
                .Select(address => address.Address.ToString()));
            if (isReturned)
            {
                continue;
            }

            sets["pairs" + family.Digit] = Set($"type mark . {family.Type};", addresses
                .Select(address => Pair((uint)address.Number, address.Address)));
            sets["back" + family.Digit] = Map(
                $"typeof {family.Words} daddr . th dport : verdict; flags interval;",
                from address in addresses
                from block in Merged(address.Ports)
                where peers.Contains(block.Node)
                select ($"{address.Address} . {Text(block.First)}-{Text(block.Last)}",
                    $"goto to{Text(block.Node)}_{family.Digit}"));
            sets["others" + family.Digit] = Set(
                $"type {family.Type}; flags interval; auto-merge;",
                (exit?.Others ?? []).Select(range => range.ToString()));
            if (facts.IsNative)
            {
                sets["peers"] = Set("type ether_addr;", facts.PeerMacs.Select(EgressWorker.Text));
                sets["blocks" + family.Digit] = Set(
                    $"typeof {family.Words} saddr . th sport; flags interval;",
                    sets["back" + family.Digit].Elements.Keys);
            }
        }

        return new EgressTable(sets.ToImmutable(), isCluster ? before!.Chains : Chains(facts))
        {
            Family = NftablesFamily.NetDevice,
        };
    }

    private static EgressExit? Exit(EgressFacts facts, Family family) =>
        facts.Exits.FirstOrDefault(exit => family.Has(exit.Router));

    private static string Chains(EgressFacts facts)
    {
        var text = new StringBuilder($" counter {Out} {{ }}\n counter {In} {{ }}\n");
        foreach (var family in Families.Where(family => Exit(facts, family) is not null))
        {
            var exit = Exit(facts, family)!;
            foreach (var peer in EgressKernelPlanner.Peers(facts))
            {
                var direct = facts.Direct.FirstOrDefault(
                    item => item.Node == peer.Number && item.Family == exit.Family);
                var way = direct is null
                    ? $"meta mark set {Hex(Marks.Outer | Marks.Reply)} fwd {family.Words} to "
                        + $"{EgressKernelPlanner.Tunnel(exit.Family, peer.Number)} device \"{TunnelNumbers.Device}\""
                    : $"fwd {family.Words} to {direct.Address} device {Text(direct.Link)}";
                // The mark of a packet that takes the main table's way stays as it is.
                var fits = direct is null
                    ? $"{Protocol(family)} udp meta length > {Text(EgressKernelPlanner.Mtu(facts))} accept"
                    : "";
                text.Append($$"""
                     chain to{{Text(peer.Number)}}_{{family.Digit}} {
                      {{fits}}
                      counter name {{In}} {{way}}
                     }

                    """);
            }

            text.Append($$"""
                 chain out{{family.Digit}} {
                  tcp flags & syn != 0 accept
                  counter name {{Out}} fwd {{family.Words}} to {{exit.Router}} device {{Text(exit.Link)}}
                 }
                 chain in{{family.Digit}} {
                  tcp flags & syn != 0 accept
                  {{family.Words}} daddr . th dport vmap @back{{family.Digit}}
                 }

                """);
        }

        var (fromTunnel, fromUplinks) = (new StringBuilder(), new StringBuilder());
        foreach (var family in Families.Where(family => Exit(facts, family) is not null))
        {
            var (words, digit, sound) = (family.Words, family.Digit, Sound(family));
            fromTunnel.Append($"  {words} saddr @mine{digit} meta mark . {words} saddr @pairs{digit} {sound} "
                + $"{words} daddr != @others{digit} goto out{digit}\n");
            fromUplinks.Append($"  {words} daddr @mine{digit} {sound} goto in{digit}\n");
            if (facts.IsNative)
            {
                fromUplinks.Append($"  {words} saddr @mine{digit} {sound} ether saddr @peers "
                    + $"{words} saddr . th sport @blocks{digit} {words} daddr != @others{digit} goto out{digit}\n");
            }
        }

        AppendHook("tunnel", TunnelNumbers.Device, fromTunnel);
        for (var i = 0; i < facts.Uplinks.Length; i++)
        {
            AppendHook($"uplink{Text(i)}", facts.Uplinks[i], fromUplinks);
        }

        return text.ToString();

        void AppendHook(string chain, string link, StringBuilder rules) => text.Append($$"""
             chain {{chain}} {
              type filter hook ingress device "{{link}}" priority 0; policy accept;
            {{rules}} }

            """);
    }

    private static string Protocol(Family family) => family.Digit == "4" ? "ip protocol" : "ip6 nexthdr";

    /// <summary>
    /// Whole packets of TCP and UDP that may pass one more router. Extension headers of IPv6 are not among them.
    /// </summary>
    private static string Sound(Family family) => family.Digit == "4"
        ? "ip protocol { tcp, udp } ip frag-off & 0x3fff == 0 ip ttl > 1"
        : "ip6 nexthdr { tcp, udp } ip6 hoplimit > 1";
}
