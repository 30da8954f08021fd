using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;

namespace Dynospace.NodeAgent.Egress;

/// <summary>A set or map whose elements change often.</summary>
/// <param name="Definition">Its type and flags, in nftables' language.</param>
/// <param name="Elements">Elements, and what a map has for them; null in a set.</param>
internal sealed record ElementSet(string Definition, ImmutableSortedDictionary<string, string?> Elements)
{
    public bool IsMap => Definition.Contains(" : ", StringComparison.Ordinal);
}

/// <summary>The table of the egress gateway as sets, which change one by one, and the rest, which changes whole.</summary>
/// <param name="Sets">By name.</param>
/// <param name="Chains">Chains and counters, in nftables' language.</param>
internal sealed record EgressTable(ImmutableSortedDictionary<string, ElementSet> Sets, string Chains)
{
    /// <summary>The name without the family.</summary>
    public const string Name = "dynospace_egress";

    public const string Table = "inet " + Name;

    /// <summary>Removes the table, and is no error where there is none.</summary>
    public const string Removal = $"table {Table}\ndelete table {Table}\n";

    /// <summary>The whole table in the place of what stands, as one transaction.</summary>
    public string Replacement
    {
        get
        {
            var text = new StringBuilder(Removal).Append("table ").Append(Table).Append(" {\n");
            foreach (var (name, set) in Sets)
            {
                text.Append(set.IsMap ? " map " : " set ").Append(name).Append(" { ").Append(set.Definition);
                if (!set.Elements.IsEmpty)
                {
                    text.Append(" elements = { ");
                    AppendElements(text, set.Elements, withValues: true);
                    text.Append(" };");
                }

                text.Append(" }\n");
            }

            return text.Append(Chains).Append("}\n").ToString();
        }
    }

    /// <summary>What makes this table of another, as one transaction; empty if they are equal.</summary>
    public string ChangesFrom(EgressTable? before)
    {
        if (before is null
            || before.Chains != Chains
            || !before.Sets.Select(set => (set.Key, set.Value.Definition))
                .SequenceEqual(Sets.Select(set => (set.Key, set.Value.Definition))))
        {
            return Replacement;
        }

        var text = new StringBuilder();
        foreach (var (name, set) in Sets)
        {
            var old = before.Sets[name].Elements;
            if (ReferenceEquals(old, set.Elements))
            {
                continue;
            }

            // A map takes no second value for a key, so the former goes first.
            Append(text, "delete", name, old.Where(item => !IsIn(set.Elements, item)), withValues: false);
            Append(text, "add", name, set.Elements.Where(item => !IsIn(old, item)), withValues: true);
        }

        return text.ToString();
    }

    private static bool IsIn(
        ImmutableSortedDictionary<string, string?> elements, KeyValuePair<string, string?> item) =>
        elements.TryGetValue(item.Key, out var value) && value == item.Value;

    private static void Append(
        StringBuilder text, string verb, string set, IEnumerable<KeyValuePair<string, string?>> elements,
        bool withValues)
    {
        var all = elements.ToList();
        if (all.Count > 0)
        {
            text.Append(verb).Append(" element ").Append(Table).Append(' ').Append(set).Append(" { ");
            AppendElements(text, all, withValues);
            text.Append(" }\n");
        }
    }

    private static void AppendElements(
        StringBuilder text, IEnumerable<KeyValuePair<string, string?>> elements, bool withValues)
    {
        var isFirst = true;
        foreach (var (key, value) in elements)
        {
            text.Append(isFirst ? "" : ", ").Append(key);
            if (withValues && value is not null)
            {
                text.Append(" : ").Append(value);
            }

            isFirst = false;
        }
    }
}

/// <summary>Writes the table of a node. Pure.</summary>
internal static class EgressTableBuilder
{
    /// <summary>Counts packets whose source is not the one that their number says: there must be none.</summary>
    public const string Guard = "guard";

    /// <summary>Counts packets of dynos whose fixed IP no gateway has.</summary>
    public const string NoWay = "noway";

