using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>Validates namespaces, nodes, leases, events, budgets and priority classes.</summary>
internal static class ClusterValidation
{
    private static readonly string[] PodSecurityModes = ["enforce", "audit", "warn"];
    private static readonly string[] SystemClasses = ["system-node-critical", "system-cluster-critical"];

    public static void Namespace(JsonObject content, JsonObject? old, Findings findings)
    {
        foreach (var finalizer in content.Texts("spec", "finalizers"))
        {
            ObjectMetaValidation.Finalizer(finalizer, findings, FieldPath.At("spec")["finalizers"]);
        }

        var labels = content.Map("metadata", "labels");
        foreach (var mode in PodSecurityModes)
        {
            var path = FieldPath.At("metadata")["labels"];
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
        var seen = new HashSet<(string?, string?)>();
        foreach (var (i, taint) in node.Map("spec").Items("taints").Index())
        {
            // The real server reports them under metadata.
            var at = FieldPath.At("metadata")["taints"][i];
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
            findings.Invalid(FieldPath.At("spec")["podCIDRs"][0], cidr, AddressFormats.NetworkMessage);
        }
    }

    public static void Lease(JsonObject lease, JsonObject? old, Findings findings)
    {
        var path = FieldPath.At("spec");
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
            findings.Invalid(FieldPath.At("involvedObject")["namespace"], about, "does not match event.namespace");
        }
    }

    public static void Budget(JsonObject budget, JsonObject? old, Findings findings)
    {
        var (spec, path) = (budget.Map("spec") ?? [], FieldPath.At("spec"));
        if (spec.Has("minAvailable") && spec.Has("maxUnavailable"))
        {
            var shown = new JsonObject
            {
                ["MinAvailable"] = spec["minAvailable"]?.DeepClone(),
                ["Selector"] = spec["selector"]?.DeepClone(),
                ["MaxUnavailable"] = spec["maxUnavailable"]?.DeepClone(),
                ["UnhealthyPodEvictionPolicy"] = spec["unhealthyPodEvictionPolicy"]?.DeepClone(),
            };
            findings.Invalid(path, shown, "minAvailable and maxUnavailable cannot be both set");
        }

        foreach (var bound in (ReadOnlySpan<string>)["minAvailable", "maxUnavailable"])
        {
            WorkloadValidation.CountOrPercent(spec[bound], findings, path[bound]);
            WorkloadValidation.AtMostAll(spec[bound], findings, path[bound]);
        }

        LabelSelectorValidation.Validate(spec.Map("selector"), findings, path["selector"]);
        findings.OneOf(
            path["unhealthyPodEvictionPolicy"],
            spec.Text("unhealthyPodEvictionPolicy"),
            "AlwaysAllow",
            "IfHealthyBudget");
    }

    public static void PriorityClass(JsonObject priorityClass, JsonObject? old, Findings findings)
    {
        if (old is not null && priorityClass.Number("value") != old.Number("value"))
        {
            findings.Forbidden(FieldPath.At("value"), "may not be changed in an update.");
        }

        var preemption = priorityClass.Text("preemptionPolicy");
        if (old is not null && preemption != old.Text("preemptionPolicy"))
        {
            findings.Invalid(FieldPath.At("preemptionPolicy"), preemption, "field is immutable");
        }
        else
        {
            findings.OneOf(FieldPath.At("preemptionPolicy"), preemption, "PreemptLowerPriority", "Never");
        }

        var name = priorityClass.Text("metadata", "name") ?? "";
        if (name.StartsWith("system-", StringComparison.Ordinal) && !SystemClasses.Contains(name))
        {
            findings.Forbidden(
                FieldPath.At("metadata")["name"],
                $"priority class names with 'system-' prefix are reserved for system use only. error: {name} is not a "
                + $"known system priority class");
        }
        else if (!SystemClasses.Contains(name) && priorityClass.Number("value") is > 1_000_000_000)
        {
            findings.Forbidden(FieldPath.At("value"), "maximum allowed value of a user defined priority is 1000000000");
        }
    }

    private static bool IsVersion(string version) =>
        version == "latest"
        || (version.StartsWith("v1.", StringComparison.Ordinal) && uint.TryParse(version.AsSpan(3), out _));
}
