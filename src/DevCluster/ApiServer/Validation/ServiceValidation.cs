using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>Validates Services.</summary>
internal static class ServiceValidation
{
    private const int LongestAffinity = 86_400;

    public static void Validate(JsonObject service, JsonObject? old, Findings findings)
    {
        var spec = service.Map("spec") ?? [];
        var path = FieldPath.At("spec");
        Unchanged(spec, old.Map("spec"), findings, path);
        var type = spec.Text("type");
        var isHeadless = spec.Text("clusterIP") == "None";
        if (spec.List("ports") is not { Count: > 0 } && !isHeadless && type != "ExternalName")
        {
            findings.Required(path["ports"]);
        }

        if (type == "ExternalName")
        {
            ExternalName(spec, findings, path);
        }
        else
        {
            Addresses(spec, findings, path);
        }

        if (isHeadless && type is "NodePort" or "LoadBalancer")
        {
            findings.Invalid(path["clusterIPs"][0], "None", $"may not be set to 'None' for {type} services");
        }

        Ports(spec, findings, path["ports"]);
        ObjectMetaValidation.Labels(spec.Map("selector"), findings, path["selector"]);
        Affinity(spec, findings, path);
        findings.OneOf(path["type"], type, "ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
        Exposure(spec, type, findings, path);
    }

    private static void Affinity(JsonObject spec, Findings findings, FieldPath path)
    {
        findings.OneOf(path["sessionAffinity"], spec.Text("sessionAffinity"), "ClientIP", "None");
        var timeout = spec.Number("sessionAffinityConfig", "clientIP", "timeoutSeconds");
        if (spec.Text("sessionAffinity") == "ClientIP" && timeout is <= 0 or > LongestAffinity)
        {
            findings.Invalid(
                path["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"],
                timeout,
                $"must be greater than 0 and less than {LongestAffinity}");
        }
    }

    private static void Unchanged(JsonObject spec, JsonObject? old, Findings findings, FieldPath path)
    {
        if (old is null || spec.Text("type") == "ExternalName" || old.Text("type") == "ExternalName")
        {
            return;
        }

        if (old.Text("clusterIP") is { Length: > 0 } address && spec.Text("clusterIP") != address)
        {
            findings.Invalid(path["clusterIPs"][0], spec["clusterIPs"]?.DeepClone(), "may not change once set");
        }

        if (spec.Text("type") == "LoadBalancer"
            && old.Text("type") == "LoadBalancer"
            && spec.Text("loadBalancerClass") != old.Text("loadBalancerClass"))
        {
            findings.Invalid(path["loadBalancerClass"], spec.Text("loadBalancerClass"), "may not change once set");
        }
    }

    private static void ExternalName(JsonObject spec, Findings findings, FieldPath path)
    {
        foreach (var field in (ReadOnlySpan<string>)["clusterIPs", "ipFamilies", "ipFamilyPolicy"])
        {
            if (spec.Count(field) > 0 || spec.Text(field) is not null)
            {
                findings.Forbidden(path[field], "may not be set for ExternalName services");
            }
        }

        var name = spec.TextOrEmpty("externalName");
        name = name.EndsWith('.') ? name[..^1] : name;
        if (name.Length > 0)
        {
            findings.Invalid(path["externalName"], name, NameFormats.Subdomain(name));
        }
        else
        {
            findings.Required(path["externalName"]);
        }
    }

    private static void Addresses(JsonObject spec, Findings findings, FieldPath path)
    {
        var (at, addresses) = (path["clusterIPs"], spec.Texts("clusterIPs"));
        if (addresses is [var first, ..])
        {
            if (spec.NonEmpty("clusterIP") is not { } address)
            {
                findings.Invalid(at, spec["clusterIPs"], "must be empty when `clusterIP` is not specified");
            }
            else if (address != first)
            {
                findings.Invalid(at, spec["clusterIPs"], "first value must match `clusterIP`");
            }
        }

        Families(spec, findings, path);
        foreach (var (i, address) in addresses.Index())
        {
            if (i > 0 || address != "None")
            {
                AddressFormats.Address(findings, at[i], address);
            }
            else if (addresses.Count > 1)
            {
                findings.Invalid(at, spec["clusterIPs"], "'None' must be the first and only value");
            }
        }

        if (addresses.Count > 2)
        {
            findings.Invalid(at, spec["clusterIPs"], "may only hold up to 2 values");
        }
    }

    private static void Families(JsonObject spec, Findings findings, FieldPath path)
    {
        var families = spec.Texts("ipFamilies");
        foreach (var (i, family) in families.Index())
        {
            findings.OneOf(path["ipFamilies"][i], family, "IPv4", "IPv6");
            if (families.Take(i).Contains(family))
            {
                findings.Duplicate(path["ipFamilies"][i], family);
            }
        }

        findings.OneOf(
            path["ipFamilyPolicy"],
            spec.Text("ipFamilyPolicy"),
            "PreferDualStack",
            "RequireDualStack",
            "SingleStack");
    }

    private static void Ports(JsonObject spec, Findings findings, FieldPath path)
    {
        var ports = spec.Items("ports").ToList();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < ports.Count; i++)
        {
            PortName(ports[i], ports.Count > 1, names, findings, path[i]["name"]);
            findings.Port(path[i]["port"], ports[i].Number("port") ?? 0);
            findings.OneOf(path[i]["protocol"], ports[i].Text("protocol"), "SCTP", "TCP", "UDP");
            findings.PortReference(path[i]["targetPort"], ports[i]["targetPort"]);
            if (ports[i].Text("appProtocol") is { } protocol)
            {
                findings.Invalid(path[i]["appProtocol"], protocol, NameFormats.QualifiedName(protocol));
            }
        }

        var taken = new HashSet<(string?, long?)>();
        for (var i = 0; i < ports.Count; i++)
        {
            var (protocol, port) = (ports[i].Text("protocol"), ports[i].Number("port"));
            if (!taken.Add((protocol, port)))
            {
                // The real server prints its internal struct here, reduced to the fields that must be unique.
                findings.Duplicate(path[i], new JsonObject
                {
                    ["Name"] = "",
                    ["Protocol"] = protocol,
                    ["AppProtocol"] = null,
                    ["Port"] = port,
                    ["TargetPort"] = 0,
                    ["NodePort"] = 0,
                });
            }
        }
    }