    /// <summary>Counts packets of the tunnel that no node may send.</summary>
    public const string Foreign = "foreign";

    /// <summary>Counts packets to a fixed IP that answer nothing.</summary>
    public const string Unasked = "unasked";

    /// <summary>Counts packets of protocols without ports.</summary>
    public const string Protocol = "protocol";

    /// <summary>Counts packets of dynos with another source than theirs.</summary>
    public const string Forged = "forged";

    public static IReadOnlyList<string> Counters { get; } = [Guard, NoWay, Foreign, Unasked, Protocol, Forged];

    private const string Device = TunnelNumbers.Device;

    /// <summary>Leaves the bits that other programs use.</summary>
    private static string OwnWay { get; } = $"meta mark set meta mark & {Hex(~Marks.KindMask)} | {Hex(Marks.OwnWay)}";

    private static readonly Family[] Families =
    [
        new("4", "ip", "ipv4_addr", "icmp", "icmp",
            "destination-unreachable, time-exceeded, parameter-problem", 136, 224, 1),
        new("6", "ip6", "ipv6_addr", "icmpv6", "ipv6-icmp",
            "destination-unreachable, packet-too-big, time-exceeded, parameter-problem", 112, 384, 58),
    ];

    public static EgressTable Build(EgressFacts facts)
    {
        var sets = ImmutableSortedDictionary.CreateBuilder<string, ElementSet>(StringComparer.Ordinal);
        foreach (var family in Families)
        {
            AddSets(sets, facts, family);
        }

        sets["way"] = Map("type mark : mark;", facts.Ways
            .Where(way => facts.Addresses.Any(address => address.Number == way.Key))
            .Select(way => (Hex((uint)way.Key), Hex(way.Value == facts.Own
                ? Marks.Here | (uint)way.Key
                : Marks.Towards(way.Value, way.Key)))));
        sets["links"] = Set("type iface_index;", facts.Dynos.Select(dyno => Text(dyno.Link)).Distinct());
        sets["uplinks"] = Set("type ifname;", facts.Uplinks.Select(link => $"\"{link}\""));
        return new EgressTable(sets.ToImmutable(), Chains(facts));
    }

    private static void AddSets(
        ImmutableSortedDictionary<string, ElementSet>.Builder sets, EgressFacts facts, Family family)
    {
        var digit = family.Digit;
        var addresses = facts.Addresses.Where(address => family.Has(address.Address)).ToList();
        var served = addresses.Where(address => facts.Served.Contains(address.Number)).ToList();
        var dynos = facts.Dynos.Where(dyno => family.Has(dyno.Address)).ToList();
        sets["nodes" + digit] = Set($"type {family.Type};", facts.Nodes
            .Where(node => node.Number != facts.Own).SelectMany(node => node.Addresses).Where(family.Has)
            .Select(address => address.ToString()).Distinct());
        sets["fixed" + digit] = Set($"type {family.Type};", addresses.Select(address => address.Address.ToString()));
        sets["pairs" + digit] = Set($"type mark . {family.Type};", addresses
            .Select(address => Pair((uint)address.Number, address.Address))
            .Concat(served.Select(address => Pair(Marks.Here | (uint)address.Number, address.Address))));
        sets["served" + digit] = Set(
            $"type mark . {family.Type};", served.Select(address => Pair((uint)address.Number, address.Address)));
        sets["mine" + digit] = Set($"type {family.Type};", served.Select(address => address.Address.ToString()));
        sets["dyno" + digit] = Map($"type iface_index . {family.Type} : verdict;", dynos
            .Select(dyno => (Dyno(dyno), dyno.Number is { } number
                ? $"goto n{Text(number)}" : $"goto nowhere{Text(dyno.Space)}_{digit}")));
        sets["local" + digit] = Set($"type {family.Type};", dynos.Select(dyno => dyno.Address.ToString()));
        sets["here" + digit] = Set($"type iface_index . {family.Type};", dynos
            .Where(dyno => dyno.Number is { } number && facts.Ways.GetValueOrDefault(number) == facts.Own)
            .Select(Dyno));

        var blocks = served.SelectMany(address => Merged(address.Ports)
            .Select(block => (block.Node, Key: $"{address.Address} . {Text(block.First)}-{Text(block.Last)}")))
            .ToList();
        var others = blocks.Where(block => block.Node != facts.Own)
            .Select(block => (block.Key, Hex(Marks.BackTo(block.Node)))).ToList();
        var own = blocks.Where(block => block.Node == facts.Own).Select(block => block.Key).ToList();
        var ports = $"typeof {family.Words} daddr . th dport";
        var ids = $"typeof {family.Words} daddr . {family.Icmp} id";
        sets["back" + digit] = Map($"{ports} : meta mark; flags interval;", others);
        sets["backid" + digit] = Map($"{ids} : meta mark; flags interval;", others);
        sets["own" + digit] = Set($"{ports}; flags interval;", own);
        sets["ownid" + digit] = Set($"{ids}; flags interval;", own);
        foreach (var space in facts.Spaces)
        {
            sets[$"exempt{Text(space.Key)}_{digit}"] = Set(
                $"type {family.Type}; flags interval; auto-merge;",
                space.Exempt.Where(range => family.Has(range.BaseAddress)).Select(range => range.ToString()).Distinct());
        }
    }

