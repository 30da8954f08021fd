using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Dynospace.Api;
using Dynospace.Api.Egress;
using k8s.Models;

namespace Dynospace.NodeAgent.Egress;

/// <summary>Pure: reads the objects of the API server. Invalid data of one space does not affect others.</summary>
internal static class EgressObjects
{
    private const string GateName = "gate";

    /// <param name="node">The name of this node.</param>
    /// <param name="gateways">All EgressGateways.</param>
    /// <param name="pods">The pods of this node.</param>
    /// <param name="before">The previous result. A deleted space has no gateway while dynos use it.</param>
    /// <param name="problem">The data that cannot be interpreted; null if all can.</param>
    public static EgressCluster Read(
        string node, IReadOnlyCollection<EgressGateway> gateways, IReadOnlyCollection<V1Pod> pods,
        EgressCluster? before, out string? problem)
    {
        problem = null;
        var nodes = new Dictionary<string, TunnelNode>(StringComparer.Ordinal);
        var names = new Dictionary<int, string>();
        var spaces = new List<FixedIPSpace>();
        var clusterWay = new HashSet<string>(StringComparer.Ordinal);
        var numbers = new HashSet<int>();
        var taken = new HashSet<IPAddress>();
        foreach (var gateway in gateways.OrderBy(item => item.Metadata.Name, StringComparer.Ordinal))
        {
            foreach (var item in gateway.Spec.Nodes ?? [])
            {
                // A node must have the same number in all EgressGateways: spaces already read refer to it.
                if (ReadNode(item) is { } read
                    && names.GetValueOrDefault(read.Number, read.Name) == read.Name
                    && (!nodes.TryGetValue(read.Name, out var known) || known.Number == read.Number))
                {
                    (nodes[read.Name], names[read.Number]) = (read, read.Name);
                }
                else
                {
                    problem ??= $"EgressGateway {gateway.Metadata.Name}: node {item.Name} cannot be understood, or its "
                        + $"number {item.Number} is another node's or not the one that it has elsewhere";
                }
            }

            if (ReadSpace(gateway, nodes, out var overlap) is { } space && AreFree(space.Addresses))
            {
                spaces.Add(space);
                numbers.UnionWith(space.Addresses.Select(item => item.Number));
                taken.UnionWith(space.Addresses.Select(item => item.Address));
                problem ??= overlap is null ? null : $"EgressGateway {gateway.Metadata.Name}: {overlap}";
                if (gateway.Spec.Unassigned == UnassignedDynos.ClusterWay)
                {
                    clusterWay.Add(space.Namespace);
                }
            }
            else if (gateway.Spec.IPs is { Count: > 0 })
            {
                problem ??= $"EgressGateway {gateway.Metadata.Name}: an address, a range or a number of it cannot be "
                    + "understood or is another's";
            }
        }

        var orphans = pods.Where(pod => IsGranted(pod) && spaces.All(space => space.Namespace != Namespace(pod)))
            .ToList();
        foreach (var gone in (before?.Spaces ?? []).Where(space =>
            orphans.Any(pod => Namespace(pod) == space.Namespace) && AreFree(space.Addresses)))
        {
            spaces.Add(gone with
            {
                Addresses = [.. gone.Addresses.Select(address => address with { Gateways = [] })],
            });
            numbers.UnionWith(gone.Addresses.Select(item => item.Number));
            taken.UnionWith(gone.Addresses.Select(item => item.Address));
            problem ??= $"the EgressGateway of {gone.Namespace} is gone, and dynos there have no way out";
            foreach (var item in before!.Nodes.Where(item => nodes.Values.All(
                other => other.Name != item.Name && other.Number != item.Number)))
            {
                nodes[item.Name] = item;
            }
        }

        var byNamespace = spaces.DistinctBy(space => space.Namespace)
            .ToDictionary(space => space.Namespace, StringComparer.Ordinal);
        var lost = orphans.Where(pod => !byNamespace.ContainsKey(Namespace(pod))).ToList();
        if (lost.Count > 0)
        {
            // Blocks the space instead of using the node's address; other spaces are not affected.
            var unknown = new FixedIPSpace("", [], []);
            spaces.Add(unknown);
            lost.ForEach(pod => byNamespace[Namespace(pod)] = unknown);
            problem ??= $"{Text(lost[0])} has a fixed IP and its space has no sound EgressGateway: it has no way out";
        }

        return new EgressCluster(
            nodes.TryGetValue(node, out var own) ? own.Number : null,
            [.. nodes.Values.OrderBy(item => item.Number)],
            [.. spaces],
            [
                .. pods.Select(pod => ReadPod(pod, byNamespace, clusterWay)).OfType<EgressPod>()
                    .OrderBy(pod => pod.Name, StringComparer.Ordinal),
            ])
        {
            Orphan = lost.Select(Text).FirstOrDefault(),
        };

        // Used neither by another space nor twice in this one.
        bool AreFree(ImmutableArray<FixedIP> addresses) =>
            addresses.Select(item => item.Number).Distinct().Count() == addresses.Length
            && addresses.Select(item => item.Address).Distinct().Count() == addresses.Length
            && !addresses.Any(item => numbers.Contains(item.Number) || taken.Contains(item.Address));

        static string Namespace(V1Pod pod) => pod.Metadata.NamespaceProperty;

        static string Text(V1Pod pod) => $"{Namespace(pod)}/{pod.Metadata.Name}";

        static bool IsGranted(V1Pod pod) =>
            pod.Metadata.Labels?.ContainsKey(Labels.Dyno) == true
            && pod.Spec?.HostNetwork != true
            && pod.Status?.Phase is not ("Succeeded" or "Failed")
            // Dynos of other providers also have address annotations, but use the cluster's own routing.
            && pod.Spec?.InitContainers?.Any(IsOwnGate) == true
            && pod.Metadata.Annotations is { } annotations
            && (annotations.ContainsKey(Annotations.OutboundIP) || annotations.ContainsKey(Annotations.OutboundIP6));
    }

