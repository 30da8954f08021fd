// Egress: plans fixed IPs of spaces: addresses, gateway nodes, source ports and providers.

using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Egress;

/// <summary>A node that may have fixed IPs or runs dynos that use some.</summary>
/// <param name="Name">Its name.</param>
public sealed record NodeFacts(string Name)
{
    /// <summary>The addresses at which other nodes reach it.</summary>
    public IReadOnlyList<string> InternalAddresses { get; init; } = [];

    /// <summary>Addresses that the network routes to it: those of its status and those of its annotation.</summary>
    public IReadOnlyList<string> PresentAddresses { get; init; } = [];

    /// <summary>Its own addresses, from its status.</summary>
    public IReadOnlyList<string> OwnAddresses { get; init; } = [];

    /// <summary>Whether it has the labels of a gateway.</summary>
    public bool IsGateway { get; init; }

    /// <summary>Whether it is being drained, or about to be removed.</summary>
    public bool IsCordoned { get; init; }

    /// <summary>The report of its agent; null if the agent does not report.</summary>
    public NodeEgress? Report { get; init; }

    /// <summary>The version of the report. Of two reports, the one with the higher version is newer.</summary>
    public long ReportVersion { get; init; }
}

/// <summary>A Space whose traffic the built-in provider carries.</summary>
/// <param name="Name">Its name, which is also its namespace's.</param>
/// <param name="Uid">Its uid.</param>
public sealed record EgressSpace(string Name, string Uid)
{
    /// <summary>Its grants, including those that leave it.</summary>
    public IReadOnlyList<EgressGrant> Grants { get; init; } = [];

    /// <summary>Destinations that bypass the gateways.</summary>
    public IReadOnlyList<string> Exempt { get; init; } = [];

    /// <summary>By address, the nodes with dynos that use it.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<string>> Nodes { get; init; } =
        new Dictionary<string, IReadOnlySet<string>>();

    /// <summary>Whether dynos without a fixed IP run, since they started before the grant or after its end.</summary>
    public bool HasUnassigned { get; init; }
}

/// <summary>The input of the plans of all spaces.</summary>
public sealed record ObservedEgress
{
    /// <summary>The Spaces that hold at least one grant.</summary>
    public IReadOnlyList<EgressSpace> Spaces { get; init; } = [];

    /// <summary>The nodes of the cluster.</summary>
    public IReadOnlyList<NodeFacts> Nodes { get; init; } = [];

    /// <summary>The existing objects.</summary>
    public IReadOnlyList<EgressGateway> Gateways { get; init; } = [];
}

/// <summary>The planned object of one space, and its problems.</summary>
/// <param name="Gateway">The object.</param>
/// <param name="Problems">Its problems, worst first.</param>
public sealed record PlannedEgress(EgressGateway Gateway, IReadOnlyList<Problem> Problems);

/// <summary>
/// Plans the EgressGateways, which assign IPs to gateways and ports to nodes. An assignment stays as long as it is
/// valid, since live connections depend on it. The objects themselves are the record of assignments.
/// </summary>
public static class EgressPlanner
{
    /// <summary>The maximum number of nodes that the tunnel can number.</summary>
    public const int MaxNodes = 250;

    /// <summary>The plan for the observed state: one object for each space, in the order of their names.</summary>
    public static IReadOnlyList<PlannedEgress> Plan(ObservedEgress observed, PlatformOptions options)
    {
        ArgumentNullException.ThrowIfNull(observed);
        ArgumentNullException.ThrowIfNull(options);
        var spaces = observed.Spaces.OrderBy(space => space.Name, StringComparer.Ordinal).ToList();
        var nodes = observed.Nodes.ToDictionary(node => node.Name, StringComparer.Ordinal);
        var before = observed.Gateways.SelectMany(gateway => gateway.Spec.IPs ?? [])
            .DistinctBy(ip => ip.Address)
            .ToDictionary(ip => ip.Address, StringComparer.Ordinal);
        var numbers = Numbers(observed, spaces, nodes);
        var gateways = observed.Nodes.Where(node => node.IsGateway && numbers.ContainsKey(node.Name)).ToList();
        var isPresent = options.Egress.Addresses == EgressAddressMode.Present;
        var present = isPresent ? ByAddress(gateways, node => node.PresentAddresses) : null;
        var own = isPresent ? ByAddress(observed.Nodes, node => node.OwnAddresses) : null;
        var all = gateways.ToDictionary(node => node.Name, node => node.IsCordoned);
        var order = GatewayOrder.Decide(
            [.. spaces.SelectMany(space => space.Grants).OrderBy(grant => grant.Number).Select(grant => grant.Address)],
            address => present is null
                ? all
                : At(present, address).ToDictionary(node => node.Name, node => node.IsCordoned),
            address => before.TryGetValue(address, out var ip) ? [.. ip.Gateways ?? []] : []);
        return
        [
            .. spaces.Select(space => new SpaceDraft(
                space, nodes, numbers, before, order, address => own is not null && At(own, address).Any(), options)
                .Build(gateways)),
        ];
    }