    private static string Chains(EgressFacts facts)
    {
        var text = new StringBuilder();
        foreach (var counter in Counters)
        {
            text.Append(" counter ").Append(counter).Append(" { }\n");
        }

        var own = TunnelNumbers.Address(facts.Own);
        var ownWay = OwnWay;
        foreach (var family in Families)
        {
            text.Append(ToFixed(family)).Append(Answers(family));
        }

        AppendSpaces(text, facts, own);
        var snat = string.Join(", ", facts.Addresses
            .Where(address => address.Ports.Any(block => block.Node == facts.Own))
            .OrderBy(address => address.Number)
            .Select(address => $"{Text(address.Number)} : goto e{Text(address.Number)}"));
        var translate = snat.Length == 0 ? "" : $"meta mark & {Hex(Marks.NumberMask)} vmap {{ {snat} }}";
        return text.Append(CultureInfo.InvariantCulture, $$"""
             chain raw_in {
              type filter hook prerouting priority raw; policy accept;
              udp dport {{TunnelNumbers.Port}} fib daddr type local notrack accept
              iifname "{{Device}}" goto from_tunnel
              ip daddr @mine4 goto to_fixed4
              ip6 daddr @mine6 goto to_fixed6
             }
             chain from_tunnel {
              meta mark 0 ip saddr {{TunnelNumbers.Range}} ip daddr {{own}} udp dport {{TunnelNumbers.HeartbeatPort}} notrack accept
              meta mark {{Hex(Marks.Reply)}} meta mark set {{Hex(Marks.OwnWay)}} accept
              ip daddr @fixed4 counter name {{Foreign}} drop
              ip6 daddr @fixed6 counter name {{Foreign}} drop
              meta mark . ip saddr @served4 ip daddr {{TunnelNumbers.GateAddress}} ip daddr set {{own}} meta mark set {{Hex(Marks.Forwarded)}} notrack accept
              meta mark . ip saddr @served4 meta mark set {{Hex(Marks.Forwarded)}} notrack accept
              meta mark . ip6 saddr @served6 meta mark set {{Hex(Marks.Forwarded)}} notrack accept
              counter name {{Foreign}} drop
             }
             chain raw_out {
              type filter hook output priority raw; policy accept;
              udp dport {{TunnelNumbers.Port}} notrack accept
              oifname "{{Device}}" udp dport {{TunnelNumbers.HeartbeatPort}} notrack accept
              ip daddr . th dport @own4 accept
              ip6 daddr . th dport @own6 accept
              ip daddr @mine4 notrack
              ip6 daddr @mine6 notrack
             }
             chain reroute {
              type route hook output priority mangle; policy accept;
              ip daddr @mine4 goto answers4
              ip6 daddr @mine6 goto answers6
             }
             chain gate_here {
              type nat hook prerouting priority -105; policy accept;
              ip daddr {{TunnelNumbers.GateAddress}} tcp dport {{TunnelNumbers.GatePort}} iif . ip saddr @here4 dnat ip to {{own}}
             }
             chain pre {
              type filter hook prerouting priority -90; policy accept;
              iifname "{{Device}}" meta mark {{Hex(Marks.OwnWay)}} ct state != { established, related } counter name {{Unasked}} drop
              iifname "{{Device}}" accept
              ip daddr @mine4 ct state { new, invalid } counter name {{Unasked}} drop
              ip6 daddr @mine6 ct state { new, invalid } counter name {{Unasked}} drop
              iifname @uplinks ip daddr @local4 {{ownWay}} accept
              iif . ip saddr vmap @dyno4
              iif . ip6 saddr vmap @dyno6
              iif @links fib daddr type unicast counter name {{Forged}} drop
             }
             chain towards {
              meta l4proto != { tcp, udp, icmp, ipv6-icmp } counter name {{Protocol}} drop
              meta mark set meta mark map @way accept
              counter name {{NoWay}} drop
             }
             chain input {
              type filter hook input priority filter - 10; policy accept;
              udp dport {{TunnelNumbers.Port}} ip saddr != @nodes4 counter name {{Foreign}} drop
              udp dport {{TunnelNumbers.Port}} ip6 saddr != @nodes6 counter name {{Foreign}} drop
              ip daddr {{TunnelNumbers.Range}} iifname != { "lo", "{{Device}}" } meta mark & {{Hex(Marks.KindMask)}} != {{Hex(Marks.Here)}} counter name {{Foreign}} drop
             }
             chain forwarding {
              type filter hook forward priority filter - 10; policy accept;
              udp dport {{TunnelNumbers.Port}} counter name {{Foreign}} drop
              ip daddr {{TunnelNumbers.Range}} counter name {{Foreign}} drop
              meta mark & {{Hex(Marks.KindMask)}} { {{Hex(Marks.Tunnel)}}, {{Hex(Marks.Back)}} } oifname != "{{Device}}" counter name {{NoWay}} drop
              ip daddr {{TunnelNumbers.GateAddress}} oifname != "{{Device}}" counter name {{NoWay}} drop
              oifname "{{Device}}" tcp flags syn / syn,rst tcp option maxseg size set rt mtu
             }
             chain translate {
              type nat hook postrouting priority srcnat - 10; policy accept;
              meta mark & {{Hex(Marks.KindMask)}} { {{Hex(Marks.Tunnel)}}, {{Hex(Marks.Here)}} } {{translate}}
             }
             chain translate_here {
              type nat hook input priority 90; policy accept;
              meta mark & {{Hex(Marks.KindMask)}} == {{Hex(Marks.Here)}} {{translate}}
             }
             chain strip {
              type filter hook postrouting priority 300; policy accept;
              oifname != "{{Device}}" return
              ip saddr {{own}} tcp sport {{TunnelNumbers.GatePort}} ip daddr @mine4 ip saddr set {{TunnelNumbers.GateAddress}}
              meta mark & {{Hex(Marks.KindMask)}} == {{Hex(Marks.Tunnel)}} meta mark set meta mark & {{Hex(Marks.NumberMask)}} accept
              meta mark & {{Hex(Marks.KindMask)}} == {{Hex(Marks.Back)}} meta mark set {{Hex(Marks.Reply)}} accept
              meta mark set 0
             }
             chain guard {
              type filter hook postrouting priority 310; policy accept;
              oifname "{{Device}}" goto guard_tunnel
              ip saddr @fixed4 goto guard_outside
              ip6 saddr @fixed6 goto guard_outside
             }
             chain guard_tunnel {
              meta mark . ip saddr @pairs4 accept
              meta mark . ip6 saddr @pairs6 accept
              meta mark {{Hex(Marks.Reply)}} ip daddr @mine4 accept
              meta mark {{Hex(Marks.Reply)}} ip6 daddr @mine6 accept
              ip saddr {{own}} ip daddr {{TunnelNumbers.Range}} meta mark 0 accept
              meta mark 0 icmpv6 type { mld-listener-report, mld2-listener-report, nd-router-solicit, nd-neighbor-solicit } drop
              counter name {{Guard}} drop
             }
             chain guard_outside {
              iifname "{{Device}}" meta mark {{Hex(Marks.Forwarded)}} accept
              meta mark . ip saddr @pairs4 accept
              meta mark . ip6 saddr @pairs6 accept
              counter name {{Guard}} drop
             }

            """).ToString();
    }

