using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Dynospace.NodeAgent.Egress;

/// <summary>Pure: writes the table of a node.</summary>
internal static partial class EgressRules
{
    /// <summary>Counts packets whose source does not match their number, which must not occur.</summary>
    public const string Guard = "guard";

    /// <summary>Counts packets of dynos whose fixed IP has no gateway.</summary>
    public const string NoWay = "noway";

    /// <summary>Counts tunnel packets that a node must not send.</summary>
    public const string Foreign = "foreign";

    /// <summary>Counts packets to a fixed IP that are not replies.</summary>
    public const string Unasked = "unasked";

    /// <summary>Counts packets of protocols without ports.</summary>
    public const string Protocol = "protocol";

    /// <summary>Counts packets of dynos with a source that is not theirs.</summary>
    public const string Forged = "forged";

    public static IReadOnlyList<string> Counters { get; } = [Guard, NoWay, Foreign, Unasked, Protocol, Forged];

    /// <summary>Keeps the bits that other programs use.</summary>
    private const string OwnWay = "meta mark set meta mark & $OTHERS | $OWNWAY";

    /// <summary>The chains that are equal on all nodes.</summary>
    /// <param name="isShared">Whether there are shared addresses; otherwise their rules are omitted.</param>
    /// <param name="forwards">Whether the node forwards for others, or may; otherwise these rules are omitted.</param>
    /// <param name="isNative">Whether packets without the tunnel are sent and accepted.</param>
    private static string BaseChains(bool isShared, bool forwards, bool isNative) => $$"""
         chain raw_in {
          type filter hook prerouting priority raw; policy accept;
          iifgroup $GROUP goto from_tunnel
          $TONODE udp dport $PORT notrack accept
          {{If(forwards && isNative, "ip saddr @mine4 goto from_node4")}}
          {{If(forwards && isNative, "ip6 saddr @mine6 goto from_node6")}}
          {{If(forwards, "ip daddr @mine4 goto to_fixed4")}}
          {{If(forwards, "ip6 daddr @mine6 goto to_fixed6")}}
         }
         chain from_tunnel {
          meta mark $REPLY meta mark set $OWNWAY accept
          meta mark 0 ip saddr $RANGE ip daddr $OWN udp dport $HEARTBEAT notrack accept
          {{HeartbeatUnheard}}
          ip daddr @fixed4 counter name foreign drop
          ip6 daddr @fixed6 counter name foreign drop
          {{If(isShared, "meta mark . ip saddr @tunnel4 goto from_dynos")}}
          {{If(isShared, "meta mark . ip6 saddr @tunnel6 goto from_dynos")}}
          ip saddr @mine4 meta mark . ip saddr @pairs4 goto forwarded
          ip6 saddr @mine6 meta mark . ip6 saddr @pairs6 goto forwarded
          counter name foreign drop
         }
         chain forwarded {
          meta mark set $FORWARDED notrack
          ip daddr $GATE ip daddr set $OWN
          ip6 daddr $GATE6 ip6 daddr set $OWN6
         }
         chain raw_out {
          type filter hook output priority raw; policy accept;
          udp dport $PORT notrack accept
          oifgroup $GROUP udp dport $HEARTBEAT notrack accept
          {{If(forwards && isNative, "icmp type redirect drop")}}
          {{If(forwards && isNative, "icmpv6 type nd-redirect drop")}}
          {{If(forwards, "ip daddr . th dport @own4 accept")}}
          {{If(forwards, "ip6 daddr . th dport @own6 accept")}}
          {{If(forwards, "ip daddr @mine4 notrack")}}
          {{If(forwards, "ip6 daddr @mine6 notrack")}}
         }
         {{If(forwards, Reroute(isShared))}}
         chain gate_here {
          type nat hook prerouting priority -105; policy accept;
          ip daddr $GATE tcp dport $GATEPORT iif . ip saddr @here4 dnat ip to $OWN
          ip6 daddr $GATE6 tcp dport $GATEPORT iif . ip6 saddr @here6 dnat ip6 to $OWN6
         }
         chain pre {
          type filter hook prerouting priority -90; policy accept;
          iifgroup $GROUP goto pre_tunnel
          {{If(!isNative, OuterArrived)}}
          {{If(isShared, "ip daddr $RANGE ct direction reply meta mark set $BACK accept")}}
          {{If(isShared, "ip6 daddr $RANGE6 ct direction reply meta mark set $BACK accept")}}
          iif . ip saddr vmap @dyno4
          iif . ip6 saddr vmap @dyno6
          {{If(isNative, OuterArrived)}}
          {{If(forwards, "ip daddr @mine4 goto pre_fixed")}}
          {{If(forwards, "ip6 daddr @mine6 goto pre_fixed")}}
          ip daddr @local4 iifname @uplinks {{OwnWay}} accept
          iif @links fib daddr type unicast counter name forged drop
         }
         chain pre_tunnel {
          meta mark $OWNWAY ct state & (established | related) == 0 counter name unasked drop
         }
         chain pre_fixed {
          ct state & (new | invalid) != 0 counter name unasked drop
         }
         chain towards {
          meta l4proto != { tcp, udp, icmp, 58 } counter name protocol drop
          udp dport $PORT counter name foreign drop
          ip daddr $RANGE counter name foreign drop
          ip6 daddr $RANGE6 counter name foreign drop
          goto through
         }
         chain through {
          {{If(isNative, "meta l4proto { tcp, udp } meta mark set meta mark map @direct accept")}}
          meta mark set meta mark map @way accept
          counter name noway drop
         }
         chain input {
          type filter hook input priority filter - 10; policy accept;
          udp dport $PORT goto input_tunnel
          ip daddr $RANGE iifname != { "lo", $DEVICE } goto input_gate
          ip6 daddr $RANGE6 iifname != { "lo", $DEVICE } goto input_gate
         }
         chain input_gate {
          meta mark & $KIND != {{AtGate(isNative)}} counter name foreign drop
         }
         chain input_tunnel {
          iif @links counter name foreign drop
          ip saddr @nodes4 accept
          ip6 saddr @nodes6 accept
          counter name foreign drop
         }
         chain forwarding {
          type filter hook forward priority filter - 10; policy accept;
          meta mark & $KIND vmap {{Kinds(ForwardedKinds, isNative, "$DIRECT : goto forward_direct")}}
          oifgroup $GROUP goto forward_tunnel
          iifgroup $GROUP accept
          udp dport $PORT counter name foreign drop
          ip daddr $RANGE counter name foreign drop
          ip6 daddr $RANGE6 counter name foreign drop
          ip daddr $GATE counter name noway drop
          ip6 daddr $GATE6 counter name noway drop
          {{If(isNative, "iifname @uplinks ip daddr . th dport @home4 counter name unasked drop")}}
          {{If(isNative, "iifname @uplinks ip6 daddr . th dport @home6 counter name unasked drop")}}
         }
         chain to_dyno {
          oif @links accept
         }
         chain forward_out {
          oifgroup $GROUP goto forward_dynos
          counter name noway drop
         }
         chain forward_back {
          {{If(isNative, "oif @directs accept")}}
          oifgroup $GROUP goto forward_tunnel
          counter name noway drop
         }
         chain forward_tunnel {
          udp dport $PORT counter name foreign drop
          ip daddr $RANGE {{If(isShared, NotBack)}} counter name foreign drop
          ip6 daddr $RANGE6 {{If(isShared, NotBack)}} counter name foreign drop
          goto forward_dynos
         }
         chain forward_dynos {
          tcp flags syn / syn,rst tcp option maxseg size set rt mtu
         }
         chain guard {
          type filter hook postrouting priority 310; policy accept;
          oifgroup $GROUP goto guard_tunnel
          meta mark & $KIND vmap {{Kinds(GuardedKinds, isNative, GuardedNative)}}
          {{If(!isNative, "iifgroup $GROUP")}} meta mark $FORWARDED accept
          meta mark & $KIND == $HERE iif @links goto guard_outside
          {{If(isShared, "iifgroup $GROUP meta mark & $KIND == $SHARED goto guard_outside")}}
          ip saddr @fixed4 goto guard_outside
          ip6 saddr @fixed6 goto guard_outside
         }
         chain guard_tunnel {
          meta mark & $KIND == $TUNNEL goto guard_number
          meta mark & $KIND == $BACK goto guard_reply
          meta mark set 0
          ip saddr $OWN ip daddr $RANGE accept
          icmpv6 type { mld-listener-report, mld2-listener-report, nd-router-solicit } drop
          counter name guard drop
         }
         chain guard_number {
          meta mark set meta mark & $NUMBER
          meta mark . ip saddr @pairs4 meta mark set meta mark | $OUTER accept
          meta mark . ip6 saddr @pairs6 meta mark set meta mark | $OUTER accept
          counter name guard drop
         }
         chain guard_reply {
          meta mark set $OUTERREPLY
          ip saddr $OWN tcp sport $GATEPORT ip saddr set $GATE
          ip6 saddr $OWN6 tcp sport $GATEPORT ip6 saddr set $GATE6
          ip daddr @mine4 accept
          ip6 daddr @mine6 accept
          {{If(isShared, "ip daddr $RANGE accept")}}
          {{If(isShared, "ip6 daddr $RANGE6 accept")}}
          counter name guard drop
         }
         chain guard_outside {
          ip saddr @mine4 meta mark . ip saddr @pairs4 accept
          ip6 saddr @mine6 meta mark . ip6 saddr @pairs6 accept
          {{If(isShared, "meta mark . ip saddr @outside4 accept")}}
          {{If(isShared, "meta mark . ip6 saddr @outside6 accept")}}
          counter name guard drop
         }

        """;

