using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>Validates pods and pod templates.</summary>
internal static class PodValidation
{
    private const long LargestInt = int.MaxValue;

    public static void Pod(JsonObject pod, JsonObject? old, Findings findings)
    {
        var spec = pod.Map("spec") ?? [];
        var path = FieldPath.At("spec");
        if (old is not null)
        {
            // A spec that was accepted before is not validated again if only metadata changes.
            if (!spec.SameAs(old["spec"]))
            {
                PodUpdateValidation.Validate(spec, old.Map("spec") ?? [], findings, path);
            }

            return;
        }

        Spec(spec, findings, path);
        if (spec.List("ephemeralContainers") is { Count: > 0 })
        {
            findings.Forbidden(path["ephemeralContainers"], "cannot be set on create");
        }

        Whitespace(spec, findings, path);
    }

    /// <param name="claims">Names of volumes that the workload adds to its pods.</param>
    public static void Template(
        JsonObject? template, Findings findings, FieldPath path, IReadOnlySet<string>? claims = null)
    {
        ObjectMetaValidation.Labels(template.Map("metadata", "labels"), findings, path["metadata"]["labels"]);
        if (template?["metadata"] is { } metadata)
        {
            ObjectMetaValidation.Annotations(metadata, findings, path["metadata"]["annotations"]);
        }

        Spec(template.Map("spec") ?? [], findings, path["spec"], claims);
    }

    private static void Spec(JsonObject spec, Findings findings, FieldPath path, IReadOnlySet<string>? claims = null)
    {
        var volumes = VolumeValidation.Validate(spec, findings, path["volumes"])
            .Union(claims ?? new HashSet<string>())
            .ToHashSet();
        Containers(spec, volumes, findings, path);
        findings.OneOf(path["restartPolicy"], spec.Text("restartPolicy"), "Always", "OnFailure", "Never");
        findings.OneOf(
            path["dnsPolicy"], spec.Text("dnsPolicy"), "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None");
        ObjectMetaValidation.Labels(spec.Map("nodeSelector"), findings, path["nodeSelector"]);
        SecurityContextValidation.Pod(spec.Map("securityContext"), findings, path["securityContext"]);
        AffinityValidation.Validate(spec.Map("affinity"), findings, path["affinity"]);
        DnsConfigValidation.Validate(spec, findings, path["dnsConfig"]);
        SchedulingValidation.TopologySpread(spec, findings, path["topologySpreadConstraints"]);
        Identity(spec, findings, path);
        SchedulingValidation.Tolerations(spec, findings, path["tolerations"]);
        HostAliases(spec, findings, path["hostAliases"]);
        Gates(spec, findings, path);
        if (spec.Map("os") is { } system)
        {
            OperatingSystem(system, findings, path["os"]);
        }
    }

    private static void Gates(JsonObject spec, Findings findings, FieldPath path)
    {
        foreach (var (i, gate) in spec.Items("readinessGates").Index())
        {
            var type = gate.TextOrEmpty("conditionType");
            findings.Invalid(
                path["readinessGates"][i]["conditionType"], type, NameFormats.QualifiedName(type));
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, name) in spec.Items("schedulingGates").Select(gate => gate.TextOrEmpty("name")).Index())
        {
            var at = path["schedulingGates"][i];
            findings.Invalid(at, name, NameFormats.QualifiedName(name));
            if (!names.Add(name))
            {
                findings.Duplicate(at, name);
            }
        }
    }

    private static void OperatingSystem(JsonObject system, Findings findings, FieldPath path)
    {
        if (system.NonEmpty("name") is { } name)
        {
            findings.OneOf(path, name, "linux", "windows");
        }
        else
        {
            findings.Required(path["name"]);
        }
    }

    private static void Containers(JsonObject spec, IReadOnlySet<string> volumes, Findings findings, FieldPath path)
    {
        if (spec.List("containers") is not { Count: > 0 })
        {
            findings.Required(path["containers"]);
        }

        var isOnHost = spec.Flag("hostNetwork") == true;
        var claims = spec.Items("resourceClaims").Select(claim => claim.TextOrEmpty("name")).ToHashSet();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            foreach (var (i, container) in spec.Items(list).Index())
            {
                var at = path[list][i];
                ContainerValidation.Validate(container, list == "initContainers", volumes, isOnHost, findings, at);
                ResourceValidation.Claims(container.Items("resources", "claims"), claims, findings, at);
                if (container.Text("name") is { Length: > 0 } name && !names.Add(name))
                {
                    findings.Duplicate(at["name"], name);
                }
            }
        }
    }

    private static void Whitespace(JsonObject spec, Findings findings, FieldPath path)
    {
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            foreach (var (i, image) in spec.Items(list).Select(container => container.Text("image") ?? "").Index())
            {
                var at = path[list][i]["image"];
                if (image.Length > 0 && image.Trim() != image)
                {
                    findings.Invalid(at, image, "must not have leading or trailing whitespace");
                }
            }
        }
    }

    private static void Identity(JsonObject spec, Findings findings, FieldPath path)
    {
        if (spec.Text("serviceAccountName") is { Length: > 0 } account)
        {
            findings.Invalid(path["serviceAccountName"], account, NameFormats.Subdomain(account));
        }

        if (spec.Text("nodeName") is { Length: > 0 } node)
        {
            findings.Invalid(path["nodeName"], node, NameFormats.Subdomain(node));
        }

        if (spec.Number("activeDeadlineSeconds") is { } deadline and (< 1 or > LargestInt))
        {
            findings.Invalid(path["activeDeadlineSeconds"], deadline, "must be between 1 and 2147483647, inclusive");
        }

        foreach (var field in (ReadOnlySpan<string>)["hostname", "subdomain"])
        {
            if (spec.Text(field) is { Length: > 0 } name)
            {
                findings.Invalid(path[field], name, NameFormats.Label(name));
            }
        }

        findings.NonNegative(path["terminationGracePeriodSeconds"], spec.Number("terminationGracePeriodSeconds"));
        if (spec.Text("priorityClassName") is { Length: > 0 } priority)
        {
            findings.Invalid(path["priorityClassName"], priority, NameFormats.Subdomain(priority));
        }
    }

    private static void HostAliases(JsonObject spec, Findings findings, FieldPath path)
    {
        foreach (var (i, alias) in spec.Items("hostAliases").Index())
        {
            var at = path[i];
            AddressFormats.Address(findings, at["ip"], alias.Text("ip") ?? "");
            var host = 0;
            foreach (var name in alias.Texts("hostnames"))
            {
                findings.Invalid(at["hostnames"][host++], name, NameFormats.Subdomain(name));
            }
        }
    }
}

/// <summary>Validates the DNS configuration of a pod.</summary>
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

        foreach (var (i, server) in config.Texts("nameservers").Index())
        {
            AddressFormats.Address(findings, path["nameservers"][i], server);
        }

        foreach (var (i, search) in config.Texts("searches").Index())
        {
            var at = path["searches"][i];
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

        foreach (var (i, option) in config.Items("options").Index())
        {
            var at = path["options"][i];
            if (string.IsNullOrEmpty(option.Text("name")))
            {
                findings.Required(at, "must not be empty");
            }
        }
    }

    [GeneratedRegex(@"\A_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex SearchDomain();
}