    private static ILookup<AddressBlock, NodeFacts> ByAddress(
        IEnumerable<NodeFacts> nodes, Func<NodeFacts, IEnumerable<string>> addresses) =>
    (
        from node in nodes
        from text in addresses(node)
        let block = AddressBlock.TryParseObserved(text, out var parsed) ? parsed : (AddressBlock?)null
        where block is not null
        select (Block: block.Value, Node: node)
    ).Distinct().ToLookup(item => item.Block, item => item.Node);

    private static IEnumerable<NodeFacts> At(ILookup<AddressBlock, NodeFacts> nodes, string address) =>
        AddressBlock.TryParse(address, out var block) ? nodes[block] : [];

    /// <summary>
    /// The numbers of participating nodes. A node keeps its number as long as it exists, unless the numbers run out.
    /// </summary>
    private static Dictionary<string, int> Numbers(
        ObservedEgress observed, List<EgressSpace> spaces, Dictionary<string, NodeFacts> nodes)
    {
        var needed = spaces.SelectMany(space => space.Nodes.Values.SelectMany(names => names))
            .Concat(observed.Nodes.Where(node => node.IsGateway).Select(node => node.Name))
            .Where(nodes.ContainsKey)
            .ToHashSet(StringComparer.Ordinal);
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var taken = new HashSet<int>();
        foreach (var node in observed.Gateways.OrderBy(gateway => gateway.Metadata.Name, StringComparer.Ordinal)
            .SelectMany(gateway => gateway.Spec.Nodes ?? [])
            .Where(node => nodes.ContainsKey(node.Name))
            .OrderByDescending(node => needed.Contains(node.Name)))
        {
            if (node.Number is >= 1 and <= MaxNodes && !known.ContainsKey(node.Name) && taken.Add(node.Number))
            {
                known[node.Name] = node.Number;
            }
        }

        foreach (var name in needed.Order(StringComparer.Ordinal).Where(name => !known.ContainsKey(name)))
        {
            var free = Enumerable.Range(1, MaxNodes).FirstOrDefault(number => !taken.Contains(number));
            if (free == 0)
            {
                var idle = known.Keys.Where(other => !needed.Contains(other))
                    .OrderBy(other => other, StringComparer.Ordinal)
                    .FirstOrDefault();
                if (idle is null || !known.Remove(idle, out free))
                {
                    break;
                }
            }

            known[name] = free;
            taken.Add(free);
        }

        return known;
    }

