using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Dynospace.Reachability.Addresses;

namespace Dynospace.NodeAgent.DynoNetwork;

/// <summary>A host port that leads to a pod.</summary>
/// <param name="NodeAddress">The node address on which it is open; null for all of the pod's family.</param>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
/// <param name="Port">The port of the node.</param>
/// <param name="Pod">The address of the pod.</param>
/// <param name="PodPort">The port of the pod.</param>
internal sealed record ForwardedPort(IPAddress? NodeAddress, string Protocol, int Port, IPAddress Pod, int PodPort);

/// <summary>Pure: the content of the dyno network's table.</summary>
internal sealed record NetworkTable
{
    /// <summary>The name without the family.</summary>
    public const string Name = "dynospace_network";

    public const string Table = "inet " + Name;

    /// <summary>Counts packets with a source that does not belong to their sender.</summary>
    public const string Forged = "forged_source";

    /// <summary>Counts tunnel packets that were not sent by a node.</summary>
    public const string ForeignTunnel = "foreign_tunnel";

    public const string Removal = $"table {Table}; delete table {Table}\n";

    /// <summary>The addresses of this node's dynos.</summary>
    public required AddressRange Block { get; init; }

    /// <summary>The addresses of the dynos of all nodes.</summary>
    public required IReadOnlyList<AddressRange> Blocks { get; init; }

    /// <summary>The IPv6 addresses of this node's dynos; null for none.</summary>
    public AddressRange? Block6 { get; init; }

    /// <summary>The IPv6 addresses of the dynos of all nodes.</summary>
    public IReadOnlyList<AddressRange> Blocks6 { get; init; } = [];

    /// <summary>The addresses of all nodes.</summary>
    public IReadOnlyList<IPAddress> Nodes { get; init; } = [];

    /// <summary>The indexes of veth links that do not lead to a dyno.</summary>
    public IReadOnlyList<int> Uplinks { get; init; } = [];

    /// <summary>The host ports that lead to pods.</summary>
    public IReadOnlyList<ForwardedPort> HostPorts { get; init; } = [];

    /// <summary>The UDP port of the tunnel.</summary>
    public required int TunnelPort { get; init; }

    /// <summary>The complete table.</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder();
            text.Append(CultureInfo.InvariantCulture, $"table {Table} {{\n");
            AddSet(
                text, "blocks", "ipv4_addr", "flags interval; auto-merge;", Blocks.Select(block => block.ToString()));
            if (Block6 is not null)
            {
                AddSet(
                    text, "blocks6", "ipv6_addr", "flags interval; auto-merge;",
                    Blocks6.Select(block => block.ToString()));
            }

            AddSet(text, "nodes", "ipv4_addr", "", Nodes.Select(node => node.ToString()));
            AddSet(
                text, "uplinks", "iface_index", "",
                Uplinks.Select(link => link.ToString(CultureInfo.InvariantCulture)));
            AddPorts(text, "", "ipv4_addr", AddressFamily.InterNetwork);
            if (Block6 is not null)
            {
                AddPorts(text, "6", "ipv6_addr", AddressFamily.InterNetworkV6);
            }

