using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Dynospace.Linux.Networking;
using Dynospace.Reachability.Addresses;

namespace Dynospace.NodeAgent.DynoNetwork;

/// <summary>The state of a node and its cluster, as far as it affects the dyno network.</summary>
internal sealed record NetworkObservation
{
    /// <summary>This node; null if it has no Node object.</summary>
    public required NetworkNode? Node { get; init; }

    /// <summary>All nodes, including this one.</summary>
    public required IReadOnlyList<NetworkNode> Nodes { get; init; }

    /// <summary>All claims, including this node's.</summary>
    public required IReadOnlyList<BlockClaim> Claims { get; init; }

    /// <summary>The known Service ranges.</summary>
    public IReadOnlyList<AddressRange> ServiceRanges { get; init; } = [];

    public required KernelFacts Kernel { get; init; }

    /// <summary>The block from which pods of this node have or may get addresses; null for none.</summary>
    public AddressRange? InForce { get; init; }

    /// <summary>The CNI configurations of this node.</summary>
    public IReadOnlyList<CniFile> Files { get; init; } = [];

    /// <summary>The missing CNI plugins.</summary>
    public IReadOnlyList<string> MissingPlugins { get; init; } = [];

    /// <summary>Another network with an agent on this node; null for none.</summary>
    public string? OtherNetwork { get; init; }

    /// <summary>The host ports of this node that lead to pods.</summary>
    public IReadOnlyList<ForwardedPort> HostPorts { get; init; } = [];
}

/// <summary>The node's end of the tunnel, and the ends of other nodes.</summary>
internal sealed record TunnelPlan(
    VxlanSettings Settings, PhysicalAddress Mac, int Mtu, IPAddress Address, IReadOnlyList<TunnelPeer> Peers);

/// <summary>The remote end of a tunnel.</summary>
/// <param name="Address">The inner address.</param>
/// <param name="Address6">The inner IPv6 address; null for none.</param>
/// <param name="Mac">The hardware address.</param>
/// <param name="Node">The address of the node.</param>
internal sealed record TunnelPeer(IPAddress Address, IPAddress? Address6, PhysicalAddress Mac, IPAddress Node);

/// <summary>The desired state of a node.</summary>
/// <param name="Block">The block.</param>
/// <param name="Block6">The IPv6 addresses of its dynos; null for none.</param>
/// <param name="Routes">The agent's routes; those into the tunnel have no link yet.</param>
/// <param name="Tunnel">The tunnel; null if no node needs it.</param>
/// <param name="Table">The nftables table.</param>
/// <param name="Configuration">The CNI configuration.</param>
internal sealed record NetworkPlan(
    NodeBlock Block, AddressBlock6? Block6, IReadOnlyList<Route> Routes, TunnelPlan? Tunnel, NetworkTable Table,
    string Configuration)
{
    /// <summary>The ranges of the node's dynos, in both families.</summary>
    public CidrSet Ranges { get; } = RangesOf(Block.Range, Block6);

    public static CidrSet RangesOf(AddressRange block, AddressBlock6? block6) =>
        block6 is null ? CidrSet.FromRanges(block) : CidrSet.FromRanges(block, block6.Range);
}

/// <summary>Pure: decides the desired state of a node, and why the network is not allowed.</summary>
internal static class NetworkPlanner
{
    /// <summary>The overhead of an Ethernet frame in VXLAN, UDP and IPv4.</summary>
    public const int TunnelOverhead = 50;

    /// <summary>Marks the routes into the tunnel until it has an index.</summary>
    public const int TunnelLink = -1;

    private const uint TunnelId = 7769;
    private const int LeastMtu = 1280;

    /// <summary>Why a block must not be claimed or used; null if it may.</summary>
    public static string? Obstacle(DynoNetworkOptions options, NetworkObservation seen)
    {
        if (seen.Node?.Address is null)
        {
            return "the node has no IPv4 address (status.addresses, type InternalIP), which other nodes would send to";
        }

        if (seen.OtherNetwork is { } other)
        {
            return $"{other} is the network of this node, and the dyno network would break it: remove it first, on a "
                + "node without pods";
        }

        return CniConfiguration.Obstacle(seen.Files)
            ?? (seen.MissingPlugins.Count > 0
                ? $"the CNI plugins {string.Join(", ", seen.MissingPlugins)} are missing in {options.PluginFolder}: "
                    + "install the package containernetworking-plugins, or set dynoNetwork.pluginFolder"
                : null)
            ?? (options.FromPodRange ? PodRangeProblem(options, seen) : RangeProblem(options, seen))
            ?? (options is { Range6: not null, HasIPv6: false }
                ? "the kernel of the node has no IPv6, or it is switched off (net.ipv6.conf.all.disable_ipv6): switch "
                    + "it on, or leave dynoNetwork.range6 out"
                : null)
            ?? SizeProblem(options, seen)
            ?? MtuProblem(options, seen);
    }

