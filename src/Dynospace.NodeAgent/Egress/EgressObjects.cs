using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Dynospace.Api;
using Dynospace.Api.Egress;
using k8s.Models;

namespace Dynospace.NodeAgent.Egress;

/// <summary>Reads what the API server shows. Pure. What cannot be understood of one space stops no other.</summary>
internal static class EgressObjects
{
    /// <param name="node">The name of this node.</param>
    /// <param name="gateways">All EgressGateways.</param>
    /// <param name="pods">The pods of this node.</param>
    /// <param name="before">What was read before. A space that is gone has no gateway as long as dynos use it.</param>
    /// <param name="problem">What cannot be understood; null if all can.</param>
    public static EgressCluster Read(
        string node, IReadOnlyCollection<EgressGateway> gateways, IReadOnlyCollection<V1Pod> pods,
        EgressCluster? before, out string? problem)
    {
        problem = null;
        var nodes = new Dictionary<string, EgressNode>(StringComparer.Ordinal);
        var spaces = new List<EgressSpace>();
        var clusterWay = new HashSet<string>(StringComparer.Ordinal);
        var numbers = new HashSet<int>();
        foreach (var gateway in gateways.OrderBy(item => item.Metadata.Name, StringComparer.Ordinal))
        {
            foreach (var item in gateway.Spec.Nodes ?? [])
            {
                if (ReadNode(item) is { } read && nodes.Values.All(
                    other => other.Name == read.Name || other.Number != read.Number))
                {
                    nodes[read.Name] = read;
                }
                else
                {
                    problem ??= $"EgressGateway {gateway.Metadata.Name}: node {item.Name} cannot be understood, or its "
                        + $"number {item.Number} is another node's";
                }
            }

            if (ReadSpace(gateway, nodes) is { } space && space.Addresses.All(item => numbers.Add(item.Number)))
            {
                spaces.Add(space);
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
            orphans.Any(pod => Namespace(pod) == space.Namespace)
            && space.Addresses.All(item => numbers.Add(item.Number))))
        {
            spaces.Add(gone with
            {
                Addresses = [.. gone.Addresses.Select(address => address with { Gateways = [] })],
            });
            problem ??= $"the EgressGateway of {gone.Namespace} is gone, and dynos there have no way out";
            foreach (var item in before!.Nodes.Where(item => nodes.Values.All(
                other => other.Name != item.Name && other.Number != item.Number)))
            {
                nodes[item.Name] = item;
            }
        }

        var byNamespace = spaces.DistinctBy(space => space.Namespace)
            .ToDictionary(space => space.Namespace, StringComparer.Ordinal);
        return new EgressCluster(
            nodes.TryGetValue(node, out var own) ? own.Number : null,
            [.. nodes.Values.OrderBy(item => item.Number)],
            [.. spaces],
            [
                .. pods.Select(pod => ReadPod(pod, byNamespace, clusterWay)).OfType<EgressPod>()
                    .OrderBy(pod => pod.Name, StringComparer.Ordinal),
            ])
        {
            Orphan = orphans.Where(pod => !byNamespace.ContainsKey(Namespace(pod)))
                .Select(pod => $"{Namespace(pod)}/{pod.Metadata.Name}").FirstOrDefault(),
        };

        static string Namespace(V1Pod pod) => pod.Metadata.NamespaceProperty;

        static bool IsGranted(V1Pod pod) =>
            pod.Metadata.Labels?.ContainsKey(Labels.Dyno) == true
            && pod.Spec?.HostNetwork != true
            && pod.Status?.Phase is not ("Succeeded" or "Failed")
            && pod.Metadata.Annotations is { } annotations
            && (annotations.ContainsKey(Annotations.OutboundIP) || annotations.ContainsKey(Annotations.OutboundIP6));
    }

    /// <summary>What a node says in its NodeNetwork.</summary>
    public static NodeEgress Status(EgressState state) => new()
    {
        Holds = [.. state.Holds.Select(address => address.ToString()).Order(StringComparer.Ordinal)],
        Uses =
        [
            .. state.InUse.Where(item => item.Value > 0)
                .Select(item => new NodeEgressUse { Address = item.Key.ToString(), PortsInUse = item.Value })
                .OrderBy(item => item.Address, StringComparer.Ordinal),
        ],
        Refused = state.Drops.Where(item => item.Key is EgressRules.NoWay or EgressRules.Guard or EgressRules.Forged)
            .Sum(item => item.Value),
    };

    private static EgressNode? ReadNode(Api.Egress.EgressNode node)
    {
        var addresses = (node.Addresses ?? [])
            .Select(text => IPAddress.TryParse(text, out var address) ? address : null).OfType<IPAddress>()
            .OrderBy(address => address.AddressFamily != AddressFamily.InterNetwork)
            .ToImmutableArray();
        return addresses.IsEmpty || node.Number is < 1 or > TunnelNumbers.LastNode
            ? null
            : new EgressNode(node.Name, node.Number, addresses);
    }

    private static EgressSpace? ReadSpace(EgressGateway gateway, Dictionary<string, EgressNode> nodes)
    {
        var addresses = new List<FixedAddress>();
        foreach (var ip in gateway.Spec.IPs ?? [])
        {
            if (!IPAddress.TryParse(ip.Address, out var address)
                || ip.Number is < 1 or > TunnelNumbers.LastAddress)
            {
                return null;
            }

            addresses.Add(new FixedAddress(address, ip.Number)
            {
                IsPresent = ip.Mode == EgressAddressMode.Present,
                Gateways =
                [
                    .. (ip.Gateways ?? []).Where(nodes.ContainsKey).Select(name => nodes[name].Number).Distinct(),
                ],
                Ports =
                [
                    .. (ip.Ports ?? []).Where(block => nodes.ContainsKey(block.Node) && block.First <= block.Last)
                        .Select(block => new PortBlock(nodes[block.Node].Number, block.First, block.Last)),
                ],
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

        return addresses.Count == 0 ? null : new EgressSpace(gateway.Spec.Namespace, [.. addresses], [.. exempt]);
    }

    /// <summary>A dyno's pod; null for one that is not a space's, has ended, or has no address yet.</summary>
    private static EgressPod? ReadPod(
        V1Pod pod, Dictionary<string, EgressSpace> spaces, HashSet<string> clusterWay)
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
        if (granted.Count == 0 && clusterWay.Contains(space.Namespace))
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