            text.Append(CultureInfo.InvariantCulture, $$"""
                  counter {{Forged}} { }
                  counter {{ForeignTunnel}} { }
                  chain source {
                    type filter hook prerouting priority raw; policy accept;
                    iif lo accept
                    ip saddr @blocks fib saddr . iif oif missing counter name {{Forged}} drop{{Forged6}}
                    meta iifkind != "veth" accept
                    iif @uplinks accept
                    ip6 saddr :: icmpv6 type { nd-neighbor-solicit, mld2-listener-report } accept
                    fib saddr . iif oif missing counter name {{Forged}} drop
                  }
                  chain tunnel {
                    type filter hook input priority filter - 10; policy accept;
                    udp dport {{TunnelPort}} ip saddr != @nodes counter name {{ForeignTunnel}} drop
                  }
                  chain forward {
                    type filter hook forward priority filter - 10; policy accept;
                    ip saddr {{Block}} udp dport {{TunnelPort}} ip daddr @nodes counter name {{ForeignTunnel}} drop
                  }
                  chain ports_in {
                    type nat hook prerouting priority dstnat; policy accept;
                    fib daddr type local jump ports
                  }
                  chain ports_out {
                    type nat hook output priority -100; policy accept;
                    ip daddr != 127.0.0.0/8 fib daddr type local jump ports{{PortsOut6}}
                  }
                  chain ports {
                    dnat ip to ip daddr . meta l4proto . th dport map @ports_at
                    dnat ip to meta l4proto . th dport map @ports{{Ports6}}
                  }
                  chain leave {
                    type nat hook postrouting priority srcnat; policy accept;
                    ip saddr . ip daddr @own_ports masquerade{{OwnPorts6}}
                    ip saddr {{Block}} ip daddr != @blocks masquerade{{Masquerade6}}
                  }
                }

                """);
            return text.ToString();
        }
    }

    private string Forged6 => Block6 is null
        ? ""
        : $"\n    ip6 saddr @blocks6 fib saddr . iif oif missing counter name {Forged} drop";

    private string PortsOut6 => Block6 is null ? "" : "\n    ip6 daddr != ::1 fib daddr type local jump ports";

    private string Ports6 => Block6 is null ? "" : """

            dnat ip6 to ip6 daddr . meta l4proto . th dport map @ports_at6
            dnat ip6 to meta l4proto . th dport map @ports6
        """;

    private string OwnPorts6 => Block6 is null ? "" : "\n    ip6 saddr . ip6 daddr @own_ports6 masquerade";

    /// <summary>Globally routed addresses are not translated.</summary>
    private string Masquerade6 => Block6 is { First.IsIPv6UniqueLocal: true }
        ? $"\n    ip6 saddr {Block6} ip6 daddr != @blocks6 masquerade"
        : "";

    private static IEnumerable<string> Elements(IEnumerable<ForwardedPort> ports, Func<ForwardedPort, string> prefix) =>
        // The scheduler admits only one of two pods that claim a port; until the other is gone, the first by name wins.
        ports.GroupBy(port => (port.NodeAddress, port.Protocol, port.Port)).Select(group => group.First())
            .Select(port => string.Create(
                CultureInfo.InvariantCulture,
                $"{prefix(port)}{port.Protocol} . {port.Port} : {port.Pod} . {port.PodPort}"));

    private void AddPorts(StringBuilder text, string suffix, string type, AddressFamily family)
    {
        List<ForwardedPort> ports = [.. HostPorts.Where(port => port.Pod.AddressFamily == family)];
        AddSet(
            text, $"own_ports{suffix}", $"{type} . {type}", "",
            ports.Select(port => $"{port.Pod} . {port.Pod}").Distinct());
        AddMap(
            text, $"ports{suffix}", "inet_proto . inet_service", type,
            Elements(ports.Where(port => port.NodeAddress is null), _ => ""));
        AddMap(
            text, $"ports_at{suffix}", $"{type} . inet_proto . inet_service", type,
            Elements(ports.Where(port => port.NodeAddress is not null), port => $"{port.NodeAddress} . "));
    }

    private static void AddSet(
        StringBuilder text, string name, string type, string flags, IEnumerable<string> elements) =>
        Add(text, "set", name, $"{type}; {flags}", elements);

    private static void AddMap(
        StringBuilder text, string name, string type, string target, IEnumerable<string> elements) =>
        Add(text, "map", name, $"{type} : {target} . inet_service;", elements);

    private static void Add(
        StringBuilder text, string kind, string name, string definition, IEnumerable<string> elements)
    {
        var all = elements.Order(StringComparer.Ordinal).ToImmutableArray();
        text.Append(CultureInfo.InvariantCulture, $"  {kind} {name} {{ type {definition}");
        if (!all.IsEmpty)
        {
            text.Append(" elements = { ").AppendJoin(", ", all).Append(" };");
        }

        text.Append(" }\n");
    }
}
