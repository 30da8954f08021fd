using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Dynospace.Linux.Networking;

namespace Dynospace.NodeAgent.Egress;

/// <summary>The desired kernel state of a node for the egress gateway.</summary>
/// <param name="Table">The nftables table.</param>
/// <param name="Rules">The routing rules for marked packets.</param>
/// <param name="Peers">The nodes at the other ends of the tunnel.</param>
/// <param name="Mtu">The MTU in the tunnel.</param>
internal sealed record EgressPlan(
    EgressTable Table, ImmutableArray<RoutingRule> Rules, ImmutableArray<TunnelNode> Peers, int Mtu)
{
    /// <summary>The input of the plan.</summary>
    public required EgressFacts Facts { get; init; }

    /// <summary>The number of this node.</summary>
    public int Own => Facts.Own;

    /// <summary>The table of the fast path; null if the node has none.</summary>
    public EgressTable? FastPath { get; init; }

    /// <summary>The backstop of each dyno, which works without nftables.</summary>
    public ImmutableArray<RoutingRule> DynoRules { get; init; } = [];

    /// <summary>The source address of tunnel packets.</summary>
    public IPAddress Local => Facts.Node.Address;

    /// <summary>
    /// Fixed IPs that are also routed into the tunnel without a mark, so that the kernel answers for them. A takeover
    /// of any other one is a single nftables transaction without routes.
    /// </summary>
    public ImmutableArray<IPAddress> Routed { get; init; } = [];

    /// <summary>Fixed IPs that the kernel answers for, with the index of the link.</summary>
    public ImmutableArray<(IPAddress Address, int Link)> Announced { get; init; } = [];

    /// <summary>
    /// Fixed IPs with this node as a gateway, and the nodes that use them. They include IPs that this node does not
    /// have now, so that a takeover does not wait for routes.
    /// </summary>
    public ImmutableArray<(int Node, IPAddress Address)> Backs { get; init; } = [];

    /// <summary>Whether nodes have IPv6 addresses in the tunnel, which shared addresses require.</summary>
    public bool HasTunnel6 { get; init; }

    /// <summary>Whether ports of the node's own address are reserved for dynos.</summary>
    public bool ReservesPorts { get; init; }

    /// <summary>The uplinks of this node.</summary>
    public ImmutableArray<string> Uplinks => Facts.Uplinks;

    /// <summary>For each space with dynos here, the destinations reached without a fixed IP.</summary>
    public ImmutableArray<(int Space, ImmutableArray<IPNetwork> Exempt)> Backstops { get; init; } = [];
}

/// <summary>Pure: decides the kernel state of a node.</summary>
internal static class EgressKernelPlanner
{
    /// <summary>The protocol number that identifies our routes and rules in the kernel.</summary>
    public const byte Protocol = 114;

    /// <summary>Added to a space's key, the number of its backstop table.</summary>
    public const uint FirstBackstopTable = 60_000;

    /// <summary>Added to a gateway's number, the table with the route through the tunnel to it.</summary>
    public const uint FirstTunnelTable = 77_000;

    /// <summary>Added to a node's number, the table with the route of replies to it.</summary>
    public const uint FirstBackTable = 78_000;

    /// <summary>Added to a gateway's number, the table with the route to it over a shared link.</summary>
    public const uint FirstDirectTable = 79_000;

    // Before the rules of networks (from 100) and before the main table.
    private const uint TunnelPriority = 60;
    private const uint NoTunnelPriority = 61;
    private const uint BackPriority = 62;
    private const uint MainPriority = 63;
    private const uint BackstopPriority = 64;

    private static readonly AddressFamily[] Families = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    /// <param name="before">A previous plan, whose unaffected parts are reused.</param>
    public static EgressPlan Plan(EgressFacts facts, EgressPlan? before = null)
    {
        var table = EgressRules.Build(facts, before?.Facts, before?.Table);
        var isCluster = before?.Facts.IsSameCluster(facts) == true;
        var plan = (isCluster
            ? before! with { Facts = facts, Table = table }
            : PlanCluster(facts, table)) with
        {
            FastPath = FastPathRules.Build(facts, before?.Facts, before?.FastPath),
        };
        if (!isCluster || !before!.Facts.HasSameServed(facts))
        {
            plan = WithServed(plan, facts);
        }

        return isCluster && before!.Facts.Dynos.IsSameAs(facts.Dynos) ? plan : WithDynos(plan, facts);
    }

    private static EgressPlan PlanCluster(EgressFacts facts, EgressTable table)
    {
        var peers = Peers(facts);
        var backs = Backs(facts, peers);
        return new EgressPlan(table, [.. Rules(facts, peers, backs)], peers, Mtu(facts))
        {
            Facts = facts,
            HasTunnel6 = facts.Shared.Any(address => !address.Is4),
            ReservesPorts = facts.Shared.Any(address => address.Gateways.Contains(facts.Own)),
            Backs = backs,
        };
    }

