using System.Globalization;
using System.Text;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;

namespace DevCluster.Network.Services;

/// <summary>A Service port and its endpoints.</summary>
/// <param name="Name">Namespace, name and port of the Service.</param>
/// <param name="Address">The cluster IP; null for none.</param>
/// <param name="Balancers">The load balancer addresses.</param>
/// <param name="NodePort">The node port; null for none.</param>
/// <param name="KeepsSource">Whether external clients keep their address (externalTrafficPolicy Local).</param>
/// <param name="Sources">The source ranges allowed to reach the load balancer; empty allows all.</param>
internal sealed record ServicePort(
    string Name,
    string Protocol,
    int Port,
    string? Address,
    IReadOnlyList<string> Balancers,
    int? NodePort,
    bool KeepsSource,
    IReadOnlyList<string> Sources,
    IReadOnlyList<ServiceEndpoint> Endpoints);

/// <summary>An endpoint of a Service.</summary>
/// <param name="Node">The node of the pod; null if the address does not belong to a pod.</param>
internal sealed record ServiceEndpoint(string Address, int Port, string? Node);

/// <summary>Pure: the Services of a cluster in the form that a node translates.</summary>
internal static class ServiceTable
{
    private const string ServiceLabel = "kubernetes.io/service-name";

    public static IReadOnlyList<ServicePort> Build(
        IEnumerable<StoredObject> services, IEnumerable<StoredObject> slices)
    {
        var byService = slices
            .Where(slice => slice.Content.Text("addressType") == "IPv4")
            .ToLookup(slice => (slice.Namespace, slice.Content.Text("metadata", "labels", ServiceLabel)));
        return
        [
            .. services.SelectMany(service => service.Content.Map("spec").Items("ports").Select(port =>
                PortOf(service, port, byService[(service.Namespace, service.Name)])))
                .OrderBy(port => port.Name, StringComparer.Ordinal),
        ];
    }

    private static ServicePort PortOf(
        StoredObject service, System.Text.Json.Nodes.JsonObject port, IEnumerable<StoredObject> slices)
    {
        var spec = service.Content.Map("spec");
        var name = port.Text("name") ?? "";
        var address = spec.Text("clusterIP") is { Length: > 0 } ip && ip != "None" ? ip : null;
        return new ServicePort(
            $"{service.Namespace}/{service.Name}:{name}",
            (port.Text("protocol") ?? "TCP").ToLowerInvariant(),
            (int)(port.Number("port") ?? 0),
            address,
            [
                .. service.Content.Map("status").Items("loadBalancer", "ingress")
                    .Select(ingress => ingress.Text("ip")).OfType<string>(),
            ],
            (int?)port.Number("nodePort"),
            spec.Text("externalTrafficPolicy") == "Local",
            [.. spec.Texts("loadBalancerSourceRanges").Where(range => !range.Contains(':', StringComparison.Ordinal))],
            [.. slices.SelectMany(slice => EndpointsOf(slice, name)).OrderBy(found => found.Address).Distinct()]);
    }

    private static IEnumerable<ServiceEndpoint> EndpointsOf(StoredObject slice, string name)
    {
        var port = slice.Content.Items("ports").FirstOrDefault(port => (port.Text("name") ?? "") == name)
            ?? (slice.Content.Items("ports") is { Count: 1 } only ? only[0] : null);
        return port is null
            ? []
            : slice.Content.Items("endpoints")
                .Where(endpoint => endpoint.Flag("conditions", "ready") != false)
                .SelectMany(endpoint => endpoint.Texts("addresses").Select(address => new ServiceEndpoint(
                    address, (int)(port.Number("port") ?? 0), endpoint.Text("nodeName"))));
    }
}

/// <summary>Pure: writes the nftables rules for address translation on a node or on the load balancer.</summary>
internal static class ServiceRules
{
    private const string Table = "table ip devcluster_services";
    private const string Masqueraded = "0x4000";