    /// <summary>From the outside to a fixed IP: the port says which node it is for.</summary>
    private static string ToFixed(Family family)
    {
        var (digit, words, icmp) = (family.Digit, family.Words, family.Icmp);
        var inner = $"{icmp} type {{ {family.Errors} }} @th,{family.InnerProtocol},8";
        var innerId = family.InnerPort + 32;
        return $$"""
             chain to_fixed{{digit}} {
              iifname != @uplinks counter name {{Unasked}} drop
              meta l4proto { tcp, udp } {{words}} daddr . th dport @own{{digit}} accept
              meta l4proto { tcp, udp } meta mark set {{words}} daddr . th dport map @back{{digit}} notrack accept
              {{icmp}} type echo-reply {{words}} daddr . {{icmp}} id @ownid{{digit}} accept
              {{icmp}} type echo-reply meta mark set {{words}} daddr . {{icmp}} id map @backid{{digit}} notrack accept
              {{inner}} { 6, 17 } {{words}} daddr . @th,{{family.InnerPort}},16 @ownid{{digit}} accept
              {{inner}} { 6, 17 } meta mark set {{words}} daddr . @th,{{family.InnerPort}},16 map @backid{{digit}} notrack accept
              {{inner}} {{family.IcmpNumber}} {{words}} daddr . @th,{{innerId}},16 @ownid{{digit}} accept
              {{inner}} {{family.IcmpNumber}} meta mark set {{words}} daddr . @th,{{innerId}},16 map @backid{{digit}} notrack accept
              counter name {{Unasked}} drop
             }

            """;
    }

