using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Validation;

/// <summary>How a pod resolves names.</summary>
internal static partial class DnsConfigValidation
{
    private const int MaxNameservers = 3;

    public static void Validate(JsonObject spec, Findings findings, FieldPath path)
    {
        if (spec.Text("dnsPolicy") == "None")
        {
            if (spec.Map("dnsConfig") is null)
            {
                findings.Required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
            }
            else if (spec.Map("dnsConfig").List("nameservers") is not { Count: > 0 })
            {
                findings.Required(
                    path["nameservers"], "must provide at least one DNS nameserver when `dnsPolicy` is None");
            }
        }

        if (spec.Map("dnsConfig") is { } config)
        {
            Config(config, findings, path);
        }
    }

    private static void Config(JsonObject config, Findings findings, FieldPath path)
    {
        if (config.List("nameservers") is { Count: > MaxNameservers } servers)
        {
            findings.Invalid(path["nameservers"], servers.DeepClone(), "must not have more than 3 nameservers");
        }

        var index = 0;
        foreach (var server in config.Texts("nameservers"))
        {
            AddressFormats.Address(findings, path["nameservers"][index++], server);
        }

        index = 0;
        foreach (var search in config.Texts("searches"))
        {
            var at = path["searches"][index++];
            if (search != "." && !SearchDomain().IsMatch(search.TrimEnd('.')))
            {
                findings.Invalid(
                    at,
                    search,
                    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or "
                    + "'.', and must start and " +
                    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
                    @"'_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')");
            }
        }

        index = 0;
        foreach (var option in config.Items("options"))
        {
            var at = path["options"][index++];
            if (string.IsNullOrEmpty(option.Text("name")))
            {
                findings.Required(at, "must not be empty");
            }
        }
    }

    [GeneratedRegex(@"\A_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex SearchDomain();
}
