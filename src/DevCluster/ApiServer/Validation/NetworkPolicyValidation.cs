using System.Net;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Validation;

/// <summary>Validates NetworkPolicies.</summary>
internal static class NetworkPolicyValidation
{
    private static readonly (string Rules, string Peers)[] Directions = [("ingress", "from"), ("egress", "to")];

    public static void Validate(JsonObject policy, JsonObject? old, Findings findings)
    {
        var spec = policy.Map("spec") ?? [];
        var path = FieldPath.At("spec");
        LabelSelectorValidation.Validate(spec.Map("podSelector"), findings, path["podSelector"]);
        foreach (var (rules, peers) in Directions)
        {
            foreach (var (i, rule) in spec.Items(rules).Index())
            {
                Rule(rule, peers, findings, path[rules][i]);
            }
        }

        var types = spec.Texts("policyTypes").ToList();
        if (types.Count > 2)
        {
            findings.Invalid(
                path["policyTypes"], spec["policyTypes"]?.DeepClone(), "may not specify more than two policyTypes");
            return;
        }

        foreach (var (i, type) in types.Index())
        {
            findings.OneOf(path["policyTypes"][i], type, "Ingress", "Egress");
        }
    }

    private static void Rule(JsonObject rule, string peers, Findings findings, FieldPath path)
    {
        foreach (var (i, port) in rule.Items("ports").Index())
        {
            Port(port, findings, path["ports"][i]);
        }

        foreach (var (i, peer) in rule.Items(peers).Index())
        {
            Peer(peer, findings, path[peers][i]);
        }
    }

    private static void Port(JsonObject port, Findings findings, FieldPath path)
    {
        findings.OneOf(path["protocol"], port.Text("protocol"), "TCP", "UDP", "SCTP");
        findings.PortReference(path["port"], port["port"]);
        if (port.Number("endPort") is not { } end)
        {
            return;
        }

        var at = path["endPort"];
        if (!port.Has("port"))
        {
            findings.Invalid(at, end, "may not be specified when `port` is not specified");
        }
        else if (port.Number("port") is not { } begin)
        {
            findings.Invalid(at, end, "may not be specified when `port` is non-numeric");
        }
        else if (end < begin)
        {
            // The real server shows the port here instead of the end port.
            findings.Invalid(at, begin, "must be greater than or equal to `port`");
        }
        else
        {
            findings.Port(at, end);
        }
    }

    private static void Peer(JsonObject peer, Findings findings, FieldPath path)
    {
        var hasBlock = peer.Has("ipBlock");
        var hasSelector = peer.Has("podSelector") || peer.Has("namespaceSelector");
        LabelSelectorValidation.Validate(peer.Map("podSelector"), findings, path["podSelector"]);
        LabelSelectorValidation.Validate(peer.Map("namespaceSelector"), findings, path["namespaceSelector"]);
        if (peer.Map("ipBlock") is { } block)
        {
            Block(block, findings, path["ipBlock"]);
        }

        if (!hasBlock && !hasSelector)
        {
            findings.Required(path, "must specify a peer");
        }
        else if (hasBlock && hasSelector)
        {
            findings.Forbidden(path, "may not specify both ipBlock and another peer");
        }
    }

    private static void Block(JsonObject block, Findings findings, FieldPath path)
    {
        if (block.Text("cidr") is not { Length: > 0 } cidr)
        {
            findings.Required(path["cidr"]);
            return;
        }

        if (Network(cidr, findings, path["cidr"]) is not { } outer)
        {
            return;
        }

        foreach (var (i, except) in block.Texts("except").Index())
        {
            var at = path["except"][i];
            if (Network(except, findings, at) is { } inner && !AddressFormats.IsStrictSubset(inner, outer))
            {
                findings.Invalid(at, except, "must be a strict subset of `cidr`");
            }
        }
    }

    private static (IPAddress Address, int Prefix)? Network(string text, Findings findings, FieldPath path)
    {
        if (!AddressFormats.TryNetwork(text, out var address, out var prefix))
        {
            findings.Invalid(path, text, AddressFormats.NetworkMessage);
            return null;
        }

        if (AddressFormats.HasHostBits(address, prefix))
        {
            findings.Invalid(path, text, "must not have bits set beyond the prefix length");
        }

        return (address, prefix);
    }
}