    /// <summary>From this node itself to a fixed IP: the gate's answers, and ICMP errors about forwarded packets.</summary>
    private static string Answers(Family family)
    {
        var (digit, words, icmp) = (family.Digit, family.Words, family.Icmp);
        var inner = $"{icmp} type {{ {family.Errors} }} @th,{family.InnerProtocol},8";
        return $$"""
             chain answers{{digit}} {
              meta l4proto { tcp, udp } meta mark set {{words}} daddr . th dport map @back{{digit}} accept
              {{icmp}} type echo-reply meta mark set {{words}} daddr . {{icmp}} id map @backid{{digit}} accept
              {{inner}} { 6, 17 } meta mark set {{words}} daddr . @th,{{family.InnerPort}},16 map @backid{{digit}} accept
              {{inner}} {{family.IcmpNumber}} meta mark set {{words}} daddr . @th,{{family.InnerPort + 32}},16 map @backid{{digit}} accept
             }

            """;
    }

    private static void AppendSpaces(StringBuilder text, EgressFacts facts, IPAddress own)
    {
        var reply = $"ct direction reply {OwnWay} accept";
        foreach (var space in facts.Spaces.OrderBy(space => space.Key))
        {
            foreach (var family in Families)
            {
                text.Append(CultureInfo.InvariantCulture, $$"""
                     chain nowhere{{space.Key}}_{{family.Digit}} {
                      {{reply}}
                      {{family.Words}} daddr @exempt{{space.Key}}_{{family.Digit}} accept
                      fib daddr type { local, broadcast, multicast } accept
                      counter name {{NoWay}} drop
                     }

                    """);
            }

            foreach (var address in space.Addresses.OrderBy(address => address.Number))
            {
                var family = Families.First(family => family.Has(address.Address));
                var gate = family.Digit == "4"
                    ? $"ip daddr {own} tcp dport {TunnelNumbers.GatePort} ct status dnat meta mark set "
                        + $"{Hex(Marks.Here | (uint)address.Number)} accept"
                    : "";
                text.Append(CultureInfo.InvariantCulture, $$"""
                     chain n{{address.Number}} {
                      {{reply}}
                      {{family.Words}} daddr @exempt{{space.Key}}_{{family.Digit}} accept
                      {{gate}}
                      fib daddr type { local, broadcast, multicast } accept
                      meta mark set {{address.Number}} goto towards
                     }

                    """);
                AppendTranslation(text, address, family, facts.Own);
            }
        }
    }