    /// <summary>Whether the container waits for a gateway of the built-in provider.</summary>
    public static bool IsOwnGate(V1Container container) =>
        container.Name == GateName && container.Args?.Contains("--gate") == true;

    /// <summary>The egress status in the NodeNetwork of a node.</summary>
    public static NodeEgress Status(EgressState state) => new()
    {
        Holds = [.. state.Holds.Select(address => address.ToString()).Order(StringComparer.Ordinal)],
        Uses =
        [
            .. state.InUse.Keys.Union(state.Idle.Concat(state.Released).Select(block => block.Address))
                .Select(address => new NodeEgressUse
                {
                    Address = address.ToString(),
                    PortsInUse = state.InUse.GetValueOrDefault(address),
                    Idle = FirstPorts(state.Idle, address),
                    Released = FirstPorts(state.Released, address),
                })
                .Where(use => use.PortsInUse > 0 || use.Idle is not null || use.Released is not null)
                .OrderBy(use => use.Address, StringComparer.Ordinal),
        ],
        Occupied =
        [
            .. state.Occupied
                .Select(item => new OccupiedAddress
                {
                    Address = item.Key.ToString(),
                    Mac = EgressWorker.Text(item.Value),
                })
                .OrderBy(item => item.Address, StringComparer.Ordinal),
        ],
        Refused = state.Drops.Where(item => item.Key is EgressRules.NoWay or EgressRules.Guard or EgressRules.Forged)
            .Sum(item => item.Value),
        Drops =
        [
            // Excludes unsolicited packets to fixed IPs, which must not make the node write to the API server.
            .. state.Drops
                .Where(item => item.Value > 0 && item.Key is EgressRules.NoWay or EgressRules.Guard
                    or EgressRules.Forged or EgressRules.Protocol)
                .OrderBy(item => item.Key, StringComparer.Ordinal)
                .Select(item => new NodeEgressDrop { Reason = item.Key, Packets = item.Value }),
        ],
    };

    private static List<int>? FirstPorts(IEnumerable<(IPAddress Address, int First)> blocks, IPAddress address)
    {
        List<int> ports =
        [
            .. blocks.Where(block => block.Address.Equals(address)).Select(block => block.First).Order(),
        ];
        return ports.Count > 0 ? ports : null;
    }

    private static TunnelNode? ReadNode(Api.Egress.EgressNode node)
    {
        var addresses = (node.Addresses ?? [])
            .Select(text => IPAddress.TryParse(text, out var address) ? address : null).OfType<IPAddress>()
            .OrderBy(address => address.AddressFamily != AddressFamily.InterNetwork)
            .ToImmutableArray();
        return addresses.IsEmpty || node.Number is < 1 or > TunnelNumbers.LastNode
            ? null
            : new TunnelNode(node.Name, node.Number, addresses);
    }

