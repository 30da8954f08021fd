using System.Text.Json;
using Dynospace.Api;
using Dynospace.Runtime;

namespace Dynospace.Controllers.Caching;

/// <summary>
/// What is kept of a Service: whose it is, its addresses, and which pods it is for. Only the operator's own keep their
/// content.
/// </summary>
internal sealed record ServiceState(
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
        var live = LiveObject.Decode(Kinds.Service, service, keepContent: false);
        if (live.Labels.TryGetValue(Labels.ManagedBy, out var by) && by == Labels.ManagedByValue)
        {
            return Own(service);
        }

        var spec = service.TryGetProperty("spec", out var found) ? found : default;
        return new ServiceState(live, AddressesOf(spec), SelectorOf(spec))
        {
            Ports = PortsOf(spec),
            DnsTargetPorts = DnsTargetPortsOf(spec),
        };
    }

    /// <summary>
    /// Apps' Services are many and need no more than their content; routers' also have addresses to tell.
    /// </summary>
    private static ServiceState Own(JsonElement service)
    {
        var live = LiveObject.Decode(Kinds.Service, service);
        if (!live.Labels.ContainsKey(Labels.Component))
        {
            return new ServiceState(live, AddressesOf(Member(service, "spec")), Nobody);
        }

        var spec = Member(service, "spec");
        var ingress = Member(Member(Member(service, "status"), "loadBalancer"), "ingress");
        return new ServiceState(live, AddressesOf(spec), Nobody)
        {
            IsLoadBalancer = Member(spec, "type") is { ValueKind: JsonValueKind.String } type
                && type.GetString() == "LoadBalancer",
            ExternalAddresses = ingress.ValueKind == JsonValueKind.Array
                ?
                [
                    .. ingress.EnumerateArray()
                        .Select(entry => Text(entry, "ip") ?? Text(entry, "hostname"))
                        .OfType<string>(),
                ]
                : [],
        };
    }

    private static List<int> PortsOf(JsonElement spec) =>
        Member(spec, "ports") is { ValueKind: JsonValueKind.Array } ports
            ?
            [
                .. ports.EnumerateArray()
                    .Select(port => Member(port, "port"))
                    .Where(port => port.ValueKind == JsonValueKind.Number)
                    .Select(port => port.GetInt32()),
            ]
            : [];

    private static List<int> DnsTargetPortsOf(JsonElement spec) =>
        [
            .. Json.Items(spec, "ports")
                .Where(port => Json.Number(port, "port") == 53)
                .Select(port => Json.Number(port, "targetPort"))
                .OfType<int>()
                .Distinct(),
        ];

    private static string? Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static List<string> AddressesOf(JsonElement spec) =>
        Member(spec, "clusterIPs") is { ValueKind: JsonValueKind.Array } addresses
            ?
            [
                .. addresses.EnumerateArray()
                    .Select(a => a.GetString())
                    .OfType<string>()
                    .Where(a => a.Length > 0 && a != "None"),
            ]
            : [];

    private static Dictionary<string, string> SelectorOf(JsonElement spec) =>
        Member(spec, "selector") is { ValueKind: JsonValueKind.Object } selector
            ? selector.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetString() ?? "")
            : Nobody;

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;
}