    /// <summary>Routes answers of a gateway itself back to the dyno's node.</summary>
    private static string Reroute(bool isShared) => $$"""
         chain reroute {
          type route hook output priority mangle; policy accept;
          meta mark & $KIND == $OUTER accept
          ip daddr @mine4 goto answers4
          ip6 daddr @mine6 goto answers6
          {{If(isShared, SharedAnswers)}}
         }
        """;

    /// <summary>Over a link that nodes share: the guard of the sender, and what a gateway accepts.</summary>
    private static string DirectChains(bool forwards) => $$"""
         chain forward_direct {
          oif @directs accept
          counter name noway drop
         }
         chain guard_direct {
          meta mark set meta mark & $NUMBER
          meta mark . ip saddr @pairs4 accept
          meta mark . ip6 saddr @pairs6 accept
          counter name guard drop
         }
         chain guard_back {
          ip saddr $OWN tcp sport $GATEPORT ip saddr set $GATE
          ip6 saddr $OWN6 tcp sport $GATEPORT ip6 saddr set $GATE6
          ip daddr @mine4 accept
          ip6 daddr @mine6 accept
          counter name guard drop
         }
        {{If(forwards, string.Concat(Families.Select(FromNode)))}}
        """;

    /// <summary>The port identifies the node, as on the way back.</summary>
    private static string FromNode(Family family) => $$"""
         chain from_node{{family.Digit}} {
          iifname != @uplinks counter name forged drop
          ether saddr != @peers counter name forged drop
          {{family.Words}} daddr @fixed{{family.Digit}} counter name foreign drop
          meta l4proto != { tcp, udp } counter name forged drop
          meta mark set {{family.Words}} saddr . th sport map @back{{family.Digit}} goto forwarded
          counter name forged drop
         }

        """;

