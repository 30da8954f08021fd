using Dynospace.Api.Spaces;
using k8s.Models;

namespace Dynospace.Planning.Policies;

/// <summary>Ports of policies, always as numbers since names depend on the selected pod.</summary>
public static class Ports
{
    /// <summary>The protocol as NetworkPolicies write it.</summary>
    public const string Tcp = "TCP";

    /// <summary>The protocol as NetworkPolicies write it.</summary>
    public const string Udp = "UDP";

    /// <summary>Every port of both protocols.</summary>
    public static IList<V1NetworkPolicyPort> AllTcpAndUdp => [new() { Protocol = Tcp }, new() { Protocol = Udp }];

    /// <summary>Distinct ports over TCP, in ascending order.</summary>
    public static IList<V1NetworkPolicyPort> TcpOnly(IEnumerable<int> ports) =>
        [.. ports.Distinct().Order().Select(port => One(Tcp, port, null))];

    /// <summary>Each port over UDP and over TCP.</summary>
    public static IList<V1NetworkPolicyPort> Dns(IEnumerable<int> ports) =>
        [.. ports.Distinct().Order().SelectMany(port => new[] { One(Udp, port, null), One(Tcp, port, null) })];

    /// <summary>The ports of a tenant's rule. A rule without a protocol covers TCP and UDP.</summary>
    public static IList<V1NetworkPolicyPort> FromRule(EgressRule rule) =>
        rule.Protocol switch
        {
            NetworkProtocol.TCP => [One(Tcp, rule.Port, rule.EndPort)],
            NetworkProtocol.UDP => [One(Udp, rule.Port, rule.EndPort)],
            _ => [One(Tcp, rule.Port, rule.EndPort), One(Udp, rule.Port, rule.EndPort)],
        };

    private static V1NetworkPolicyPort One(string protocol, int? port, int? endPort) =>
        new()
        {
            Protocol = protocol,
            Port = port is { } number ? (IntOrString)number : null,
            EndPort = endPort is { } last && last != port ? last : null,
        };
}