    /// <summary>Whether the options choose this block; if not, it stays until no pod uses it.</summary>
    public static bool IsChosen(DynoNetworkOptions options, NetworkNode node, AddressRange block) =>
        options.FromPodRange
            ? PodRange(node) is not { } given || given == block
            : options.Range.Contains(block) && block.PrefixLength == options.BlockPrefix;

    /// <summary>The node's pod range, a block that needs no claim; null without one.</summary>
    public static AddressRange? PodRange(NetworkNode node) =>
        node.PodRanges.FirstOrDefault(range => range.Family == AddressFamily.InterNetwork);

    /// <summary>The IPv6 addresses of a node's dynos; null for none.</summary>
    /// <param name="node">The node.</param>
    /// <param name="block">The IPv4 addresses.</param>
    public static AddressBlock6? Block6(DynoNetworkOptions options, NetworkNode node, AddressRange block) =>
        !options.HasIPv6 ? null
            : options.FromPodRange && PodRange6(node) is { } range ? AddressBlock6.FirstOf(range, block)
            : options.Range6 is { } network ? AddressBlock6.Embed(network, block)
            : null;

    private static AddressRange? PodRange6(NetworkNode node) =>
        node.PodRanges.FirstOrDefault(range => range.Family == AddressFamily.InterNetworkV6);

    /// <summary>The desired state.</summary>
    /// <param name="block">The block that this node has claimed and holds.</param>
    public static NetworkPlan Plan(DynoNetworkOptions options, NetworkObservation seen, NodeBlock block)
    {
        var mtu = Mtu(options, seen);
        var holding = BlockClaims.Holding(Valid(options, seen));
        var nodes = seen.Nodes.Where(node => node.Address is not null)
            .ToDictionary(node => node.Name, StringComparer.Ordinal);
        var block6 = Block6(options, seen.Node!, block.Range);
        var blocks6 = new List<AddressRange>();
        // For this node's block: packets to unused addresses are dropped, so that they do not go to the default router.
        var routes = new List<Route>
        {
            Own(block.Range) with { Kind = RouteKind.Unreachable },
        };
        if (block6 is not null)
        {
            routes.Add(Own(block6.Range) with { Kind = RouteKind.Unreachable });
            blocks6.Add(block6.Range);
        }

        var peers = new List<TunnelPeer>();
        foreach (var claim in holding.Where(claim => claim.Node != options.Node))
        {
            if (!nodes.TryGetValue(claim.Node, out var node))
            {
                continue;
            }

            var inner = new NodeBlock(claim.Block).TunnelAddress;
            var inner6 = AddressBlock6.TunnelAddress(inner);
            var other6 = block6 is null ? null : Block6(options, node, claim.Block);
            List<Route> ways = [WayTo(claim.Block, node.Address!, inner, seen)];
            if (other6 is not null)
            {
                ways.Add(WayTo(other6.Range, node.Address6, inner6, seen));
                blocks6.Add(other6.Range);
            }

            routes.AddRange(ways.Where(way => way.Link != TunnelLink || options.HasTunnel));
            if (options.HasTunnel && ways.Any(way => way.Link == TunnelLink))
            {
                peers.Add(new TunnelPeer(inner, other6 is null ? null : inner6, MacOf(inner), node.Address!));
            }
        }

        return new NetworkPlan(
            block,
            block6,
            routes,
            peers.Count == 0 ? null : new TunnelPlan(
                new VxlanSettings { Id = TunnelId, Port = (ushort)options.TunnelPort, Local = seen.Node!.Address },
                MacOf(block.TunnelAddress), mtu, block.TunnelAddress, peers),
            new NetworkTable
            {
                Block = block.Range,
                Blocks = [.. holding.Select(claim => claim.Block).Append(block.Range).Distinct()],
                Block6 = block6?.Range,
                Blocks6 = [.. blocks6.Distinct()],
                Nodes = [.. nodes.Values.Select(node => node.Address!).Distinct()],
                Uplinks = seen.Kernel.Uplinks(NetworkPlan.RangesOf(block.Range, block6)),
                HostPorts = seen.HostPorts,
                TunnelPort = options.TunnelPort,
            },
            CniConfiguration.Text(block, block6, mtu, options.ReservationFolder));
    }

