using System.Collections.Immutable;

namespace Dynospace.Reachability.Compilation;

/// <summary>Finds where the port ranges of a cluster's rules begin and end.</summary>
internal static class PortBoundaries
{
    public static ImmutableArray<TransportPort> Of(SnapshotContent content)
    {
        var numbered = from policy in content.Policies
                       from rule in (policy.Ingress ?? []).Concat(policy.Egress ?? [])
                       from port in rule.Ports
                       where port.Name is null
                       select (port.Protocol, port.First, port.Last);
        var named = from pod in content.Pods.Values
                    from port in pod.Pod.NamedPorts
                    select (port.Port.Protocol, First: port.Port.Number, Last: port.Port.Number);
        var ranges = numbered.Concat(named).ToArray();
        var boundaries = Enum.GetValues<TransportProtocol>().Select(protocol => (Protocol: protocol, Number: TransportPort.Lowest))
            .Concat(ranges.Select(range => (range.Protocol, Number: range.First)))
            .Concat(ranges.Select(range => (range.Protocol, Number: range.Last + 1)));
        return
        [
            .. boundaries.Where(boundary => boundary.Number <= TransportPort.Highest).Distinct().Order()
                .Select(boundary => new TransportPort(boundary.Protocol, boundary.Number)),
        ];
    }
}
