using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>Services.</summary>
internal static class ServiceValidation
{
    public static void Validate(JsonObject service, JsonObject? old, Findings findings)
    {
        var spec = service.Map("spec") ?? [];
        var path = FieldPath.Of("spec");
        Unchanged(spec, old.Map("spec"), findings, path);
        var type = spec.Text("type");
        var isHeadless = spec.Text("clusterIP") == "None";
        if (spec.List("ports") is not { Count: > 0 } && !isHeadless && type != "ExternalName")
        {
            findings.Required(path["ports"]);
        }

        if (type == "ExternalName")
        {
            ExternalName(spec, findings, path["externalName"]);
        }
        else
        {
            Address(spec, findings, path["clusterIPs"]);
        }

        if (isHeadless && type is "NodePort" or "LoadBalancer")
        {
            findings.Invalid(path["clusterIPs"][0], "None", $"may not be set to 'None' for {type} services");
        }

        Ports(spec, findings, path["ports"]);
        ObjectMetaValidation.Labels(spec.Map("selector"), findings, path["selector"]);
        findings.OneOf(path["sessionAffinity"], spec.Text("sessionAffinity"), "ClientIP", "None");
        findings.OneOf(path["type"], type, "ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
        Exposure(spec, type, findings, path);
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
    }

    private static void ExternalName(JsonObject spec, Findings findings, FieldPath path)
    {
        if (spec.Text("externalName") is { Length: > 0 } name)
        {
            findings.Invalid(path, name, NameFormats.Subdomain(name.TrimEnd('.')));
        }
        else
        {
            findings.Required(path);
        }
    }

    private static void Address(JsonObject spec, Findings findings, FieldPath path)
    {
        var index = 0;
        foreach (var address in spec.Texts("clusterIPs"))
        {
            var at = path[index++];
            if (address != "None")
            {
                AddressFormats.Address(findings, at, address);
            }
        }
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
        }

        var taken = new HashSet<(string?, long?)>();
        for (var i = 0; i < ports.Count; i++)
        {
            var (protocol, port) = (ports[i].Text("protocol"), ports[i].Number("port"));
            if (!taken.Add((protocol, port)))
            {
                // The real server prints its internal struct here, reduced to what must be unique.
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
        var index = 0;
        foreach (var port in spec.Items("ports"))
        {
            var at = path["ports"][index++]["nodePort"];
            if (type == "ClusterIP" && port.Number("nodePort") is not (null or 0))
            {
                findings.Forbidden(at, "may not be used when `type` is 'ClusterIP'");
            }
        }

        index = 0;
        foreach (var range in spec.Texts("loadBalancerSourceRanges"))
        {
            if (!AddressFormats.TryNetwork(range.Trim(), out _, out _))
            {
                findings.Invalid(path["LoadBalancerSourceRanges"][index], range, AddressFormats.NetworkMessage);
            }

            index++;
        }

        if (type != "LoadBalancer" && spec.List("loadBalancerSourceRanges") is { Count: > 0 })
        {
            findings.Forbidden(path["LoadBalancerSourceRanges"], "may only be used when `type` is 'LoadBalancer'");
        }
    }
}
