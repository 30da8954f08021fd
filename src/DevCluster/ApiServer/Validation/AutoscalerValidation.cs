using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Validation;

/// <summary>Validates HorizontalPodAutoscalers of version 2.</summary>
internal static class AutoscalerValidation
{
    private const long LongestWindow = 3600;
    private const long LongestPeriod = 1800;

    /// <summary>The types of metrics with the field that describes each.</summary>
    private static readonly (string Type, string Field)[] Sources =
    [
        ("ContainerResource", "containerResource"),
        ("External", "external"),
        ("Object", "object"),
        ("Pods", "pods"),
        ("Resource", "resource"),
    ];

    /// <summary>In the order of the real server, which validates only the first of several.</summary>
    private static readonly string[] Fields = ["object", "external", "pods", "resource", "containerResource"];

    public static void Autoscaler(JsonObject autoscaler, JsonObject? old, Findings findings)
    {
        var (spec, path) = (autoscaler.Map("spec") ?? [], FieldPath.At("spec"));
        Replicas(spec, findings, path);
        Reference(spec.Map("scaleTargetRef"), findings, path["scaleTargetRef"]);
        var metrics = spec.Items("metrics");
        foreach (var (i, metric) in metrics.Index())
        {
            Metric(metric, findings, path["metrics"][i]);
        }

        if (spec.Number("minReplicas") == 0 && !metrics.Any(metric => metric.Text("type") is "Object" or "External"))
        {
            findings.Forbidden(
                path["metrics"],
                "must specify at least one Object or External metric to support scaling to zero replicas");
        }

        foreach (var side in (ReadOnlySpan<string>)["scaleUp", "scaleDown"])
        {
            if (spec.Map("behavior", side) is { } rules)
            {
                Rules(rules, findings, path["behavior"][side]);
            }
        }
    }

    private static void Replicas(JsonObject spec, Findings findings, FieldPath path)
    {
        var (least, most) = (spec.Number("minReplicas"), spec.NumberOrZero("maxReplicas"));
        if (least < 1)
        {
            findings.Invalid(path["minReplicas"], least, "must be greater than or equal to 1");
        }

        if (most == 0)
        {
            findings.Required(path["maxReplicas"], "must be set and greater than 0");
        }
        else if (most < 0)
        {
            findings.Invalid(path["maxReplicas"], most, "must be greater than or equal to 1");
        }

        if (most < least)
        {
            findings.Invalid(path["maxReplicas"], most, "must be greater than or equal to `minReplicas`");
        }
    }

    private static void Reference(JsonObject? reference, Findings findings, FieldPath path)
    {
        foreach (var field in (ReadOnlySpan<string>)["kind", "name"])
        {
            if (reference.NonEmpty(field) is { } text)
            {
                findings.Invalid(path[field], text, NameFormats.PathSegment(text));
            }
            else
            {
                findings.Required(path[field]);
            }
        }

        if (reference.NonEmpty("apiVersion") is { } version && version.Count(c => c == '/') > 1)
        {
            findings.Invalid(path["apiVersion"], version, $"unexpected GroupVersion string: {version}");
        }
    }

    private static void Metric(JsonObject metric, Findings findings, FieldPath path)
    {
        var type = metric.TextOrEmpty("type");
        var (_, expected) = Sources.FirstOrDefault(source => source.Type == type);
        if (type.Length == 0)
        {
            findings.Required(path["type"], "must specify a metric source type");
        }

        var given = Fields.Where(field => metric.Has(field)).ToList();
        if (given is [var first, ..])
        {
            Source(first, metric.Map(first) ?? [], findings, path[first]);
        }

        if (expected is null)
        {
            // The real server reports this in two places.
            string[] known = [.. Sources.Select(source => source.Type)];
            findings.NotSupported(path["type"], type, known);
            findings.NotSupported(path["type"], type, known);
        }
        else if (!given.Contains(expected))
        {
            findings.Required(path[expected], "must populate information for the given metric source");
        }

        if (given.Count == 1)
        {
            return;
        }

        foreach (var extra in given.Where(field => field != expected))
        {
            findings.Forbidden(path[extra], "must populate the given metric source only");
        }
    }

    private static void Source(string field, JsonObject source, Findings findings, FieldPath path)
    {
        if (field == "object")
        {
            Reference(source.Map("describedObject"), findings, path["describedObject"]);
        }

        if (field is "resource" or "containerResource")
        {
            Resource(field, source, findings, path);
        }
        else if (source.NonEmpty("metric", "name") is { } name)
        {
            findings.Invalid(path["metric"]["name"], name, NameFormats.PathSegment(name));
        }
        else
        {
            findings.Required(path["metric"]["name"], "must specify a metric name");
        }

        var target = source.Map("target") ?? [];
        Target(target, findings, path["target"]);
        Given(field, target, findings, path["target"]);
    }

