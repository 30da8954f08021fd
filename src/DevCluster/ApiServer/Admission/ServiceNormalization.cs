using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Admission;

/// <summary>
/// Normalizes a Service before validation: an update that omits allocated values keeps them, and a change of type drops
/// the fields that the new type does not have.
/// </summary>
internal sealed class ServiceNormalization : IAdmissionPlugin
{
    private static readonly string[] AddressFields =
    [
        "clusterIP",
        "clusterIPs",
        "ipFamilies",
        "ipFamilyPolicy",
        "internalTrafficPolicy",
    ];

    public void Admit(AdmissionContext context)
    {
        if (context.Resource != KnownResources.Services
            || context.Subresource is not null
            || context.Object?.Map("spec") is not { } spec)
        {
            return;
        }

        if (context.Old?.Map("spec") is { } old)
        {
            KeepAllocated(spec, old);
            DropForeign(spec, old);
        }

        AlignAddresses(spec, isNew: context.Old is null);
    }

    private static void KeepAllocated(JsonObject spec, JsonObject old)
    {
        if (!IsExternal(spec) && !IsExternal(old))
        {
            if (string.IsNullOrEmpty(spec.Text("clusterIP")) && spec.List("clusterIPs") is not { Count: > 0 })
            {
                Copy(spec, old, "clusterIP");
                Copy(spec, old, "clusterIPs");
            }
            else if (!spec.Has("clusterIPs") || spec.Text("clusterIP") != old.Text("clusterIP"))
            {
                spec.Remove("clusterIPs");
            }

            Copy(spec, old, "ipFamilies");
            Copy(spec, old, "ipFamilyPolicy");
        }

        if (!HasNodePorts(spec) || !HasNodePorts(old))
        {
            return;
        }

        foreach (var port in spec.Items("ports").Where(port => port.Number("nodePort") is null or 0))
        {
            var same = old.Items("ports").FirstOrDefault(
                before => before.Number("port") == port.Number("port")
                    && before.Text("protocol") == port.Text("protocol"));
            if (same?.Number("nodePort") is > 0 and var number)
            {
                port["nodePort"] = number;
            }
        }
    }

    private static void DropForeign(JsonObject spec, JsonObject old)
    {
        if (IsExternal(spec) && !IsExternal(old))
        {
            foreach (var field in AddressFields)
            {
                spec.Remove(field);
            }
        }

        if (!HasNodePorts(spec) && HasNodePorts(old))
        {
            foreach (var port in spec.Items("ports"))
            {
                port.Remove("nodePort");
            }

            spec.Remove("externalTrafficPolicy");
            spec.Remove("allocateLoadBalancerNodePorts");
            spec.Remove("healthCheckNodePort");
        }
    }

    // The plural field is authoritative and the singular is its first entry; updating clients may write either.
    private static void AlignAddresses(JsonObject spec, bool isNew)
    {
        if (spec.Text("clusterIP") is { Length: > 0 } address && !spec.Has("clusterIPs"))
        {
            spec["clusterIPs"] = new JsonArray(address);
        }
        else if (!isNew && string.IsNullOrEmpty(spec.Text("clusterIP")) && spec.Texts("clusterIPs") is [var first, ..])
        {
            spec["clusterIP"] = first;
        }
    }

    private static void Copy(JsonObject to, JsonObject from, string field)
    {
        if (!to.Has(field) && from[field] is { } value)
        {
            to[field] = value.DeepClone();
        }
    }

    private static bool IsExternal(JsonObject spec) => spec.Text("type") == "ExternalName";

    private static bool HasNodePorts(JsonObject spec) => spec.Text("type") is "NodePort" or "LoadBalancer";
}