    private static void PortName(
        JsonObject port, bool isRequired, HashSet<string> names, Findings findings, FieldPath path)
    {
        if (port.Text("name") is not { Length: > 0 } name)
        {
            if (isRequired)
            {
                findings.Required(path);
            }

            return;
        }

        findings.Invalid(path, name, NameFormats.Label(name));
        if (!names.Add(name))
        {
            findings.Duplicate(path, name);
        }
    }

    private static void Exposure(JsonObject spec, string? type, Findings findings, FieldPath path)
    {
        var isExposed = type is "NodePort" or "LoadBalancer" || spec.List("externalIPs") is { Count: > 0 };
        if (spec.Text("externalTrafficPolicy") is { Length: > 0 } policy && !isExposed)
        {
            findings.Invalid(
                path["externalTrafficPolicy"], policy, "may only be set for externally-accessible services");
        }
        else
        {
            findings.OneOf(path["externalTrafficPolicy"], spec.Text("externalTrafficPolicy"), "Cluster", "Local");
        }

        findings.OneOf(path["internalTrafficPolicy"], spec.Text("internalTrafficPolicy"), "Cluster", "Local");
        findings.OneOf(
            path["trafficDistribution"],
            spec.Text("trafficDistribution"),
            "PreferClose",
            "PreferSameZone",
            "PreferSameNode");
        NodePorts(spec, type, findings, path);
        ExternalAddresses(spec, findings, path["externalIPs"]);
        LoadBalancer(spec, type, findings, path);
    }

