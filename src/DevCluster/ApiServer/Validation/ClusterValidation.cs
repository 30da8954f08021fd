using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>Namespaces, nodes, leases, events, budgets, claims, autoscalers and priority classes.</summary>
internal static class ClusterValidation
{
    private static readonly string[] PodSecurityModes = ["enforce", "audit", "warn"];
    private static readonly string[] SystemClasses = ["system-node-critical", "system-cluster-critical"];

    public static void Namespace(JsonObject content, JsonObject? old, Findings findings)
    {
        var labels = content.Map("metadata", "labels");
        foreach (var mode in PodSecurityModes)
        {
            var path = FieldPath.Of("metadata")["labels"];
            var key = $"pod-security.kubernetes.io/{mode}";
            if (labels.Text(key) is { } level && level is not ("privileged" or "baseline" or "restricted"))
            {
                findings.Invalid(path.Key(key), level, "must be one of privileged, baseline, restricted");
            }

            if (labels.Text(key + "-version") is { } version && !IsVersion(version))
            {
                findings.Invalid(path.Key(key + "-version"), version, "must be \"latest\" or \"v1.x\"");
            }
        }
    }

    public static void Node(JsonObject node, JsonObject? old, Findings findings)
    {
        var index = 0;
        var seen = new HashSet<(string?, string?)>();
        foreach (var taint in node.Map("spec").Items("taints"))
        {
            // The real server looks for them under metadata.
            var at = FieldPath.Of("metadata")["taints"][index++];
            var (key, effect) = (taint.Text("key") ?? "", taint.Text("effect") ?? "");
            findings.Invalid(at["key"], key, NameFormats.QualifiedName(key));
            findings.Invalid(at["value"], taint.Text("value") ?? "", NameFormats.LabelValue(taint.Text("value") ?? ""));
            findings.OneOf(at["effect"], effect, "NoSchedule", "PreferNoSchedule", "NoExecute");
            if (!seen.Add((key, effect)))
            {
                var shown = new JsonObject
                {
                    ["Key"] = key,
                    ["Value"] = taint.Text("value") ?? "",
                    ["Effect"] = effect,
                    ["TimeAdded"] = null,
                };
                findings.Duplicate(at, shown, "taints must be unique by key and effect pair");
            }
        }

        if (node.Text("spec", "podCIDR") is { Length: > 0 } cidr && !AddressFormats.TryNetwork(cidr, out _, out _))
        {
            findings.Invalid(FieldPath.Of("spec")["podCIDRs"][0], cidr, AddressFormats.NetworkMessage);
        }
    }

    public static void Lease(JsonObject lease, JsonObject? old, Findings findings)
    {
        var path = FieldPath.Of("spec");
        if (lease.Number("spec", "leaseDurationSeconds") is <= 0 and var duration)
        {
            findings.Invalid(path["leaseDurationSeconds"], duration, "must be greater than 0");
        }

        findings.NonNegative(path["leaseTransitions"], lease.Number("spec", "leaseTransitions"));
    }

    public static void Event(JsonObject content, JsonObject? old, Findings findings)
    {
        var about = content.Text("involvedObject", "namespace") ?? content.Text("regarding", "namespace") ?? "";
        var home = content.Text("metadata", "namespace") ?? "";
        if (about != home && (about.Length > 0 || home != "default"))
        {
            findings.Invalid(FieldPath.Of("involvedObject")["namespace"], about, "does not match event.namespace");
        }
    }

    public static void Budget(JsonObject budget, JsonObject? old, Findings findings)
    {
        var (spec, path) = (budget.Map("spec") ?? [], FieldPath.Of("spec"));
        if (spec.Has("minAvailable") && spec.Has("maxUnavailable"))
        {
            var shown = new JsonObject
            {
                ["MinAvailable"] = spec["minAvailable"]?.DeepClone(),
                ["Selector"] = spec["selector"]?.DeepClone(),
                ["MaxUnavailable"] = spec["maxUnavailable"]?.DeepClone(),
                ["UnhealthyPodEvictionPolicy"] = null,
            };
            findings.Invalid(path, shown, "minAvailable and maxUnavailable cannot be both set");
        }

        WorkloadValidation.CountOrPercent(spec["minAvailable"], findings, path["minAvailable"]);
        WorkloadValidation.CountOrPercent(spec["maxUnavailable"], findings, path["maxUnavailable"]);
        LabelSelectorValidation.Validate(spec.Map("selector"), findings, path["selector"]);
    }

    public static void Claim(JsonObject claim, JsonObject? old, Findings findings)
    {
        var path = FieldPath.Of("spec");
        if (claim.List("spec", "accessModes") is not { Count: > 0 })
        {
            findings.Required(path["accessModes"], "at least 1 access mode is required");
        }

        if (!claim.Has("spec", "resources", "requests", "storage"))
        {
            findings.Required(path["resources"].Key("storage"));
        }
    }

    public static void Autoscaler(JsonObject autoscaler, JsonObject? old, Findings findings)
    {
        var (spec, path) = (autoscaler.Map("spec") ?? [], FieldPath.Of("spec"));
        var most = spec.Number("maxReplicas") ?? 0;
        if (most < 1)
        {
            findings.Required(path["maxReplicas"], "must be set and greater than 0");
        }

        if (most < (spec.Number("minReplicas") ?? 1))
        {
            findings.Invalid(path["maxReplicas"], most, "must be greater than or equal to `minReplicas`");
        }

        var target = path["scaleTargetRef"];
        foreach (var field in (ReadOnlySpan<string>)["kind", "name"])
        {
            if (string.IsNullOrEmpty(spec.Text("scaleTargetRef", field)))
            {
                findings.Required(target[field]);
            }
        }
    }

    public static void PriorityClass(JsonObject priorityClass, JsonObject? old, Findings findings)
    {
        var name = priorityClass.Text("metadata", "name") ?? "";
        if (name.StartsWith("system-", StringComparison.Ordinal) && !SystemClasses.Contains(name))
        {
            findings.Forbidden(
                FieldPath.Of("metadata")["name"],
                $"priority class names with 'system-' prefix are reserved for system use only. error: {name} is not a "
                + $"known system priority class");
        }
        else if (!SystemClasses.Contains(name) && priorityClass.Number("value") is > 1_000_000_000)
        {
            findings.Forbidden(FieldPath.Of("value"), "maximum allowed value of a user defined priority is 1000000000");
        }
    }

    private static bool IsVersion(string version) =>
        version == "latest"
        || (version.StartsWith("v1.", StringComparison.Ordinal) && uint.TryParse(version.AsSpan(3), out _));
}