    private static EgressPlan WithServed(EgressPlan plan, EgressFacts facts)
    {
        // If many addresses move, only few of them need a route or the kernel's answer.
        var served = facts.Addresses
            .Where(address => facts.Served.Contains(address.Number) && !address.IsShared
                && (address.IsPresent || !IsAnsweredByAgent(address, facts.Own)))
            .ToList();
        return plan with
        {
            Routed = [.. served.Select(address => address.Address)],
            Announced =
            [
                .. served
                    .Where(address => !address.IsPresent && facts.Announced.Contains(address.Number)
                        && facts.AnnouncedOn.ContainsKey(address.Address))
                    .Select(address => (address.Address, facts.AnnouncedOn[address.Address])),
            ],
        };
    }

    private static EgressPlan WithDynos(EgressPlan plan, EgressFacts facts)
    {
        var spacesHere = facts.Dynos.Select(dyno => dyno.Space).ToHashSet();
        return plan with
        {
            DynoRules =
            [
                .. facts.Dynos.Select(dyno => new RoutingRule(dyno.Address.AddressFamily, BackstopPriority)
                {
                    From = Single(dyno.Address),
                    IncomingLink = dyno.LinkName,
                    Table = FirstBackstopTable + (uint)dyno.Space,
                    Protocol = Protocol,
                }).Distinct(),
            ],
            Backstops =
            [
                .. facts.Spaces.Where(space => spacesHere.Contains(space.Key)).OrderBy(space => space.Key)
                    .Select(space => (space.Key, space.Exempt)),
            ],
        };
    }

    /// <summary>
    /// Whether the agent answers for an address. The kernel would continue to answer after the agent has ended and
    /// another gateway has taken over, so it answers only if there is no other gateway.
    /// </summary>
    public static bool IsAnsweredByAgent(FixedIP address, int own) =>
        address.Gateways.Any(gateway => gateway != own);

    /// <summary>The peers of this node: a node that is not a gateway communicates only with gateways.</summary>
    public static ImmutableArray<TunnelNode> Peers(EgressFacts facts)
    {
        var gateways = facts.Gateways();
        var isGateway = gateways.Contains(facts.Own);
        return
        [
            .. facts.Nodes
                .Where(node => node.Number != facts.Own && (isGateway || gateways.Contains(node.Number)))
                .OrderBy(node => node.Number),
        ];
    }

    /// <summary>The device of the tunnel.</summary>
    public static VxlanLink Device(EgressPlan plan) => new(
        TunnelNumbers.Device,
        new VxlanSettings
        {
            Id = TunnelNumbers.Network,
            Port = TunnelNumbers.Port,
            Local = plan.Local,
            HasGroupPolicy = true,
        })
    {
        Mac = TunnelNumbers.Mac(plan.Own),
        Mtu = plan.Mtu,
    };

    /// <summary>All our routes.</summary>
    /// <param name="device">The index of the tunnel's device.</param>
    public static IEnumerable<Route> Routes(EgressPlan plan, int device)
    {
        var routes = new List<Route> { new(TunnelNumbers.Range) { Link = device } };
        if (plan.HasTunnel6)
        {
            routes.Add(new Route(TunnelNumbers.Range6) { Link = device });
        }

        routes.AddRange(plan.Routed.Select(address => new Route(Single(address)) { Link = device }));
        routes.AddRange(plan.Backs.Select(back => new Route(Single(back.Address))
        {
            Gateway = DirectTo(back.Node, back.Address.AddressFamily)?.Address
                ?? Tunnel(back.Address.AddressFamily, back.Node),
            Link = DirectTo(back.Node, back.Address.AddressFamily)?.Link ?? device,
            IsOnLink = true,
            Table = FirstBackTable + (uint)back.Node,
        }));
        routes.AddRange(Gateways(plan.Facts).Select(peer => new Route(All(peer.Family))
        {
            Gateway = peer.Address,
            Link = peer.Link,
            IsOnLink = true,
            Table = FirstDirectTable + (uint)peer.Node,
        }));
        var tables = plan.Rules.Select(rule => rule.Table).ToHashSet();
        foreach (var (peer, family) in from peer in plan.Peers
                                       where tables.Contains(FirstTunnelTable + (uint)peer.Number)
                                       from family in Families
                                       select (peer, family))
        {
            routes.Add(new Route(All(family))
            {
                Gateway = Tunnel(family, peer.Number),
                Link = device,
                IsOnLink = true,
                Table = FirstTunnelTable + (uint)peer.Number,
            });
        }

        foreach (var (space, exempt) in plan.Backstops)
        {
            var table = FirstBackstopTable + (uint)space;
            routes.AddRange(exempt.Distinct().Select(
                range => new Route(range) { Kind = RouteKind.Throw, Table = table }));
            // Lowest priority, so that a range may include all addresses of a family.
            routes.AddRange(Families.Select(
                family => new Route(All(family)) { Kind = RouteKind.Unreachable, Table = table, Metric = 9999 }));
        }

        return routes.Select(route => (route with { Protocol = Protocol }).AsShown());

        DirectPeer? DirectTo(int node, AddressFamily family) =>
            plan.Facts.Direct.FirstOrDefault(peer => peer.Node == node && peer.Family == family);
    }