    /// <summary>A direct route if the nodes share a link, otherwise one through the tunnel.</summary>
    private static Route WayTo(AddressRange range, IPAddress? node, IPAddress inner, NetworkObservation seen) =>
        node is not null && seen.Kernel.SharedLink(node) is { } link
            ? Own(range) with { Gateway = node, Link = link }
            : Own(range) with { Gateway = inner, Link = TunnelLink, IsOnLink = true };

    /// <summary>Describes nodes whose dynos are unreachable from this node; null for none.</summary>
    public static string? Unreached(DynoNetworkOptions options, NetworkObservation seen)
    {
        var valid = Valid(options, seen).ToList();
        var holding = BlockClaims.Holding(valid);
        if (seen.Claims
            .Where(claim => seen.Nodes.Any(node => node.Name == claim.Node) && !valid.Contains(claim))
            .OrderByDescending(claim => claim.Node == options.Node)
            .FirstOrDefault() is { } stranger)
        {
            return $"the node {stranger.Node} has {stranger.Block}, which is not "
                + (options.FromPodRange ? "its pod range" : $"a part of {options.Range}")
                + ", so that its dynos are not reached: drain it, and it gets another block";
        }

        if (valid.FirstOrDefault(claim => !holding.Contains(claim)) is { } loser)
        {
            var winner = holding.First(claim => claim.Block.Overlaps(loser.Block));
            return $"the nodes {winner.Node} and {loser.Node} claim the same addresses ({winner.Block}, "
                + $"{loser.Block}), and {winner.Node} was first: drain {loser.Node} and delete its NodeNetwork";
        }

        var behind = options.HasTunnel ? null : holding
            .Where(claim => claim.Node != options.Node)
            .Select(claim => seen.Nodes.FirstOrDefault(node => node.Name == claim.Node))
            .FirstOrDefault(node => node?.Address is { } address && seen.Kernel.SharedLink(address) is null);
        return behind is null
            ? null
            : $"the node {behind.Name} is behind a router, and dynoNetwork.tunnel is off: its dynos are not reached";
    }

    /// <summary>The hardware address of a node's tunnel end, which every node can compute.</summary>
    public static PhysicalAddress MacOf(IPAddress tunnelAddress) =>
        new([0x02, 0x79, .. tunnelAddress.GetAddressBytes()]);

    /// <summary>The claims that nodes are entitled to. A node that claims more does not attract traffic.</summary>
    private static IEnumerable<BlockClaim> Valid(DynoNetworkOptions options, NetworkObservation seen)
    {
        var podRanges = seen.Nodes.ToDictionary(node => node.Name, PodRange, StringComparer.Ordinal);
        return seen.Claims.Where(claim =>
            claim.Block.Family == AddressFamily.InterNetwork
            && claim.Block.PrefixLength <= NodeBlock.SlotPrefix
            && (options.FromPodRange
                ? podRanges.GetValueOrDefault(claim.Node) == claim.Block
                : options.Range.Contains(claim.Block)));
    }

    private static string? PodRangeProblem(DynoNetworkOptions options, NetworkObservation seen) =>
        PodRange(seen.Node!) is null
            ? $"the cluster gave the node {options.Node} no IPv4 pod range (spec.podCIDRs): leave "
                + "dynoNetwork.fromPodRange off"
            : null;

    /// <summary>Checks that the ranges do not overlap with other networks.</summary>
    private static string? RangeProblem(DynoNetworkOptions options, NetworkObservation seen)
    {
        (string Name, AddressRange? Range)[] chosen = [("range", options.Range), ("range6", options.Range6)];
        var inForce = InForce(seen, options);
        IEnumerable<(string What, AddressRange Range)> taken =
        [
            .. seen.ServiceRanges.Select(range => ("the range of Services", range)),
            .. from node in seen.Nodes
               from range in node.PodRanges
               select ($"the pod range of the node {node.Name}", range),
            .. from node in seen.Nodes
               from address in new[] { node.Address, node.Address6 }.OfType<IPAddress>()
               select ($"the address of the node {node.Name}", AddressRange.FromAddress(address)),
            .. from address in seen.Kernel.Addresses
               where !address.Address.IsIPv6LinkLocal && !IsOwn(address, seen, inForce)
               select ("an address of this node", AddressRange.FromAddress(address.Address)),
            .. ForeignRoutes(seen, inForce).Select(route => ("a route of this node", AddressRange.FromNetwork(route))),
        ];
        return (from own in chosen
                from item in taken
                where own.Range is not null && item.Range.Overlaps(own.Range)
                select $"{item.What} ({item.Range}) overlaps {own.Range}, which dynos would have their addresses from: "
                    + $"set dynoNetwork.{own.Name} to one that nothing else uses").FirstOrDefault();
    }