    /// <summary>The ports of several blocks are drawn from at random, so that they fill alike.</summary>
    private static void AppendTranslation(StringBuilder text, FixedAddress address, Family family, int own)
    {
        var blocks = Merged(address.Ports.Where(block => block.Node == own)).ToList();
        var target = family.Digit == "4" ? address.Address.ToString() : $"[{address.Address}]";
        for (var i = 0; i < blocks.Count; i++)
        {
            var name = blocks.Count == 1 ? $"e{Text(address.Number)}" : $"e{Text(address.Number)}_{Text(i)}";
            text.Append(CultureInfo.InvariantCulture, $$"""
                 chain {{name}} {
                  meta l4proto { tcp, udp, {{family.IcmpProtocol}} } snat {{family.Words}} to {{target}}:{{blocks[i].First}}-{{blocks[i].Last}}
                 }

                """);
        }

        if (blocks.Count > 1)
        {
            var choices = string.Join(
                ", ", blocks.Select((_, i) => $"{Text(i)} : goto e{Text(address.Number)}_{Text(i)}"));
            text.Append(CultureInfo.InvariantCulture, $$"""
                 chain e{{address.Number}} {
                  numgen random mod {{blocks.Count}} vmap { {{choices}} }
                 }

                """);
        }
    }

    /// <summary>Neighbouring blocks of a node as one.</summary>
    private static IEnumerable<PortBlock> Merged(IEnumerable<PortBlock> blocks)
    {
        PortBlock? last = null;
        foreach (var block in blocks.OrderBy(block => block.Node).ThenBy(block => block.First))
        {
            if (last is not null && last.Node == block.Node && block.First <= last.Last + 1)
            {
                last = last with { Last = Math.Max(last.Last, block.Last) };
                continue;
            }

            if (last is not null)
            {
                yield return last;
            }

            last = block;
        }

        if (last is not null)
        {
            yield return last;
        }
    }

    private static ElementSet Set(string definition, IEnumerable<string> elements) => new(
        definition,
        elements.Distinct(StringComparer.Ordinal)
            .ToImmutableSortedDictionary(element => element, _ => (string?)null, StringComparer.Ordinal));

    private static ElementSet Map(string definition, IEnumerable<(string Key, string Value)> elements) => new(
        definition,
        elements.DistinctBy(element => element.Key)
            .ToImmutableSortedDictionary(
                element => element.Key, element => (string?)element.Value, StringComparer.Ordinal));

    private static string Dyno(EgressDyno dyno) => $"{Text(dyno.Link)} . {dyno.Address}";

    private static string Pair(uint mark, IPAddress address) => $"{Hex(mark)} . {address}";

    private static string Hex(uint value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>What differs between the families in nftables' language.</summary>
    private sealed record Family(
        string Digit, string Words, string Type, string Icmp, string IcmpProtocol,
        string Errors, int InnerProtocol, int InnerPort, int IcmpNumber)
    {
        public bool Has(IPAddress address) =>
            (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork) == (Digit == "4");
    }
}