    /// <summary>Plans the object of one space.</summary>
    private sealed class SpaceDraft(
        EgressSpace space,
        Dictionary<string, NodeFacts> nodes,
        Dictionary<string, int> numbers,
        Dictionary<string, EgressIP> before,
        IReadOnlyDictionary<string, IReadOnlyList<string>> order,
        Func<string, bool> isNodes,
        PlatformOptions options)
    {
        private readonly List<Problem> _problems = [];

        public PlannedEgress Build(List<NodeFacts> gateways)
        {
            List<EgressIP> ips = [.. space.Grants.OrderBy(grant => grant.Address, StringComparer.Ordinal).Select(IPOf)];
            ReportUnnumbered();
            var taking = ips.SelectMany(ip => (ip.Ports ?? []).Select(block => block.Node))
                .Concat(gateways.Select(node => node.Name))
                .Concat(space.Nodes.Values.SelectMany(names => names))
                .Distinct(StringComparer.Ordinal)
                .Where(numbers.ContainsKey)
                .Order(StringComparer.Ordinal);
            return new(
                new()
                {
                    Metadata = new()
                    {
                        Name = space.Name,
                        Labels = new Dictionary<string, string>
                        {
                            [Labels.ManagedBy] = Labels.ManagedByValue,
                            [Labels.PartOf] = Labels.ManagedByValue,
                            [Labels.Component] = ComponentValues.Egress,
                            [Labels.Space] = space.Name,
                        },
                    },
                    Spec = new()
                    {
                        Namespace = space.Name,
                        Unassigned = space.HasUnassigned ? UnassignedDynos.ClusterWay : UnassignedDynos.Refuse,
                        IPs = ips,
                        Nodes =
                        [
                            .. taking.Select(name => new EgressNode
                            {
                                Name = name,
                                Number = numbers[name],
                                Addresses = [.. TunnelAddresses(nodes[name])],
                            }),
                        ],
                        Exempt = space.Exempt.Count > 0 ? [.. space.Exempt] : null,
                    },
                },
                _problems);
        }

        private EgressIP IPOf(EgressGrant grant)
        {
            var known = before.GetValueOrDefault(grant.Address);
            var gateways = order[grant.Address];
            var isShared = isNodes(grant.Address)
                // The node is gone: its address keeps the port range of a node's address, so that blocks in use stay.
                || (options.Egress.Addresses == EgressAddressMode.Present
                    && gateways.Count == 0 && known?.Shared == true);
            var ports = PortBlocks.Plan(
                known?.Ports ?? [],
                UsesOf(grant.Address, known),
                isShared ? PortBlocks.OfNodeAddress : PortBlocks.Whole,
                options.Egress.PortBlock);
            if (gateways.Count == 0)
            {
                _problems.Add(NoGateway(grant.Address));
            }

            if (ports.Without.Count > 0)
            {
                _problems.Add(new(
                    Reasons.PortsExhausted,
                    $"{grant.Address} has no ports left for {NodesIn(ports.Without)}, whose dynos wait: add an address "
                    + "to spec.outboundIPs, or lower the operator's option egressPortBlock."));
            }
            else if (ports.IsScarce)
            {
                _problems.Add(new(
                    Reasons.PortsScarce,
                    $"More than half of the source ports of {grant.Address} are in use: add an address to "
                    + "spec.outboundIPs before new connections fail."));
            }

            return new()
            {
                Address = grant.Address,
                Number = grant.Number,
                Mode = options.Egress.Addresses,
                Shared = isShared ? true : null,
                Gateways = gateways.Count > 0 ? [.. gateways] : null,
                Ports = ports.Blocks.Count > 0 ? [.. ports.Blocks] : null,
            };
        }

        private Problem NoGateway(string address)
        {
            var labels = string.Join(',', options.Egress.GatewayLabels.Select(label => $"{label.Key}={label.Value}"));
            return options.Egress.Addresses == EgressAddressMode.Present
                ? new(
                    Reasons.NoGateway,
                    $"No node with label {labels} has {address}: route it to such a node, and name it in the node's "
                    + $"annotation {Annotations.EgressIPs} unless it is in the node's status.")
                : new(Reasons.NoGateway, $"No node may have {address}: give at least two nodes the label {labels}.");
        }

        private IReadOnlyList<PortUse> UsesOf(string address, EgressIP? known)
        {
            var users = space.Nodes.GetValueOrDefault(address);
            return
            [
                .. (users ?? Enumerable.Empty<string>())
                    .Concat((known?.Ports ?? []).Select(block => block.Node))
                    .Distinct(StringComparer.Ordinal)
                    .Where(numbers.ContainsKey)
                    .Select(name => new PortUse(
                        name, users?.Contains(name) == true, nodes[name].Report, address)),
            ];
        }

        private void ReportUnnumbered()
        {
            List<string> unnumbered =
            [
                .. space.Nodes.Values.SelectMany(names => names)
                    .Distinct(StringComparer.Ordinal)
                    .Where(name => nodes.ContainsKey(name) && !numbers.ContainsKey(name))
                    .Order(StringComparer.Ordinal),
            ];
            if (unnumbered.Count > 0)
            {
                _problems.Add(new(
                    Reasons.PortsExhausted,
                    $"The tunnel has numbers for {MaxNodes} nodes, and none for {NodesIn(unnumbered)}: keep the dynos "
                    + "of spaces with fixed IPs on fewer nodes, by region."));
            }
        }

        private static string NodesIn(IReadOnlyList<string> names) => names.Count == 1
            ? $"node {names[0]}"
            : $"{names.Count} nodes, among them {names[0]}";

        private static IEnumerable<string> TunnelAddresses(NodeFacts node) => node.InternalAddresses
            .Where(address => AddressBlock.TryParseObserved(address, out _))
            .DistinctBy(AddressBlock.IsV6Text);
    }
}