    /// <param name="node">The node; null for the router in front of all nodes, which acts as the load balancer.</param>
    public static string For(IReadOnlyList<ServicePort> ports, string? node)
    {
        var rules = new Writer();
        foreach (var port in ports)
        {
            if (port.Address is { } address)
            {
                rules.Add(address, port, port.Endpoints, isMasqueraded: false, []);
            }

            foreach (var balancer in port.Balancers)
            {
                rules.Add(
                    balancer, port, port.Endpoints, isMasqueraded: node is not null && !port.KeepsSource,
                    port.Sources);
            }

            if (node is not null && port.NodePort is { } number)
            {
                rules.AddNodePort(
                    number,
                    port,
                    port.KeepsSource ? [.. port.Endpoints.Where(found => found.Node == node)] : port.Endpoints);
            }
        }

        return rules.ToText();
    }

    private sealed class Writer
    {
        private readonly StringBuilder _chains = new();
        private readonly List<string> _services = [];
        private readonly List<string> _nodePorts = [];
        private readonly List<string> _empty = [];
        private int _count;

        public void Add(
            string address,
            ServicePort port,
            IReadOnlyList<ServiceEndpoint> endpoints,
            bool isMasqueraded,
            IReadOnlyList<string> sources)
        {
            var key = Text($"{address} . {port.Protocol} . {port.Port}");
            if (endpoints.Count == 0)
            {
                _empty.Add(key);
                return;
            }

            _services.Add($"{key} : goto {Chain(port, endpoints, isMasqueraded, sources)}");
        }

        public void AddNodePort(int number, ServicePort port, IReadOnlyList<ServiceEndpoint> endpoints)
        {
            if (endpoints.Count > 0)
            {
                _nodePorts.Add(Text(
                    $"{port.Protocol} . {number} : goto {Chain(port, endpoints, !port.KeepsSource, [])}"));
            }
        }

        public string ToText() => $$"""
            {{Table}}
            delete {{Table}}
            {{Table}} {
            {{_chains}}
              chain services {
            {{Map("ip daddr . meta l4proto . th dport", _services)}}
            {{Map("fib daddr type local meta l4proto . th dport", _nodePorts)}}
              }
              chain prerouting {
                type nat hook prerouting priority dstnat; policy accept;
                jump services
              }
              chain output {
                type nat hook output priority -100; policy accept;
                jump services
              }
              chain postrouting {
                type nat hook postrouting priority srcnat; policy accept;
                meta mark & {{Masqueraded}} == {{Masqueraded}} masquerade
              }
              chain nobody {
            {{Refused(_empty)}}
              }
              chain forward {
                type filter hook forward priority filter - 10; policy accept;
                jump nobody
              }
              chain own {
                type filter hook output priority filter - 10; policy accept;
                jump nobody
              }
            }

            """;

        private string Chain(
            ServicePort port,
            IReadOnlyList<ServiceEndpoint> endpoints,
            bool isMasqueraded,
            IReadOnlyList<string> sources)
        {
            var chain = Text($"service_{++_count}");
            var targets = new List<string>();
            foreach (var (endpoint, index) in endpoints.Select((endpoint, index) => (endpoint, index)))
            {
                var target = Text($"{chain}_{index}");
                targets.Add(Text($"{index} : goto {target}"));
                _chains.Append(CultureInfo.InvariantCulture, $$"""
                      chain {{target}} {
                        ip saddr {{endpoint.Address}} meta mark set meta mark | {{Masqueraded}}
                        meta l4proto {{port.Protocol}} dnat to {{endpoint.Address}}:{{endpoint.Port}}
                      }

                    """);
            }

            _chains.Append(CultureInfo.InvariantCulture, $"  chain {chain} {{ comment \"{port.Name}\"\n");
            if (sources.Count > 0)
            {
                _chains.Append(
                    CultureInfo.InvariantCulture, $"    ip saddr != {{ {string.Join(", ", sources)} }} drop\n");
            }

            if (isMasqueraded)
            {
                _chains.Append(CultureInfo.InvariantCulture, $"    meta mark set meta mark | {Masqueraded}\n");
            }

            _chains.Append(
                CultureInfo.InvariantCulture,
                $"    numgen random mod {endpoints.Count} vmap {{ {string.Join(", ", targets)} }}\n  }}\n");
            return chain;
        }

        private static string Map(string key, List<string> entries) =>
            entries.Count > 0 ? $"    {key} vmap {{ {string.Join(", ", entries)} }}" : "";

        private static string Refused(List<string> entries) => entries.Count > 0
            ? $"    ip daddr . meta l4proto . th dport {{ {string.Join(", ", entries)} }} reject"
            : "";

        private static string Text(FormattableString text) => FormattableString.Invariant(text);
    }
}