    private const string ForwardedKinds =
        "$TUNNEL : goto forward_out, $BACK : goto forward_back, $OWNWAY : jump to_dyno";

    private const string GuardedKinds = "$OUTER : accept, $OWNWAY : jump to_dyno";
    private const string GuardedNative = "$DIRECT : goto guard_direct, $BACK : goto guard_back";

    private static string Kinds(string kinds, bool isNative, string native) =>
        $"{{ {kinds}{If(isNative, ", " + native)} }}";

    /// <summary>What the kernel of a node answers to heartbeats while no agent runs there.</summary>
    private const string HeartbeatUnheard =
        "meta mark 0 ip saddr $RANGE ip daddr $OWN icmp type destination-unreachable drop";

    /// <summary>A packet of the tunnel itself.</summary>
    private const string OuterArrived = "ct state untracked $TONODE udp dport $PORT accept";

    private static string AtGate(bool isNative) => isNative ? "{ $HERE, $FORWARDED }" : "$HERE";

    private const string NotBack = "meta mark & $KIND != $BACK";

    /// <summary>Answers of a gateway of shared addresses itself: the gate's, and ICMP errors to dynos.</summary>
    private const string SharedAnswers = """
          ip saddr $OWN tcp sport $GATEPORT ct original ip saddr $RANGE meta mark set $BACK accept
          ip6 saddr $OWN6 tcp sport $GATEPORT ct original ip6 saddr $RANGE6 meta mark set $BACK accept
          oifname $DEVICE icmp type { destination-unreachable, time-exceeded, parameter-problem } meta mark set $BACK
          oifname $DEVICE icmpv6 type { 1, 2, 3, 4 } meta mark set $BACK
        """;

    /// <summary>Arrived through the tunnel at a gateway of shared addresses: conntrack knows the return path.</summary>
    private const string FromDynos = """
         chain from_dynos {
          meta mark set meta mark | $SHARED
          ip daddr $GATE ip daddr set $OWN accept
          ip6 daddr $GATE6 ip6 daddr set $OWN6 accept
          fib daddr type local counter name foreign drop
          accept
         }

        """;

