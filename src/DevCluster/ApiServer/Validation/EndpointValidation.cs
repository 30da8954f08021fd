using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>Endpoint slices.</summary>
internal static class EndpointValidation
{
    public static void Slice(JsonObject slice, JsonObject? old, Findings findings)
    {
        var type = slice.Text("addressType") ?? "";
        if (type.Length == 0)
        {
            findings.Required(FieldPath.Of("addressType"));
        }
        else
        {
            findings.OneOf(FieldPath.Of("addressType"), type, "FQDN", "IPv4", "IPv6");
        }

        if (old is not null && old.Text("addressType") != type)
        {
            findings.Invalid(FieldPath.Of("addressType"), type, "field is immutable");
        }

        Ports(slice, findings);
        var index = 0;
        foreach (var endpoint in slice.Items("endpoints"))
        {
            Endpoint(endpoint, type, findings, FieldPath.Of("endpoints")[index++]);
        }
    }

    private static void Ports(JsonObject slice, Findings findings)
    {
        var index = 0;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var port in slice.Items("ports"))
        {
            var at = FieldPath.Of("ports")[index++];
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

        var index = 0;
        foreach (var address in endpoint.Texts("addresses"))
        {
            var at = path["addresses"][index++];
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