    /// <summary>The gateways on shared links.</summary>
    private static IEnumerable<DirectPeer> Gateways(EgressFacts facts)
    {
        var gateways = facts.Gateways();
        return facts.Direct.Where(peer => gateways.Contains(peer.Node));
    }

    public static IEnumerable<Neighbour> Neighbours(EgressPlan plan, int device) =>
    [
        .. plan.Peers.SelectMany(peer => Families.Select(
            family => new Neighbour(Tunnel(family, peer.Number), device, TunnelNumbers.Mac(peer.Number))
            {
                Protocol = Protocol,
            })),
        .. (plan.HasTunnel6 ? plan.Peers : []).Select(peer => new Neighbour(
            TunnelNumbers.GateAddress6Of(peer.Number), device, TunnelNumbers.Mac(peer.Number))
            {
                Protocol = Protocol,
            }),
        .. plan.Announced.Select(item => new Neighbour(item.Address, item.Link, null)
        {
            IsProxy = true,
            IsPermanent = false,
            Protocol = Protocol,
        }),
    ];

    public static IEnumerable<TunnelTarget> Targets(EgressPlan plan, int device) =>
        plan.Peers.Select(peer => new TunnelTarget(TunnelNumbers.Mac(peer.Number), device, peer.Address));

    private static ImmutableArray<(int Node, IPAddress Address)> Backs(
        EgressFacts facts, ImmutableArray<TunnelNode> peers)
    {
        var numbers = peers.Select(peer => peer.Number).ToHashSet();
        return
        [
            .. from address in facts.Addresses
               where !address.IsShared && address.Gateways.Contains(facts.Own)
               from node in address.Ports.Select(block => block.Node).Distinct()
               where numbers.Contains(node)
               orderby node, address.Number
               select (node, address.Address),
        ];
    }

    private static IEnumerable<RoutingRule> Rules(
        EgressFacts facts, ImmutableArray<TunnelNode> peers, ImmutableArray<(int Node, IPAddress Address)> backs)
    {
        var gateways = facts.Gateways();
        var users = backs.Select(back => back.Node).Distinct().ToList();
        var rules = new List<RoutingRule>();
        foreach (var family in Families)
        {
            rules.AddRange(peers.Where(peer => gateways.Contains(peer.Number)).Select(peer => new RoutingRule(
                family, TunnelPriority)
            {
                Mark = Marks.Towards(peer.Number),
                Mask = Marks.NodeMask,
                Table = FirstTunnelTable + (uint)peer.Number,
            }));
            rules.Add(new RoutingRule(family, NoTunnelPriority)
            {
                Mark = Marks.Tunnel,
                Mask = Marks.KindMask,
                Action = RuleAction.Unreachable,
            });
            if (facts.IsNative)
            {
                rules.AddRange(Gateways(facts).Where(peer => peer.Family == family).Select(peer => new RoutingRule(
                    family, TunnelPriority)
                {
                    Mark = Marks.DirectTo(peer.Node),
                    Mask = Marks.NodeMask,
                    Table = FirstDirectTable + (uint)peer.Node,
                }));
                rules.Add(new RoutingRule(family, NoTunnelPriority)
                {
                    Mark = Marks.Direct,
                    Mask = Marks.KindMask,
                    Action = RuleAction.Unreachable,
                });
            }

            // The tables have no default route, so a reverse path check continues with the main table.
            rules.AddRange(users.Select(node => new RoutingRule(family, BackPriority)
            {
                Mark = Marks.BackTo(node),
                Mask = Marks.NodeMask,
                Table = FirstBackTable + (uint)node,
            }));
            rules.Add(new RoutingRule(family, MainPriority)
            {
                Mark = Marks.Tunnel,
                Mask = Marks.AnyKindMask,
                Table = Route.MainTable,
            });
        }

        // Works without nftables.
        if (facts.Shared.Any(address => address.Gateways.Contains(facts.Own)))
        {
            rules.AddRange(Families.Select(family => new RoutingRule(family, BackstopPriority)
            {
                From = family == AddressFamily.InterNetwork ? TunnelNumbers.Range : TunnelNumbers.Range6,
                IncomingLink = TunnelNumbers.Device,
                Action = RuleAction.Unreachable,
            }));
        }

        return rules.Select(rule => rule with { Protocol = Protocol }).Distinct();
    }

    /// <summary>The MTU in the tunnel.</summary>
    public static int Mtu(EgressFacts facts) =>
        facts.UplinkMtu - (facts.Node.Address.AddressFamily == AddressFamily.InterNetwork ? 50 : 70);

    /// <summary>The address of a node in the tunnel.</summary>
    public static IPAddress Tunnel(AddressFamily family, int node) => family == AddressFamily.InterNetwork
        ? TunnelNumbers.Address(node)
        : TunnelNumbers.Address6(node);

    private static IPNetwork All(AddressFamily family) =>
        new(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);

    private static IPNetwork Single(IPAddress address) =>
        new(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
}
