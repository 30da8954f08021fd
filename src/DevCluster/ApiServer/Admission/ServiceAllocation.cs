using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Validation;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Admission;

/// <summary>Allocates the cluster IP and node ports of a valid Service, as the last step before storage.</summary>
internal sealed class ServiceAllocation : IAdmissionPlugin
{
    private readonly ServiceAddressPool _addresses = new();
    private readonly NodePortPool _ports = new();

    public void Admit(AdmissionContext context)
    {
        if (context.Resource != KnownResources.Services
            || context.Subresource is not null
            || context.Object?.Map("spec") is not { } spec)
        {
            return;
        }

        var findings = new Findings();
        if (spec.Text("type") != "ExternalName")
        {
            Families(spec);
            Address(context, spec, findings);
        }

        if (spec.Text("type") == "NodePort"
            || (spec.Text("type") == "LoadBalancer" && spec.Flag("allocateLoadBalancerNodePorts") != false))
        {
            NodePorts(context, spec, findings);
        }

        if (findings.Errors.Count > 0)
        {
            throw ApiErrors.Invalid("", "Service", context.Name, findings.Errors);
        }
    }

    private static void Families(JsonObject spec)
    {
        // Without a selector the families of the endpoints are unknown, so the real server allows both.
        var isOpen = spec.Text("clusterIP") == "None" && spec.Map("selector") is not { Count: > 0 };
        spec.Default(
            "ipFamilies",
            isOpen && !spec.Has("ipFamilyPolicy") ? new JsonArray("IPv4", "IPv6") : new JsonArray("IPv4"));
        spec.Default("ipFamilyPolicy", isOpen ? "RequireDualStack" : "SingleStack");
    }

    private void Address(AdmissionContext context, JsonObject spec, Findings findings)
    {
        if (spec.Text("clusterIP") == "None")
        {
            return;
        }

        if (spec.Text("clusterIP") is { Length: > 0 } wanted)
        {
            if (wanted != context.Old.Text("spec", "clusterIP") && _addresses.Claim(wanted, context) is { } refusal)
            {
                findings.Invalid(
                    FieldPath.At("spec")["clusterIPs"],
                    new JsonArray(wanted),
                    $"failed to allocate IP {wanted}: {refusal}");
            }

            return;
        }

        var address = _addresses.Next(context)
            ?? throw new ApiStatusException(500, "InternalError", "failed to allocate a serviceIP: range is full");
        spec["clusterIP"] = address;
        spec["clusterIPs"] = new JsonArray(address);
    }

    private void NodePorts(AdmissionContext context, JsonObject spec, Findings findings)
    {
        foreach (var (i, port) in spec.Items("ports").Index())
        {
            var field = FieldPath.At("spec")["ports"][i]["nodePort"];
            if (port.Number("nodePort") is not (> 0 and var wanted))
            {
                port["nodePort"] = _ports.Next(context);
            }
            else if (_ports.Claim(wanted, port.Text("protocol") ?? "TCP", context) is { } refusal)
            {
                findings.Invalid(field, wanted, refusal);
            }
        }
    }
}
