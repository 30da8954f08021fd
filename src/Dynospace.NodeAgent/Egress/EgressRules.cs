using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Dynospace.NodeAgent.Egress;

/// <summary>Writes the table of a node. Pure.</summary>
internal static partial class EgressRules
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

    /// <summary>Leaves the bits that other programs use.</summary>
    private const string OwnWay = "meta mark set meta mark & $OTHERS | $OWNWAY";

    /// <summary>The chains that are the same on all nodes, whatever their part.</summary>
    /// <param name="isShared">Whether there are shared addresses; their rules cost others nothing.</param>
    private static string BaseChains(bool isShared) => $$"""
         chain raw_in {
          type filter hook prerouting priority raw; policy accept;
          udp dport $PORT fib daddr type local notrack accept
          iifname $DEVICE goto from_tunnel
          ip daddr @mine4 goto to_fixed4
          ip6 daddr @mine6 goto to_fixed6
         }
         chain from_tunnel {
          meta mark 0 ip saddr $RANGE ip daddr $OWN udp dport $HEARTBEAT notrack accept
          meta mark $REPLY meta mark set $OWNWAY accept
          ip daddr @fixed4 counter name foreign drop
          ip6 daddr @fixed6 counter name foreign drop
          {{If(isShared, "meta mark . ip saddr @tunnel4 goto from_dynos")}}
          {{If(isShared, "meta mark . ip6 saddr @tunnel6 goto from_dynos")}}
          meta mark . ip saddr @served4 ip daddr $GATE ip daddr set $OWN meta mark set $FORWARDED notrack accept
          meta mark . ip6 saddr @served6 ip6 daddr $GATE6 ip6 daddr set $OWN6 meta mark set $FORWARDED notrack accept
          meta mark . ip saddr @served4 meta mark set $FORWARDED notrack accept
          meta mark . ip6 saddr @served6 meta mark set $FORWARDED notrack accept
          counter name foreign drop
         }
         chain raw_out {
          type filter hook output priority raw; policy accept;
          udp dport $PORT notrack accept
          oifname $DEVICE udp dport $HEARTBEAT notrack accept
          ip daddr . th dport @own4 accept
          ip6 daddr . th dport @own6 accept
          ip daddr @mine4 notrack
          ip6 daddr @mine6 notrack
         }
         chain reroute {
          type route hook output priority mangle; policy accept;
          ip daddr @mine4 goto answers4
          ip6 daddr @mine6 goto answers6
          {{If(isShared, SharedAnswers)}}
         }
         chain gate_here {
          type nat hook prerouting priority -105; policy accept;
          ip daddr $GATE tcp dport $GATEPORT iif . ip saddr @here4 dnat ip to $OWN
          ip6 daddr $GATE6 tcp dport $GATEPORT iif . ip6 saddr @here6 dnat ip6 to $OWN6
         }
         chain pre {
          type filter hook prerouting priority -90; policy accept;
          iifname $DEVICE meta mark $OWNWAY ct state != { established, related } counter name unasked drop
          iifname $DEVICE accept
          {{If(isShared, "ip daddr $RANGE ct direction reply meta mark set $BACK accept")}}
          {{If(isShared, "ip6 daddr $RANGE6 ct direction reply meta mark set $BACK accept")}}
          ip daddr @mine4 ct state { new, invalid } counter name unasked drop
          ip6 daddr @mine6 ct state { new, invalid } counter name unasked drop
          iifname @uplinks ip daddr @local4 {{OwnWay}} accept
          iif . ip saddr vmap @dyno4
          iif . ip6 saddr vmap @dyno6
          iif @links fib daddr type unicast counter name forged drop
         }
         chain towards {
          meta l4proto != { tcp, udp, icmp, 58 } counter name protocol drop
          meta mark set meta mark map @way accept
          counter name noway drop
         }
         chain input {
          type filter hook input priority filter - 10; policy accept;
          udp dport $PORT ip saddr != @nodes4 counter name foreign drop
          udp dport $PORT ip6 saddr != @nodes6 counter name foreign drop
          ip daddr $RANGE iifname != { "lo", $DEVICE } meta mark & $KIND != $HERE counter name foreign drop
          ip6 daddr $RANGE6 iifname != { "lo", $DEVICE } meta mark & $KIND != $HERE counter name foreign drop
         }
         chain forwarding {
          type filter hook forward priority filter - 10; policy accept;
          udp dport $PORT counter name foreign drop
          ip daddr $RANGE {{If(isShared, NotBack)}} counter name foreign drop
          ip6 daddr $RANGE6 {{If(isShared, NotBack)}} counter name foreign drop
          meta mark & $KIND { $TUNNEL, $BACK } oifname != $DEVICE counter name noway drop
          ip daddr $GATE oifname != $DEVICE counter name noway drop
          ip6 daddr $GATE6 oifname != $DEVICE counter name noway drop
          oifname $DEVICE tcp flags syn / syn,rst tcp option maxseg size set rt mtu
         }
         chain strip {
          type filter hook postrouting priority 300; policy accept;
          oifname != $DEVICE return
          ip saddr $OWN tcp sport $GATEPORT ip daddr @mine4 ip saddr set $GATE
          ip6 saddr $OWN6 tcp sport $GATEPORT ip6 daddr @mine6 ip6 saddr set $GATE6
          {{If(isShared, "meta mark & $KIND == $BACK ip saddr $OWN tcp sport $GATEPORT ip saddr set $GATE")}}
          {{If(isShared, "meta mark & $KIND == $BACK ip6 saddr $OWN6 tcp sport $GATEPORT ip6 saddr set $GATE6")}}
          meta mark & $KIND == $TUNNEL meta mark set meta mark & $NUMBER accept
          meta mark & $KIND == $BACK meta mark set $REPLY accept
          meta mark set 0
         }
         chain guard {
          type filter hook postrouting priority 310; policy accept;
          oifname $DEVICE goto guard_tunnel
          iif @links meta mark & $KIND == $HERE goto guard_outside
          {{If(isShared, "iifname $DEVICE meta mark & $KIND == $SHARED goto guard_outside")}}
          ip saddr @fixed4 goto guard_outside
          ip6 saddr @fixed6 goto guard_outside
         }
         chain guard_tunnel {
          meta mark . ip saddr @pairs4 accept
          meta mark . ip6 saddr @pairs6 accept
          meta mark $REPLY ip daddr @mine4 accept
          meta mark $REPLY ip6 daddr @mine6 accept
          {{If(isShared, "meta mark $REPLY ip daddr $RANGE accept")}}
          {{If(isShared, "meta mark $REPLY ip6 daddr $RANGE6 accept")}}
          ip saddr $OWN ip daddr $RANGE meta mark 0 accept
          meta mark 0 icmpv6 type { mld-listener-report, mld2-listener-report, nd-router-solicit } drop
          counter name guard drop
         }
         chain guard_outside {
          iifname $DEVICE meta mark $FORWARDED accept
          meta mark . ip saddr @pairs4 accept
          meta mark . ip6 saddr @pairs6 accept
          counter name guard drop
         }

        """;

    private const string NotBack = "meta mark & $KIND != $BACK";

    /// <summary>Of a gateway of shared addresses itself: the gate's answers, and ICMP errors to dynos.</summary>
    private const string SharedAnswers = """
          ip saddr $OWN tcp sport $GATEPORT ct original ip saddr $RANGE meta mark set $BACK accept
          ip6 saddr $OWN6 tcp sport $GATEPORT ct original ip6 saddr $RANGE6 meta mark set $BACK accept
          oifname $DEVICE icmp type { destination-unreachable, time-exceeded, parameter-problem } meta mark set $BACK
          oifname $DEVICE icmpv6 type { 1, 2, 3, 4 } meta mark set $BACK
        """;

    /// <summary>Through the tunnel to a gateway of shared addresses: conntrack knows the way back.</summary>
    private const string FromDynos = """
         chain from_dynos {
          meta mark set meta mark | $SHARED
          ip daddr $GATE ip daddr set $OWN accept
          ip6 daddr $GATE6 ip6 daddr set $OWN6 accept
          fib daddr type local counter name foreign drop
          accept
         }

        """;

    private static readonly Family[] Families =
    [
        new("4", "ip", "ipv4_addr", "icmp", "icmp",
            "destination-unreachable, time-exceeded, parameter-problem", 136, 224, 1),
        new("6", "ip6", "ipv6_addr", "icmpv6", "58",
            "destination-unreachable, packet-too-big, time-exceeded, parameter-problem", 112, 384, 58),
    ];

    public static EgressTable Build(EgressFacts facts)
    {
        var sets = ImmutableSortedDictionary.CreateBuilder<string, ElementSet>(StringComparer.Ordinal);
        foreach (var family in Families)
        {
            AddSets(sets, facts, family);
        }

        // Without ports a packet would leave with the source that the network gives it.
        var numbers = facts.Addresses.Where(address => HasPorts(address, facts.Own))
            .Select(address => address.Number).ToHashSet();
        sets["way"] = Map("type mark : mark;", facts.Ways
            .Where(way => numbers.Contains(way.Key))
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
        var ofFamily = facts.Addresses.Where(address => family.Has(address.Address)).ToList();
        var addresses = ofFamily.Where(address => !address.IsShared).ToList();
        var shared = ofFamily.Where(address => address.IsShared).ToList();
        var served = addresses.Where(address => facts.Served.Contains(address.Number)).ToList();
        var dynos = facts.Dynos.Where(dyno => family.Has(dyno.Address)).ToList();
        sets["nodes" + digit] = Set($"type {family.Type};", facts.Nodes
            .Where(node => node.Number != facts.Own).SelectMany(node => node.Addresses).Where(family.Has)
            .Select(address => address.ToString()).Distinct());
        sets["fixed" + digit] = Set($"type {family.Type};", addresses
            .Where(address => !facts.OwnAddresses.Contains(address.Address))
            .Select(address => address.Address.ToString()));
        sets["pairs" + digit] = Set($"type mark . {family.Type};", addresses
            .Select(address => Pair((uint)address.Number, address.Address))
            .Concat(served.Select(address => Pair(Marks.Here | (uint)address.Number, address.Address)))
            .Concat(shared.SelectMany(address => SharedPairs(facts, address))));
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
        if (facts.Shared.Any())
        {
            sets["tunnel" + digit] = Set(
                $"type mark . {family.Type};",
                from address in shared
                where facts.Served.Contains(address.Number)
                from node in address.Ports.Select(block => block.Node).Distinct()
                where node != facts.Own
                select Pair((uint)address.Number, TunnelNumbers.Source(address.Address.AddressFamily, node)));
        }

        foreach (var space in facts.Spaces)
        {
            sets[$"exempt{Text(space.Key)}_{digit}"] = Set(
                $"type {family.Type}; flags interval; auto-merge;",
                space.Exempt.Where(range => family.Has(range.BaseAddress)).Select(range => range.ToString()));
        }
    }

    /// <summary>With which source a shared address's packets leave this node, and by which mark.</summary>
    private static IEnumerable<string> SharedPairs(EgressFacts facts, FixedIP address)
    {
        var number = (uint)address.Number;
        return facts.Served.Contains(address.Number)
            ?
            [
                Pair(Marks.Here | number, address.Address),
                Pair(Marks.Shared | number, address.Address),
            ]
            : [Pair(number, TunnelNumbers.Source(address.Address.AddressFamily, facts.Own))];
    }

    private static string If(bool condition, string rules) => condition ? rules : "";

    /// <summary>Puts values in the place of names. Those of nftables would outlive the transaction.</summary>
    private static string Expand(string rules, EgressFacts facts)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DEVICE"] = $"\"{TunnelNumbers.Device}\"",
            ["PORT"] = Text(TunnelNumbers.Port),
            ["HEARTBEAT"] = Text(TunnelNumbers.HeartbeatPort),
            ["OWN"] = TunnelNumbers.Address(facts.Own).ToString(),
            ["RANGE"] = TunnelNumbers.Range.ToString(),
            ["GATE"] = TunnelNumbers.GateAddress.ToString(),
            ["OWN6"] = TunnelNumbers.GateAddress6Of(facts.Own).ToString(),
            ["RANGE6"] = TunnelNumbers.Range6.ToString(),
            ["GATE6"] = TunnelNumbers.GateAddress6.ToString(),
            ["GATEPORT"] = Text(TunnelNumbers.GatePort),
            ["KIND"] = Hex(Marks.KindMask),
            ["NUMBER"] = Hex(Marks.NumberMask),
            ["TUNNEL"] = Hex(Marks.Tunnel),
            ["FORWARDED"] = Hex(Marks.Forwarded),
            ["HERE"] = Hex(Marks.Here),
            ["OWNWAY"] = Hex(Marks.OwnWay),
            ["OTHERS"] = Hex(~Marks.KindMask),
            ["BACK"] = Hex(Marks.Back),
            ["SHARED"] = Hex(Marks.Shared),
            ["REPLY"] = Hex(Marks.Reply),
        };
        return Name().Replace(rules, match => values[match.Groups[1].Value]);
    }

    [GeneratedRegex(@"\$([A-Z]+6?)")]
    private static partial Regex Name();

    private static string Chains(EgressFacts facts)
    {
        var text = new StringBuilder();
        foreach (var counter in Counters)
        {
            text.Append(" counter ").Append(counter).Append(" { }\n");
        }

        foreach (var family in Families)
        {
            text.Append(ToFixed(family)).Append(Answers(family));
        }

        foreach (var space in facts.Spaces.OrderBy(space => space.Key))
        {
            AppendSpace(text, space, facts);
        }

        var isShared = facts.Shared.Any();
        text.Append(BaseChains(isShared)).Append(If(isShared, FromDynos)).Append(Translation(facts));
        return Expand(text.ToString(), facts);
    }

    /// <summary>
    /// From the outside to a fixed IP: the port says which node it is for. Of an ICMP error it is the port, or the
    /// identifier, of the packet that it is about.
    /// </summary>
    private static string ToFixed(Family family)
    {
        var (digit, words, icmp) = (family.Digit, family.Words, family.Icmp);
        var (daddr, inner) = ($"{words} daddr", $"{icmp} type {{ {family.Errors} }} @th,{family.InnerProtocol},8");
        var (port, id) = ($"@th,{family.InnerPort},16", $"@th,{family.InnerPort + 32},16");
        return $$"""
             chain to_fixed{{digit}} {
              iifname != @uplinks counter name unasked drop
              meta l4proto { tcp, udp } {{daddr}} . th dport @own{{digit}} accept
              meta l4proto { tcp, udp } meta mark set {{daddr}} . th dport map @back{{digit}} notrack accept
              {{icmp}} type echo-reply {{daddr}} . {{icmp}} id @ownid{{digit}} accept
              {{icmp}} type echo-reply meta mark set {{daddr}} . {{icmp}} id map @backid{{digit}} notrack accept
              {{inner}} { 6, 17 } {{daddr}} . {{port}} @ownid{{digit}} accept
              {{inner}} { 6, 17 } meta mark set {{daddr}} . {{port}} map @backid{{digit}} notrack accept
              {{inner}} {{family.IcmpNumber}} {{daddr}} . {{id}} @ownid{{digit}} accept
              {{inner}} {{family.IcmpNumber}} meta mark set {{daddr}} . {{id}} map @backid{{digit}} notrack accept
              counter name unasked drop
             }

            """;
    }

    /// <summary>From this node to a fixed IP: the gate's answers, and ICMP errors about forwarded packets.</summary>
    private static string Answers(Family family)
    {
        var (digit, words, icmp) = (family.Digit, family.Words, family.Icmp);
        var (daddr, inner) = ($"{words} daddr", $"{icmp} type {{ {family.Errors} }} @th,{family.InnerProtocol},8");
        var (port, id) = ($"@th,{family.InnerPort},16", $"@th,{family.InnerPort + 32},16");
        return $$"""
             chain answers{{digit}} {
              meta l4proto { tcp, udp } meta mark set {{daddr}} . th dport map @back{{digit}} accept
              {{icmp}} type echo-reply meta mark set {{daddr}} . {{icmp}} id map @backid{{digit}} accept
              {{inner}} { 6, 17 } meta mark set {{daddr}} . {{port}} map @backid{{digit}} accept
              {{inner}} {{family.IcmpNumber}} meta mark set {{daddr}} . {{id}} map @backid{{digit}} accept
             }

            """;
    }

    /// <summary>The dynos of a space: what keeps the cluster's own way, and the number of the fixed IP.</summary>
    private static void AppendSpace(StringBuilder text, FixedIPSpace space, EgressFacts facts)
    {
        foreach (var family in Families)
        {
            text.Append($$"""
                 chain nowhere{{Text(space.Key)}}_{{family.Digit}} {
                  ct direction reply {{OwnWay}} accept
                  {{family.Words}} daddr @exempt{{Text(space.Key)}}_{{family.Digit}} accept
                  fib daddr type { local, broadcast, multicast } accept
                  counter name noway drop
                 }

                """);
        }

        foreach (var address in space.Addresses.OrderBy(address => address.Number))
        {
            var family = Families.First(family => family.Has(address.Address));
            var number = Text(address.Number);
            var gate = Hex(Marks.Here | (uint)address.Number);
            text.Append($$"""
                 chain n{{number}} {
                  ct direction reply {{OwnWay}} accept
                  {{family.Words}} daddr @exempt{{Text(space.Key)}}_{{family.Digit}} accept
                  {{family.Words}} daddr {{family.Own}} tcp dport $GATEPORT ct status dnat meta mark set {{gate}} accept
                  fib daddr type { local, broadcast, multicast } accept
                  meta mark set {{number}} goto towards
                 }

                """);
            AppendTranslation(text, address, family, facts);
        }
    }

    /// <summary>Several blocks are drawn from at random by their size, so that they fill alike.</summary>
    private static void AppendTranslation(StringBuilder text, FixedIP address, Family family, EgressFacts facts)
    {
        var (blocks, source) = Sources(address, facts);
        var number = Text(address.Number);
        var target = family.Target(source);
        for (var i = 0; i < blocks.Count; i++)
        {
            var name = blocks.Count == 1 ? $"e{number}" : $"e{number}_{Text(i)}";
            var ports = Ports(blocks[i].First, blocks[i].Last);
            text.Append($$"""
                 chain {{name}} {
                  meta l4proto { tcp, udp, {{family.IcmpProtocol}} } snat {{family.Words}} to {{target}}:{{ports}}
                 }

                """);
        }

        if (blocks.Count > 1)
        {
            var starts = blocks.Select((_, i) => blocks.Take(i).Sum(Size)).ToList();
            var choices = string.Join(", ", blocks.Select((block, i) =>
                $"{Text(starts[i])}-{Text(starts[i] + Size(block) - 1)} : goto e{number}_{Text(i)}"));
            text.Append($$"""
                 chain e{{number}} {
                  numgen random mod {{Text(blocks.Sum(Size))}} vmap { {{choices}} }
                 }

                """);
        }
    }

    /// <summary>The source and the ports that this node gives to dynos of an address.</summary>
    public static (IReadOnlyList<PortBlock> Ports, IPAddress Source) Sources(FixedIP address, EgressFacts facts)
    {
        var blocks = Merged(address.Ports.Where(block => block.Node == facts.Own && !block.IsRetiring));
        if (!address.IsShared || facts.Served.Contains(address.Number))
        {
            return (blocks.ToList(), address.Address);
        }

        var shift = facts.PortShift(address);
        return (
            blocks.Select(block => block with { First = block.First + shift, Last = block.Last + shift }).ToList(),
            TunnelNumbers.Source(address.Address.AddressFamily, facts.Own));
    }

    private static bool HasPorts(FixedIP address, int node) =>
        address.Ports.Any(block => block.Node == node && !block.IsRetiring);

    private static int Size(PortBlock block) => block.Last - block.First + 1;

    /// <summary>Before every network's masquerade: the first translation counts.</summary>
    private static string Translation(EgressFacts facts)
    {
        var targets = string.Join(", ", facts.Addresses
            .Where(address => HasPorts(address, facts.Own))
            .OrderBy(address => address.Number)
            .Select(address => $"{Text(address.Number)} : goto e{Text(address.Number)}"));
        var translate = targets.Length == 0 ? "" : $"meta mark & $NUMBER vmap {{ {targets} }}";
        var shared = facts.Shared.Where(address => facts.Served.Contains(address.Number))
            .OrderBy(address => address.Number).ToList();
        var text = new StringBuilder();
        foreach (var address in shared)
        {
            var family = Families.First(family => family.Has(address.Address));
            var target = $"{family.Target(address.Address)}:{Ports(SharedPorts.First, SharedPorts.Last)}";
            text.Append($$"""
                 chain s{{Text(address.Number)}} {
                  meta l4proto { tcp, udp, {{family.IcmpProtocol}} } snat {{family.Words}} to {{target}}
                 }

                """);
        }

        var choices = string.Join(", ", shared.Select(address =>
            $"{Hex(Marks.Shared | (uint)address.Number)} : goto s{Text(address.Number)}"));
        var translateShared = If(shared.Count > 0, $"meta mark vmap {{ {choices} }}");
        return text.Append($$"""
             chain translate {
              type nat hook postrouting priority srcnat - 10; policy accept;
              {{translateShared}}
              meta mark & $KIND { $TUNNEL, $HERE } {{translate}}
             }
             chain translate_here {
              type nat hook input priority 90; policy accept;
              {{translateShared}}
              meta mark & $KIND == $HERE {{translate}}
             }

            """).ToString();
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

    private static string Ports(int first, int last) => $"{Text(first)}-{Text(last)}";

    private static string Hex(uint value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>What differs between the families in nftables' language.</summary>
    private sealed record Family(
        string Digit, string Words, string Type, string Icmp, string IcmpProtocol,
        string Errors, int InnerProtocol, int InnerPort, int IcmpNumber)
    {
        /// <summary>The name of the address where the gate of this node listens.</summary>
        public string Own => Digit == "4" ? "$OWN" : "$OWN6";

        /// <summary>An address, as ports follow it.</summary>
        public string Target(IPAddress address) => Digit == "4" ? address.ToString() : $"[{address}]";

        public bool Has(IPAddress address) =>
            (address.AddressFamily == AddressFamily.InterNetwork) == (Digit == "4");
    }
}