    internal static readonly Family[] Families =
    [
        new("4", "ip", "ipv4_addr", "icmp", "icmp",
            "destination-unreachable, time-exceeded, parameter-problem", 136, 224, 1),
        new("6", "ip6", "ipv6_addr", "icmpv6", "58",
            "destination-unreachable, packet-too-big, time-exceeded, parameter-problem", 112, 384, 58),
    ];

    /// <param name="old">The facts of a previous table.</param>
    /// <param name="before">The previous table, whose unaffected parts are reused.</param>
    public static EgressTable Build(EgressFacts facts, EgressFacts? old = null, EgressTable? before = null)
    {
        // The translation of a shared address depends on its current gateway.
        var isCluster = old?.IsSameCluster(facts) == true && (!facts.Shared.Any() || old.HasSameServed(facts));
        var (ways, served, dynos) = isCluster
            ? (old!.HasSameWays(facts), old.HasSameServed(facts), old.Dynos.IsSameAs(facts.Dynos))
            : (false, false, false);
        var sets = isCluster
            ? before!.Sets.ToBuilder()
            : ImmutableSortedDictionary.CreateBuilder<string, ElementSet>(StringComparer.Ordinal);
        foreach (var family in Families)
        {
            if (!isCluster)
            {
                AddCluster(sets, facts, family);
            }

            if (!served)
            {
                AddServed(sets, facts, family);
            }

            if (!isCluster || !AreEqual(old!.Returned, facts.Returned))
            {
                AddWaysBack(sets, facts, family);
            }

            if (!dynos)
            {
                AddDynos(sets, facts, family);
            }

            if (!dynos || !ways)
            {
                sets["here" + family.Digit] = Set($"type iface_index . {family.Type};", facts.Dynos
                    .Where(dyno => family.Has(dyno.Address)
                        && dyno.Number is { } number && facts.Ways.GetValueOrDefault(number) == facts.Own)
                    .Select(Dyno));
            }
        }

        if (!ways)
        {
            // Without ports, a packet would leave with a source that the network assigns.
            var numbers = facts.Addresses.Where(address => HasPorts(address, facts.Own))
                .Select(address => address.Number).ToHashSet();
            sets["way"] = Map("type mark : mark;", facts.Ways
                .Where(way => numbers.Contains(way.Key))
                .Select(way => (Hex((uint)way.Key), Hex(way.Value == facts.Own
                    ? Marks.Here | (uint)way.Key
                    : Marks.Towards(way.Value, way.Key)))));
            sets["direct"] = Map("type mark : mark;", Direct(facts, numbers));
        }

        if (!dynos)
        {
            sets["links"] = Set("type iface_index;", facts.Dynos.Select(dyno => Text(dyno.Link)).Distinct());
        }

        return new EgressTable(
            sets.ToImmutable(),
            isCluster && old!.Forwards == facts.Forwards ? before!.Chains : Chains(facts));

        static bool AreEqual(IEnumerable<FixedIP> left, IEnumerable<FixedIP> right) => left.SequenceEqual(right);
    }