    private static void Resource(string field, JsonObject source, Findings findings, FieldPath path)
    {
        if (source.NonEmpty("name") is not { } name)
        {
            findings.Required(path["name"], "must specify a resource name");
        }
        else if (field == "containerResource")
        {
            ResourceNames.OfContainer(name, findings, path["name"]);
        }

        if (field != "containerResource")
        {
            return;
        }

        if (source.NonEmpty("container") is { } container)
        {
            findings.Invalid(path["container"], container, NameFormats.Label(container));
        }
        else
        {
            findings.Required(path["container"], "must specify a container");
        }
    }

    private static void Target(JsonObject target, Findings findings, FieldPath path)
    {
        var type = target.TextOrEmpty("type");
        if (type.Length == 0)
        {
            findings.Required(path["type"], "must specify a metric target type");
        }

        if (type is not ("Utilization" or "Value" or "AverageValue"))
        {
            findings.Invalid(path["type"], type, "must be either Utilization, Value, or AverageValue");
        }

        foreach (var field in (ReadOnlySpan<string>)["value", "averageValue"])
        {
            if (Quantity.TryParse(target.Text(field), out var amount) && amount.Nanos.Sign <= 0)
            {
                findings.Invalid(path[field], amount.ToString(), "must be positive");
            }
        }

        if (target.Number("averageUtilization") is < 1 and var share)
        {
            findings.Invalid(path["averageUtilization"], share, "must be greater than 0");
        }
    }

    /// <summary>Requires the amounts that each source needs in its target.</summary>
    private static void Given(string field, JsonObject target, Findings findings, FieldPath path)
    {
        var (hasValue, hasAverage, hasShare) =
            (target.Has("value"), target.Has("averageValue"), target.Has("averageUtilization"));
        switch (field)
        {
            case "object" when !hasValue && !hasAverage:
                findings.Required(path["averageValue"], "must set either a target value or averageValue");
                break;
            case "external" when !hasValue && !hasAverage:
                findings.Required(
                    path["averageValue"], "must set either a target value for metric or a per-pod target");
                break;
            case "external" when hasValue && hasAverage:
                findings.Forbidden(
                    path["value"], "may not set both a target value for metric and a per-pod target");
                break;
            case "pods" when !hasAverage:
                findings.Required(path["averageValue"], "must specify a positive target averageValue");
                break;
            case "resource" or "containerResource" when !hasShare && !hasAverage:
                findings.Required(
                    path["averageUtilization"], "must set either a target raw value or a target utilization");
                break;
            case "resource" or "containerResource" when hasShare && hasAverage:
                findings.Forbidden(
                    path["averageValue"], "may not set both a target raw value and a target utilization");
                break;
        }
    }

    private static void Rules(JsonObject rules, Findings findings, FieldPath path)
    {
        var window = rules.Number("stabilizationWindowSeconds");
        if (window < 0)
        {
            findings.Invalid(
                path["stabilizationWindowSeconds"], window, "must be greater than or equal to zero");
        }
        else if (window > LongestWindow)
        {
            findings.Invalid(
                path["stabilizationWindowSeconds"], window, $"must be less than or equal to {LongestWindow}");
        }

        findings.OneOf(path["selectPolicy"], rules.Text("selectPolicy"), "Disabled", "Max", "Min");
        var policies = rules.Items("policies");
        if (policies.Count == 0)
        {
            findings.Required(path["policies"], "must specify at least one Policy");
        }

        foreach (var (i, policy) in policies.Index())
        {
            Policy(policy, findings, path["policies"][i]);
        }
    }

    private static void Policy(JsonObject policy, Findings findings, FieldPath path)
    {
        findings.OneOf(path["type"], policy.TextOrEmpty("type"), "Percent", "Pods");
        foreach (var field in (ReadOnlySpan<string>)["value", "periodSeconds"])
        {
            if (policy.NumberOrZero(field) <= 0)
            {
                findings.Invalid(path[field], policy.NumberOrZero(field), "must be greater than zero");
            }
        }

        if (policy.Number("periodSeconds") is > LongestPeriod and var period)
        {
            findings.Invalid(path["periodSeconds"], period, $"must be less than or equal to {LongestPeriod}");
        }
    }
}
