using System.Text.Json;
using Dynospace.Api;
using Dynospace.Runtime;

namespace Dynospace.Controllers.Caching;

/// <summary>
/// The facts of a Service: its owner, its addresses, and the pods that it selects. Only the operator's own Services
/// keep their content.
/// </summary>
public sealed record ServiceState(
    LiveObject Live, IReadOnlyList<string> ClusterAddresses, IReadOnlyDictionary<string, string> Selector)
{
    private static readonly Dictionary<string, string> Nobody = [];

    /// <summary>The addresses that a load balancer gave it.</summary>
    public IReadOnlyList<string> ExternalAddresses { get; init; } = [];

    /// <summary>Whether it asks for a load balancer.</summary>
    public bool IsLoadBalancer { get; init; }

    /// <summary>
    /// The pods' ports behind port 53 of a Service that is not the operator's; named ones are left out.
    /// </summary>
    public IReadOnlyList<int> DnsTargetPorts { get; init; } = [];

    /// <summary>The ports of a Service that is not the operator's.</summary>
    public IReadOnlyList<int> Ports { get; init; } = [];

    public static ServiceState Decode(JsonElement service)
    {
        var live = ManagedObjects.Decode(Kinds.Service, service);
        var spec = JsonMembers.Member(service, "spec");
        var addresses = AddressesOf(spec);
        if (!live.Labels.AreManaged())
        {
            return new ServiceState(live, addresses, SelectorOf(spec))
            {
                Ports =
                [
                    .. JsonMembers.Items(spec, "ports").Select(port => JsonMembers.Number(port, "port")).OfType<int>(),
                ],
                DnsTargetPorts = DnsTargetPortsOf(spec),
            };
        }

        // Apps' Services are many and need no more than their content; those of routers have addresses too.
        return live.Labels.ContainsKey(Labels.Component)
            ? new ServiceState(live, addresses, Nobody)
            {
                IsLoadBalancer = JsonMembers.Text(spec, "type") == "LoadBalancer",
                ExternalAddresses = ExternalAddressesOf(JsonMembers.Member(service, "status")),
            }
            : new ServiceState(live, addresses, Nobody);
    }

    private static List<string> ExternalAddressesOf(JsonElement status) =>
        [
            .. JsonMembers.Items(JsonMembers.Member(status, "loadBalancer"), "ingress")
                .Select(entry => JsonMembers.Text(entry, "ip") ?? JsonMembers.Text(entry, "hostname"))
                .OfType<string>(),
        ];

    private static List<int> DnsTargetPortsOf(JsonElement spec) =>
        [
            .. JsonMembers.Items(spec, "ports")
                .Where(port => JsonMembers.Number(port, "port") == 53)
                .Select(port => JsonMembers.Number(port, "targetPort"))
                .OfType<int>()
                .Distinct(),
        ];

    private static List<string> AddressesOf(JsonElement spec) =>
        [
            .. JsonMembers.Items(spec, "clusterIPs")
                .Select(address => address.GetString())
                .OfType<string>()
                .Where(address => address.Length > 0 && address != "None"),
        ];

    private static Dictionary<string, string> SelectorOf(JsonElement spec) =>
        JsonMembers.Member(spec, "selector").ValueKind == JsonValueKind.Object
            ? JsonMembers.Entries(spec, "selector").ToDictionary(entry => entry.Name, entry => entry.Value)
            : Nobody;
}
