using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Egress;

/// <summary>Combines the reports of node agents into the status of one space's EgressGateway.</summary>
public static class EgressGatewayStatusBuilder
{
    /// <param name="gateway">The object as stored.</param>
    /// <param name="planned">Its plan.</param>
    /// <param name="nodes">The nodes of the cluster, with what their agents report.</param>
    /// <param name="isSimulated">Whether this is a dev cluster without agents.</param>
    /// <param name="now">The current time.</param>
    public static EgressGatewayStatus Build(
        EgressGateway gateway,
        PlannedEgress planned,
        IReadOnlyList<NodeFacts> nodes,
        bool isSimulated,
        PlatformOptions options,
        DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        ArgumentNullException.ThrowIfNull(planned);
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(options);
        List<EgressIPStatus> ips = [.. (planned.Gateway.Spec.IPs ?? []).Select(ip => StatusOf(ip, nodes))];
        var conditions = new ConditionTable(
            gateway.Status?.Conditions, gateway.Metadata.Generation, now, options.Cluster.StallAfter);
        var (status, problem) = Judge(planned, ips, nodes, isSimulated);
        conditions.Set(ConditionTypes.Ready, status, problem.Reason, problem.Message);
        return new()
        {
            ObservedGeneration = gateway.Metadata.Generation,
            Summary = string.Join(',', ips.Select(ip => $"{ip.Address}@{ip.Gateway ?? "-"}")),
            IPs = ips,
            Conditions = conditions.ToList(),
        };
    }

    private static EgressIPStatus StatusOf(EgressIP ip, IReadOnlyList<NodeFacts> nodes) => new()
    {
        Address = ip.Address,
        // The most recent report wins: a node that is cut off or dead leaves its last report behind.
        Gateway = nodes.Where(node => ip.Gateways?.Contains(node.Name) == true
                && node.Report?.Holds?.Contains(ip.Address) == true)
            .OrderByDescending(node => node.ReportVersion)
            .ThenBy(node => ip.Gateways!.IndexOf(node.Name))
            .FirstOrDefault()?.Name,
        Ports = (ip.Ports ?? []).Sum(PortBlocks.SizeOf),
        PortsInUse = nodes.Sum(
            node => node.Report?.Uses?.FirstOrDefault(use => use.Address == ip.Address)?.PortsInUse ?? 0),
    };

    private static (string Status, Problem Problem) Judge(
        PlannedEgress planned, List<EgressIPStatus> ips, IReadOnlyList<NodeFacts> nodes, bool isSimulated)
    {
        if (planned.Problems.FirstOrDefault(problem => problem.Reason.IsFault) is { } fault)
        {
            return (ConditionStatus.False, fault);
        }

        if (isSimulated)
        {
            return (
                ConditionStatus.Unknown,
                new(Reasons.Simulated, "This is a dev cluster: it has no packets, and no gateway."));
        }

        if (Occupied(planned, nodes) is { } occupied)
        {
            return (ConditionStatus.False, occupied);
        }

        if (ips.Find(ip => ip.Gateway is null) is { } lost)
        {
            return (
                ConditionStatus.False,
                new(
                    Reasons.GatewayUnavailable,
                    $"No gateway node reports {lost.Address}: see the NodeNetworks of nodes "
                    + $"{GatewaysOf(planned, lost.Address)}; the node agent must run there with its part egress on."));
        }

        if (planned.Problems.Count > 0)
        {
            return (ConditionStatus.True, planned.Problems[0]);
        }

        return planned.Gateway.Spec.IPs?.FirstOrDefault(ip => ip.Gateways is not { Count: > 1 }) is { } single
            ? (ConditionStatus.True, new(
                Reasons.NoFailover,
                $"Traffic of {single.Address} stops when node {single.Gateways?[0]} fails, its only gateway."))
            : (ConditionStatus.True, new(
                Reasons.Ready,
                string.Create(CultureInfo.InvariantCulture, $"Each of {ips.Count} addresses is at a gateway.")));
    }

    /// <summary>The conflict that a gateway found on its network before or after it announced an address.</summary>
    private static Problem? Occupied(PlannedEgress planned, IReadOnlyList<NodeFacts> nodes) =>
    (
        from ip in planned.Gateway.Spec.IPs ?? []
        from node in nodes
        where ip.Gateways?.Contains(node.Name) == true
        from occupied in node.Report?.Occupied ?? []
        where occupied.Address == ip.Address
        select new Problem(
            Reasons.AddressOccupied,
            $"The machine with hardware address {occupied.Mac} has {ip.Address} on the network of node {node.Name}, "
            + "and is not a gateway: take the address from it, or use another one in spec.outboundIPs.")
    ).FirstOrDefault();

    private static string GatewaysOf(PlannedEgress planned, string address) => string.Join(
        ", ", planned.Gateway.Spec.IPs?.FirstOrDefault(ip => ip.Address == address)?.Gateways ?? []);
}