    private static string? SizeProblem(DynoNetworkOptions options, NetworkObservation seen)
    {
        var prefix = options.FromPodRange ? PodRange(seen.Node!)!.PrefixLength : options.BlockPrefix;
        if (prefix > NodeBlock.SlotPrefix || (!options.FromPodRange && prefix < options.Range.PrefixLength))
        {
            return $"a block of length {prefix} is not a part of {options.Range} with room for a /30: set "
                + "dynoNetwork.blockPrefix to another";
        }

        if (options.FromPodRange && PodRange6(seen.Node!) is { } range6 && range6.PrefixLength > prefix + 96)
        {
            return $"the pod range {range6} has fewer addresses than {PodRange(seen.Node!)}: have the cluster give "
                + "nodes larger IPv6 pod ranges";
        }

        var slots = 1 << (NodeBlock.SlotPrefix - prefix);
        return seen.Node!.MaxPods > slots
            ? $"a block of length {prefix} has {slots} subnets, and the kubelet runs up to {seen.Node.MaxPods} pods: "
                + (options.FromPodRange
                    ? "have the cluster give nodes larger pod ranges, or set the kubelet's maxPods"
                    : "set dynoNetwork.blockPrefix to a smaller number, or the kubelet's maxPods")
            : null;
    }

    private static string? MtuProblem(DynoNetworkOptions options, NetworkObservation seen) =>
        Mtu(options, seen) is < LeastMtu and var mtu
            ? $"dynos would have an MTU of {mtu}, less than the {LeastMtu} that IP needs: set dynoNetwork.mtu"
            : null;

    private static int Mtu(DynoNetworkOptions options, NetworkObservation seen) =>
        options.Mtu
        ?? (seen.Kernel.LinkOf(seen.Node!.Address!)?.Mtu ?? 1500) - (options.HasTunnel ? TunnelOverhead : 0);

    private static Route Own(AddressRange block) =>
        new(block.ToIPNetwork()) { Protocol = KernelFacts.RouteProtocol };

    /// <summary>
    /// Whether an address is the host end of a dyno's link or of the tunnel, or belongs to a deleted link.
    /// </summary>
    private static bool IsOwn(LinkAddress address, NetworkObservation seen, CidrSet inForce) =>
        seen.Kernel.Links.FirstOrDefault(link => link.Index == address.Link) is not { } link
        || (address.IsSingle
            && (link.Name == KernelFacts.TunnelName
                || (link.Kind == "veth" && inForce.Contains(address.Address))));

    /// <summary>
    /// Routes of other programs, except default routes and those to dynos of this node. Pods of another network that
    /// uses <c>ptp</c> look the same: their addresses must not be assigned again.
    /// </summary>
    private static IEnumerable<IPNetwork> ForeignRoutes(NetworkObservation seen, CidrSet inForce)
    {
        var others = seen.Kernel.Links.Where(link => link.Kind != "veth").Select(link => link.Index).ToHashSet();
        return seen.Kernel.Routes
            .Where(route => route is { Kind: RouteKind.Unicast, Destination.PrefixLength: > 0 }
                && !route.Destination.BaseAddress.IsIPv6LinkLocal
                && route.Protocol != KernelFacts.RouteProtocol
                && !(route is { Gateway: null, IsToOne: true, Link: { } link }
                    && !others.Contains(link)
                    && inForce.Contains(route.Destination.BaseAddress)))
            .Select(route => route.Destination);
    }

    /// <summary>The ranges of addresses that dynos of this node have or may get.</summary>
    private static CidrSet InForce(NetworkObservation seen, DynoNetworkOptions options) =>
        seen.InForce is { } block ? NetworkPlan.RangesOf(block, Block6(options, seen.Node!, block)) : CidrSet.Empty;
}