    private static void NodePorts(JsonObject spec, string? type, Findings findings, FieldPath path)
    {
        var taken = new HashSet<(string?, long)>();
        foreach (var (i, port) in spec.Items("ports").Index())
        {
            var (at, number) = (path["ports"][i]["nodePort"], port.NumberOrZero("nodePort"));
            if (number == 0)
            {
                continue;
            }

            if (type == "ClusterIP")
            {
                findings.Forbidden(at, "may not be used when `type` is 'ClusterIP'");
            }

            if (!taken.Add((port.Text("protocol"), number)))
            {
                findings.Invalid(at, number, "provided port is already allocated");
            }
        }

        if (spec.Number("healthCheckNodePort") is not (null or 0) and var health)
        {
            if (type == "LoadBalancer" && spec.Text("externalTrafficPolicy") == "Local")
            {
                findings.Port(path["healthCheckNodePort"], health.Value);
            }
            else
            {
                findings.Invalid(
                    path["healthCheckNodePort"],
                    health,
                    "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
            }
        }
    }

    private static void ExternalAddresses(JsonObject spec, Findings findings, FieldPath path)
    {
        foreach (var (i, text) in spec.Texts("externalIPs").Index())
        {
            var at = path[i];
            if (!AddressFormats.TryAddress(text, out var address))
            {
                findings.Invalid(at, text, AddressFormats.AddressMessage);
            }
            else if (AddressFormats.Special(address, text) is { } problem)
            {
                findings.Invalid(at, text, problem);
            }
        }
    }

    private static void LoadBalancer(JsonObject spec, string? type, Findings findings, FieldPath path)
    {
        const string Only = "may only be used when `type` is 'LoadBalancer'";
        if (type != "LoadBalancer" && spec.Has("allocateLoadBalancerNodePorts"))
        {
            findings.Forbidden(path["allocateLoadBalancerNodePorts"], Only);
        }

        if (spec.Text("loadBalancerClass") is { } name)
        {
            if (type == "LoadBalancer")
            {
                findings.Invalid(path["loadBalancerClass"], name, NameFormats.QualifiedName(name));
            }
            else
            {
                findings.Forbidden(path["loadBalancerClass"], Only);
            }
        }

        foreach (var (i, range) in spec.Texts("loadBalancerSourceRanges").Index())
        {
            if (!AddressFormats.TryNetwork(range.Trim(), out _, out _))
            {
                findings.Invalid(path["LoadBalancerSourceRanges"][i], range.Trim(), AddressFormats.NetworkMessage);
            }
        }

        if (type != "LoadBalancer" && spec.List("loadBalancerSourceRanges") is { Count: > 0 })
        {
            findings.Forbidden(path["LoadBalancerSourceRanges"], Only);
        }
    }
}

/// <summary>Validates EndpointSlices.</summary>
internal static class EndpointValidation
{
    public static void Slice(JsonObject slice, JsonObject? old, Findings findings)
    {
        var type = slice.Text("addressType") ?? "";
        if (type.Length == 0)
        {
            findings.Required(FieldPath.At("addressType"));
        }
        else
        {
            findings.OneOf(FieldPath.At("addressType"), type, "FQDN", "IPv4", "IPv6");
        }

        if (old is not null && old.Text("addressType") != type)
        {
            findings.Invalid(FieldPath.At("addressType"), type, "field is immutable");
        }

        Ports(slice, findings);
        foreach (var (i, endpoint) in slice.Items("endpoints").Index())
        {
            Endpoint(endpoint, type, findings, FieldPath.At("endpoints")[i]);
        }
    }

    private static void Ports(JsonObject slice, Findings findings)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, port) in slice.Items("ports").Index())
        {
            var at = FieldPath.At("ports")[i];
            var name = port.Text("name") ?? "";
            if (name.Length > 0)
            {
                findings.Invalid(at["name"], name, NameFormats.Label(name));
            }

            if (!names.Add(name))
            {
                findings.Duplicate(at["name"], name);
            }

            findings.OneOf(at["protocol"], port.Text("protocol"), "SCTP", "TCP", "UDP");
        }
    }

    private static void Endpoint(JsonObject endpoint, string type, Findings findings, FieldPath path)
    {
        if (endpoint.List("addresses") is not { Count: > 0 })
        {
            findings.Required(path["addresses"], "must contain at least 1 address");
        }

        foreach (var (i, address) in endpoint.Texts("addresses").Index())
        {
            var at = path["addresses"][i];
            if (type is "IPv4" or "IPv6")
            {
                Address(address, type, findings, path["addresses"], at);
            }
        }

        if (endpoint.Text("hostname") is { Length: > 0 } host)
        {
            findings.Invalid(path["hostname"], host, NameFormats.Label(host));
        }
    }

    private static void Address(string text, string type, Findings findings, FieldPath list, FieldPath path)
    {
        if (!AddressFormats.TryAddress(text, out var address))
        {
            findings.Invalid(path, text, AddressFormats.AddressMessage);
            return;
        }

        var family = type == "IPv4" ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        if (address.AddressFamily != family)
        {
            findings.Invalid(list, text, type == "IPv4" ? "must be an IPv4 address" : "must be an IPv6 address");
        }

        if (IPAddress.IsLoopback(address))
        {
            findings.Invalid(path, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
        }
    }
}