    /// <param name="overlap">The ports that are ignored because another block has them; null for none.</param>
    private static FixedIPSpace? ReadSpace(
        EgressGateway gateway, Dictionary<string, TunnelNode> nodes, out string? overlap)
    {
        overlap = null;
        var addresses = new List<FixedIP>();
        foreach (var ip in gateway.Spec.IPs ?? [])
        {
            if (!IPAddress.TryParse(ip.Address, out var address)
                || ip.Number is < 1 or > TunnelNumbers.LastAddress)
            {
                return null;
            }

            addresses.Add(new FixedIP(address, ip.Number)
            {
                IsPresent = ip.Mode == EgressAddressMode.Present,
                IsShared = ip.Mode == EgressAddressMode.Present && ip.Shared == true,
                Gateways =
                [
                    .. (ip.Gateways ?? []).Where(nodes.ContainsKey).Select(name => nodes[name].Number).Distinct(),
                ],
                Ports = ReadPorts(ip, nodes, ref overlap),
            });
        }

        var exempt = new List<IPNetwork>();
        foreach (var text in gateway.Spec.Exempt ?? [])
        {
            if (!IPNetwork.TryParse(text, out var range))
            {
                return null;
            }

            exempt.Add(range);
        }

        return addresses.Count == 0 ? null : new FixedIPSpace(gateway.Spec.Namespace, [.. addresses], [.. exempt]);
    }

    /// <summary>
    /// nftables refuses a table with overlapping blocks of an address, so only the first one in the list applies.
    /// </summary>
    private static ImmutableArray<PortBlock> ReadPorts(
        EgressIP ip, Dictionary<string, TunnelNode> nodes, ref string? overlap)
    {
        var blocks = ImmutableArray.CreateBuilder<PortBlock>();
        foreach (var block in (ip.Ports ?? []).Where(block => nodes.ContainsKey(block.Node)
            && block is { First: >= 1 and <= ushort.MaxValue, Last: <= ushort.MaxValue }
            && block.First <= block.Last))
        {
            if (blocks.Any(other => block.First <= other.Last && other.First <= block.Last))
            {
                overlap ??= $"ports {block.First} to {block.Last} of {ip.Address} for {block.Node} are another block's";
            }
            else
            {
                blocks.Add(new PortBlock(nodes[block.Node].Number, block.First, block.Last)
                {
                    IsRetiring = block.Retiring == true,
                });
            }
        }

        return blocks.ToImmutable();
    }

    /// <summary>The pod of a dyno; null if it is not of a space, has ended, or has no address yet.</summary>
    private static EgressPod? ReadPod(
        V1Pod pod, Dictionary<string, FixedIPSpace> spaces, HashSet<string> clusterWay)
    {
        if (!spaces.TryGetValue(pod.Metadata.NamespaceProperty, out var space)
            || pod.Metadata.Labels?.ContainsKey(Labels.Dyno) != true
            || pod.Spec?.HostNetwork == true
            || pod.Status?.Phase is "Succeeded" or "Failed")
        {
            return null;
        }

        var granted = new[] { Annotations.OutboundIP, Annotations.OutboundIP6 }
            .Select(name => pod.Metadata.Annotations?.TryGetValue(name, out var text) == true ? text : null)
            .OfType<string>()
            .ToList();
        if (granted.Count == 0 && (space.Addresses.IsEmpty || clusterWay.Contains(space.Namespace)))
        {
            return null;
        }

        var addresses = (pod.Status?.PodIPs?.Select(item => item.Ip) ?? [pod.Status?.PodIP])
            .Select(text => IPAddress.TryParse(text, out var address) ? address : null).OfType<IPAddress>()
            .Select(address => (address, Number(address)))
            .ToImmutableArray();
        return addresses.IsEmpty
            ? null
            : new EgressPod(
                pod.Metadata.Uid ?? "", $"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}", space.Key, addresses)
            {
                IsTerminating = pod.Metadata.DeletionTimestamp is not null,
                Created = pod.Metadata.CreationTimestamp ?? default,
            };

        int? Number(IPAddress address) => space.Addresses
            .Where(item => item.Address.AddressFamily == address.AddressFamily
                && granted.Any(text => IPAddress.TryParse(text, out var wanted) && wanted.Equals(item.Address)))
            .Select(item => (int?)item.Number)
            .FirstOrDefault();
    }
}
