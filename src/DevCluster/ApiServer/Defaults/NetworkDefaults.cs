using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Defaults;

/// <summary>Network policies and endpoints.</summary>
internal static class NetworkDefaults
{
    public static void NetworkPolicy(JsonObject policy)
    {
        var spec = policy.Ensure("spec");
        spec.Ensure("podSelector");
        foreach (var port in spec.Items("ingress").Concat(spec.Items("egress")).SelectMany(rule => rule.Items("ports")))
        {
            port.Default("protocol", "TCP");
        }

        var hasEgress = spec.List("egress") is { Count: > 0 };
        foreach (var direction in (ReadOnlySpan<string>)["ingress", "egress"])
        {
            if (spec[direction] is JsonArray { Count: 0 })
            {
                spec.Remove(direction);
            }
        }

        if (spec.List("policyTypes") is { Count: > 0 })
        {
            return;
        }

        // Policies cover egress only if they have an egress rule; an empty list does not count.
        spec["policyTypes"] = hasEgress ? new JsonArray("Ingress", "Egress") : new JsonArray("Ingress");
    }

    public static void EndpointSlice(JsonObject slice)
    {
        foreach (var port in slice.Items("ports"))
        {
            port.Default("name", "");
            port.Default("protocol", "TCP");
        }

        foreach (var endpoint in slice.Items("endpoints"))
        {
            endpoint.Ensure("conditions");
        }
    }

    public static void Endpoints(JsonObject endpoints)
    {
        foreach (var port in endpoints.Items("subsets").SelectMany(subset => subset.Items("ports")))
        {
            port.Default("protocol", "TCP");
        }
    }
}

/// <summary>Services, except for addresses, which admission allocates.</summary>
internal static class ServiceDefaults
{
    public static void Service(JsonObject service)
    {
        var spec = service.Ensure("spec");
        spec.Default("sessionAffinity", "None");
        if (spec.Text("sessionAffinity") == "ClientIP")
        {
            spec.Ensure("sessionAffinityConfig").Ensure("clientIP").Default("timeoutSeconds", 10800);
        }
        else
        {
            spec.Remove("sessionAffinityConfig");
        }

        spec.Default("type", "ClusterIP");
        foreach (var port in spec.Items("ports"))
        {
            port.Default("protocol", "TCP");
            if (!port.Has("targetPort") || port.Text("targetPort") is "" || port.Number("targetPort") == 0)
            {
                port["targetPort"] = port.Number("port") ?? 0;
            }
        }

        var type = spec.Text("type");
        if (type is "NodePort" or "LoadBalancer")
        {
            spec.Default("externalTrafficPolicy", "Cluster");
        }

        if (type != "ExternalName")
        {
            spec.Default("internalTrafficPolicy", "Cluster");
        }

        if (type == "LoadBalancer")
        {
            spec.Default("allocateLoadBalancerNodePorts", true);
        }
    }
}
