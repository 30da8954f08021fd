using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Printing;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Tables;

/// <summary>The columns of services, endpoints, ingresses and network policies.</summary>
internal static class NetworkColumns
{
    private const int MostShown = 3;

    public static IReadOnlyList<TableColumn> Services { get; } =
    [
        Columns.Name,
        Columns.Text("Type", content => content.Cell("spec", "type")),
        Columns.Text(
            "Cluster-IP",
            content => content.Texts("spec", "clusterIPs") is [var first, ..] ? first : Columns.None),
        Columns.Text("External-IP", ExternalIp),
        Columns.Text("Port(s)", content => Columns.Join(content.Items("spec", "ports").Select(Port))),
        Columns.AgeText,
        Columns.Wide(Columns.Text("Selector", content => SelectorText.Labels(content.At("spec", "selector")))),
    ];

    public static IReadOnlyList<TableColumn> Endpoints { get; } =
    [
        Columns.Name,
        Columns.Text("Endpoints", EndpointAddresses),
        Columns.AgeText,
    ];

    public static IReadOnlyList<TableColumn> EndpointSlices { get; } =
    [
        Columns.Name,
        Columns.Text("AddressType", content => content.Cell("addressType")),
        Columns.Text("Ports", content => Some([.. content.Items("ports").Select(SlicePort)])),
        Columns.Text(
            "Endpoints",
            content => Some([.. content.Items("endpoints").SelectMany(endpoint => endpoint.Texts("addresses"))])),
        Columns.AgeText,
    ];

    public static IReadOnlyList<TableColumn> NetworkPolicies { get; } =
        [
            Columns.Name,
            Columns.Text("Pod-Selector", content => SelectorText.OrNone(content.At("spec", "podSelector"))),
            Columns.AgeText,
        ];

    public static IReadOnlyList<TableColumn> Ingresses { get; } =
    [
        Columns.Name,
        Columns.Text("Class", content => content.CellOr(Columns.None, "spec", "ingressClassName")),
        Columns.Text("Hosts", Hosts),
        Columns.Text("Address", content => string.Join(',', BalancerAddresses(content))),
        Columns.Text("Ports", content => content.Count("spec", "tls") > 0 ? "80, 443" : "80"),
        Columns.AgeText,
    ];

    public static IReadOnlyList<TableColumn> IngressClasses { get; } =
    [
        Columns.NameWithDefault("ingressclass.kubernetes.io/is-default-class"),
        Columns.Text("Controller", content => content.Cell("spec", "controller")),
        Columns.Text("Parameters", Parameters),
        Columns.AgeText,
    ];

    private static string Port(JsonObject port) => port.NumberOrZero("nodePort") is > 0 and var nodePort
        ? $"{port.NumberOrZero("port")}:{nodePort}/{port.Cell("protocol")}"
        : $"{port.NumberOrZero("port")}/{port.Cell("protocol")}";

    private static string ExternalIp(JsonObject service)
    {
        var external = service.Texts("spec", "externalIPs");
        return service.Cell("spec", "type") switch
        {
            "ClusterIP" or "NodePort" => Columns.Join(external),
            "LoadBalancer" =>
                string.Join(',', BalancerAddresses(service).Concat(external)) is { Length: > 0 } addresses
                    ? addresses
                    : "<pending>",
            "ExternalName" => service.Cell("spec", "externalName"),
            _ => "<unknown>",
        };
    }

    private static IEnumerable<string> BalancerAddresses(JsonObject content) => content
        .Items("status", "loadBalancer", "ingress")
        .Select(ingress => ingress.CellOr(ingress.Cell("hostname"), "ip"))
        .Where(address => address.Length > 0)
        .Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal);

    private static string EndpointAddresses(JsonObject endpoints)
    {
        var addresses = endpoints.Items("subsets").SelectMany(subset =>
        {
            var ips = subset.Items("addresses").Select(address => address.Cell("ip")).ToList();
            var ports = subset.Items("ports");
            return ports.Count == 0
                ? ips
                : ports.SelectMany(port => ips.Select(ip => HostPort(ip, port.NumberOrZero("port"))));
        }).ToList();
        return endpoints.Count("subsets") == 0 ? Columns.None
            : addresses.Count == 0 ? ""
            : Some(addresses);
    }

    private static string HostPort(string ip, long port) =>
        ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]:{port}" : $"{ip}:{port}";

    private static string SlicePort(JsonObject port) =>
        port["port"] is not null ? port.Cell("port") : port.CellOr("*", "name");

    private static string Some(List<string> all)
    {
        var shown = string.Join(',', all.Take(MostShown));
        return all.Count > MostShown ? $"{shown} + {all.Count - MostShown} more..."
            : shown.Length > 0 ? shown
            : "<unset>";
    }

    private static string Hosts(JsonObject ingress)
    {
        var rules = ingress.Items("spec", "rules");
        var hosts = rules.Select(rule => rule.Cell("host")).Where(host => host.Length > 0).ToList();
        return hosts.Count == 0 ? "*"
            : hosts.Count > MostShown ? $"{string.Join(',', hosts.Take(MostShown))} + {rules.Count - MostShown} more..."
            : string.Join(',', hosts);
    }

    private static string Parameters(JsonObject ingressClass)
    {
        var parameters = ingressClass.At("spec", "parameters");
        var group = parameters.Cell("apiGroup");
        return parameters is null
            ? Columns.None
            : $"{parameters.Cell("kind")}{(group.Length > 0 ? "." + group : "")}/{parameters.Cell("name")}";
    }
}