    private static void AddCluster(
        ImmutableSortedDictionary<string, ElementSet>.Builder sets, EgressFacts facts, Family family)
    {
        var digit = family.Digit;
        var ofFamily = facts.Addresses.Where(address => family.Has(address.Address)).ToList();
        var addresses = ofFamily.Where(address => !address.IsShared).ToList();
        var shared = ofFamily.Where(address => address.IsShared).ToList();
        sets["nodes" + digit] = Set($"type {family.Type};", facts.Nodes
            .Where(node => node.Number != facts.Own).SelectMany(node => node.Addresses).Where(family.Has)
            .Select(address => address.ToString()).Distinct());
        sets["fixed" + digit] = Set($"type {family.Type};", addresses
            .Where(address => !facts.OwnAddresses.Contains(address.Address))
            .Select(address => address.Address.ToString()));
        sets["pairs" + digit] = Set($"type mark . {family.Type};", addresses
            .SelectMany(address => new[]
            {
                Pair((uint)address.Number, address.Address), Pair(Marks.Here | (uint)address.Number, address.Address),
            })
            .Concat(shared.Where(address => !facts.Served.Contains(address.Number)).Select(address => Pair(
                (uint)address.Number, TunnelNumbers.Source(address.Address.AddressFamily, facts.Own)))));
        if (facts.Shared.Any())
        {
            var served = shared.Where(address => facts.Served.Contains(address.Number)).ToList();
            sets["outside" + digit] = Set($"type mark . {family.Type};", served.SelectMany(address => new[]
            {
                Pair(Marks.Here | (uint)address.Number, address.Address),
                Pair(Marks.Shared | (uint)address.Number, address.Address),
            }));
            sets["tunnel" + digit] = Set(
                $"type mark . {family.Type};",
                from address in served
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

        sets["uplinks"] = Set("type ifname;", facts.Uplinks.Select(link => $"\"{link}\""));
        if (facts.IsNative)
        {
            sets["directs"] = Set("type iface_index;", facts.Direct.Select(peer => Text(peer.Link)).Distinct());
            sets["peers"] = Set("type ether_addr;", facts.PeerMacs.Select(EgressWorker.Text));
            sets["home" + digit] = Set(
                $"typeof {family.Words} daddr . th dport; flags interval;",
                from address in addresses
                from block in Merged(address.Ports.Where(block => block.Node == facts.Own))
                select $"{address.Address} . {Ports(block.First, block.Last)}");
        }
    }

    /// <summary>The fixed IPs whose gateway is on a shared link.</summary>
    private static IEnumerable<(string Number, string Mark)> Direct(EgressFacts facts, HashSet<int> withPorts)
    {
        var direct = facts.Direct.Select(peer => (peer.Node, peer.Family)).ToHashSet();
        return from address in facts.Addresses
               where withPorts.Contains(address.Number) && !address.IsShared
               let gateway = facts.Ways.GetValueOrDefault(address.Number)
               where direct.Contains((gateway, address.Address.AddressFamily))
               select (Hex((uint)address.Number), Hex(Marks.DirectTo(gateway, address.Number)));
    }

    /// <summary>The only sets that change at a gateway in a takeover.</summary>
    private static void AddServed(
        ImmutableSortedDictionary<string, ElementSet>.Builder sets, EgressFacts facts, Family family)
    {
        sets["mine" + family.Digit] = Set($"type {family.Type};", facts.Addresses
            .Where(address =>
                family.Has(address.Address) && !address.IsShared && facts.Served.Contains(address.Number))
            .Select(address => address.Address.ToString()));
    }

    /// <summary>Used only for addresses in <c>mine</c>, but present before an address is added to it.</summary>
    private static void AddWaysBack(
        ImmutableSortedDictionary<string, ElementSet>.Builder sets, EgressFacts facts, Family family)
    {
        var blocks = facts.Returned.Where(address => family.Has(address.Address))
            .SelectMany(address => Merged(address.Ports)
                .Select(block => (block.Node, Key: $"{address.Address} . {Text(block.First)}-{Text(block.Last)}")))
            .ToList();
        var others = blocks.Where(block => block.Node != facts.Own)
            .Select(block => (block.Key, Hex(Marks.BackTo(block.Node)))).ToList();
        var own = blocks.Where(block => block.Node == facts.Own).Select(block => block.Key).ToList();
        var ports = $"typeof {family.Words} daddr . th dport";
        var ids = $"typeof {family.Words} daddr . {family.Icmp} id";
        sets["back" + family.Digit] = Map($"{ports} : meta mark; flags interval;", others);
        sets["backid" + family.Digit] = Map($"{ids} : meta mark; flags interval;", others);
        sets["own" + family.Digit] = Set($"{ports}; flags interval;", own);
        sets["ownid" + family.Digit] = Set($"{ids}; flags interval;", own);
    }

    private static void AddDynos(
        ImmutableSortedDictionary<string, ElementSet>.Builder sets, EgressFacts facts, Family family)
    {
        var dynos = facts.Dynos.Where(dyno => family.Has(dyno.Address)).ToList();
        sets["dyno" + family.Digit] = Map($"type iface_index . {family.Type} : verdict;", dynos
            .Select(dyno => (Dyno(dyno), dyno.Number is { } number
                ? $"goto n{Text(number)}" : $"goto nowhere{Text(dyno.Space)}_{family.Digit}")));
        sets["local" + family.Digit] = Set($"type {family.Type};", dynos.Select(dyno => dyno.Address.ToString()));
    }

    private static string If(bool condition, string rules) => condition ? rules : "";

    /// <summary>Substitutes values for names. nftables' own variables would outlive the transaction.</summary>
    private static string Expand(string rules, EgressFacts facts)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DEVICE"] = $"\"{TunnelNumbers.Device}\"",
            ["GROUP"] = Text((int)TunnelNumbers.Group),
            ["TONODE"] = $"{Families.First(family => family.Has(facts.Node.Address)).Words} daddr {facts.Node.Address}",
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
            ["DIRECT"] = Hex(Marks.Direct),
            ["OUTER"] = Hex(Marks.Outer),
            ["OUTERREPLY"] = Hex(Marks.Outer | Marks.Reply),
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

        foreach (var family in facts.Forwards ? Families : [])
        {
            text.Append(ToFixed(family)).Append(Answers(family));
        }

        foreach (var space in facts.Spaces.OrderBy(space => space.Key))
        {
            AppendSpace(text, space, facts);
        }

        var isShared = facts.Shared.Any();
        text.Append(BaseChains(isShared, facts.Forwards, facts.IsNative))
            .Append(If(facts.IsNative, DirectChains(facts.Forwards)))
            .Append(If(isShared, FromDynos))
            .Append(Translation(facts));
        return Expand(text.ToString(), facts);
    }

    /// <summary>
    /// From the outside to a fixed IP: the port identifies the node. An ICMP error is assigned by the port or
    /// identifier of the packet that caused it.
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

    /// <summary>From this node to a fixed IP: the gate's answers, and ICMP errors for forwarded packets.</summary>
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

    /// <summary>The dynos of a space: exempt destinations, and the number of the fixed IP.</summary>
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
            // For an already translated connection, the destination is not checked again.
            var known = If(!address.IsShared, $"ct reply {family.Words} daddr {address.Address} "
                + $"meta mark set {number} goto through");
            text.Append($$"""
                 chain n{{number}} {
                  ct direction reply {{OwnWay}} accept
                  {{known}}
                  {{family.Words}} daddr @exempt{{Text(space.Key)}}_{{family.Digit}} accept
                  {{family.Words}} daddr {{family.Own}} tcp dport $GATEPORT ct status dnat meta mark set {{gate}} accept
                  fib daddr type { local, broadcast, multicast } accept
                  meta mark set {{number}} goto towards
                 }

                """);
            AppendTranslation(text, address, family, facts);
        }
    }

    /// <summary>With several blocks, one is chosen at random by size, so that they fill evenly.</summary>
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

    /// <summary>The source and the ports that this node uses for dynos of an address.</summary>
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

    /// <summary>Runs before any network's masquerade, because the first translation applies.</summary>
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
              meta mark & $KIND { $TUNNEL, $DIRECT, $HERE } {{translate}}
             }
             chain translate_here {
              type nat hook input priority 90; policy accept;
              {{translateShared}}
              meta mark & $KIND == $HERE {{translate}}
             }

            """).ToString();
    }

    /// <summary>Merges adjacent blocks of a node.</summary>
    internal static IEnumerable<PortBlock> Merged(IEnumerable<PortBlock> blocks)
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

    internal static ElementSet Set(string definition, IEnumerable<string> elements) =>
        new(definition, Unique(elements.Select(element => KeyValuePair.Create(element, (string?)null))));

    internal static ElementSet Map(string definition, IEnumerable<(string Key, string Value)> elements) =>
        new(definition, Unique(elements.Select(element => KeyValuePair.Create(element.Key, (string?)element.Value))));

    private static Dictionary<string, string?> Unique(IEnumerable<KeyValuePair<string, string?>> elements)
    {
        var all = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (key, value) in elements)
        {
            all.TryAdd(key, value);
        }

        return all;
    }

    private static string Dyno(EgressDyno dyno) => $"{Text(dyno.Link)} . {dyno.Address}";

    internal static string Pair(uint mark, IPAddress address) => $"{Hex(mark)} . {address}";

    private static string Ports(int first, int last) => $"{Text(first)}-{Text(last)}";

    internal static string Hex(uint value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");

    internal static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The differences between the families in nftables' syntax.</summary>
    internal sealed record Family(
        string Digit, string Words, string Type, string Icmp, string IcmpProtocol,
        string Errors, int InnerProtocol, int InnerPort, int IcmpNumber)
    {
        /// <summary>The variable for the address on which this node's gate listens.</summary>
        public string Own => Digit == "4" ? "$OWN" : "$OWN6";

        /// <summary>An address in the notation with a port.</summary>
        public string Target(IPAddress address) => Digit == "4" ? address.ToString() : $"[{address}]";

        public bool Has(IPAddress address) =>
            (address.AddressFamily == AddressFamily.InterNetwork) == (Digit == "4");
    }
}
