using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Selectors;

namespace DevCluster.ApiServer.Validation;

/// <summary>The workloads of <c>apps/v1</c>.</summary>
internal static partial class WorkloadValidation
{
    private static readonly string[] StatefulSetChanges =
        [
            "replicas",
            "ordinals",
            "template",
            "updateStrategy",
            "revisionHistoryLimit",
            "persistentVolumeClaimRetentionPolicy",
            "minReadySeconds",
        ];

    public static void Deployment(JsonObject deployment, JsonObject? old, Findings findings)
    {
        var (spec, path) = (deployment.Map("spec") ?? [], FieldPath.Of("spec"));
        findings.NonNegative(path["replicas"], spec.Number("replicas"));
        Selector(spec, "deployment", findings, path);
        Template(spec, "ReplicaSet", findings, path["template"]);
        Strategy(spec.Map("strategy"), findings, path["strategy"]);
        findings.NonNegative(path["minReadySeconds"], spec.Number("minReadySeconds"));
        findings.NonNegative(path["revisionHistoryLimit"], spec.Number("revisionHistoryLimit"));
        if (spec.Number("progressDeadlineSeconds") is { } deadline)
        {
            findings.NonNegative(path["progressDeadlineSeconds"], deadline);
            if (deadline <= (spec.Number("minReadySeconds") ?? 0))
            {
                findings.Invalid(path["progressDeadlineSeconds"], deadline, "must be greater than minReadySeconds");
            }
        }

        Immutable(spec, old, findings, path["selector"]);
    }

    public static void ReplicaSet(JsonObject replicaSet, JsonObject? old, Findings findings)
    {
        var (spec, path) = (replicaSet.Map("spec") ?? [], FieldPath.Of("spec"));
        findings.NonNegative(path["replicas"], spec.Number("replicas"));
        findings.NonNegative(path["minReadySeconds"], spec.Number("minReadySeconds"));
        Selector(spec, "deployment", findings, path);
        Template(spec, "ReplicaSet", findings, path["template"]);
        Immutable(spec, old, findings, path["selector"]);
    }

    public static void DaemonSet(JsonObject daemonSet, JsonObject? old, Findings findings)
    {
        var (spec, path) = (daemonSet.Map("spec") ?? [], FieldPath.Of("spec"));
        Selector(spec, "daemonset", findings, path);
        Template(spec, "DaemonSet", findings, path["template"]);
        findings.NonNegative(path["minReadySeconds"], spec.Number("minReadySeconds"));
        if (spec.Text("updateStrategy", "type") is not ("RollingUpdate" or "OnDelete"))
        {
            findings.NotSupported(
                path["updateStrategy"], Unknown(spec.Map("updateStrategy")), "RollingUpdate", "OnDelete");
        }

        findings.NonNegative(path["revisionHistoryLimit"], spec.Number("revisionHistoryLimit"));
        Immutable(spec, old, findings, path["selector"]);
    }

    public static void StatefulSet(JsonObject statefulSet, JsonObject? old, Findings findings)
    {
        var (spec, path) = (statefulSet.Map("spec") ?? [], FieldPath.Of("spec"));
        if (old.Map("spec") is { } before)
        {
            StatefulSetUpdate(spec, before, findings, path);
        }

        if (spec.Text("podManagementPolicy") is not ("OrderedReady" or "Parallel"))
        {
            findings.Invalid(
                path["podManagementPolicy"], spec.Text("podManagementPolicy"), "must be 'OrderedReady' or 'Parallel'");
        }

        if (spec.Text("updateStrategy", "type") is not ("RollingUpdate" or "OnDelete"))
        {
            findings.Invalid(
                path["updateStrategy"], Unknown(spec.Map("updateStrategy")), "must be 'RollingUpdate' or 'OnDelete'");
        }

        findings.NonNegative(path["replicas"], spec.Number("replicas"));
        Selector(spec, "statefulset", findings, path);
        Template(spec, "StatefulSet", findings, path["template"]);
    }

    /// <summary>
    /// The volumes that a StatefulSet adds to those of the template: one for each claim.
    /// </summary>
    private static HashSet<string> ClaimVolumes(JsonObject spec) =>
        [.. spec.Items("volumeClaimTemplates").Select(claim => claim.Text("metadata", "name") ?? "")];

    /// <summary>A count or a percentage.</summary>
    public static void CountOrPercent(JsonNode? value, Findings findings, FieldPath path)
    {
        if (value.Text() is not { } text)
        {
            findings.NonNegative(path, value.Number());
        }
        else if (!Percentage().IsMatch(text))
        {
            findings.Invalid(
                path,
                text,
                "a valid percent string must be a numeric string followed by an ending '%' " +
                "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
        }
    }

    private static void StatefulSetUpdate(JsonObject spec, JsonObject old, Findings findings, FieldPath path)
    {
        var (after, before) = (spec.DeepClone().AsObject(), old.DeepClone().AsObject());
        foreach (var field in StatefulSetChanges)
        {
            after.Remove(field);
            before.Remove(field);
        }

        if (!after.SameAs(before))
        {
            findings.Forbidden(
                path,
                "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
                + "'updateStrategy', " +
                "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
        }
    }

    private static void Selector(JsonObject spec, string owner, Findings findings, FieldPath path)
    {
        var selector = spec.Map("selector");
        if (selector is null)
        {
            findings.Required(path["selector"]);
        }
        else
        {
            LabelSelectorValidation.Validate(selector, findings, path["selector"]);
            if (LabelSelectorValidation.IsEmpty(selector))
            {
                findings.Invalid(path["selector"], selector.DeepClone(), $"empty selector is invalid for {owner}");
                return;
            }
        }

        var labels = spec.Map("template", "metadata", "labels");
        if (!LabelSelector.Selects(selector, labels))
        {
            findings.Invalid(
                path["template"]["metadata"]["labels"],
                labels?.DeepClone() ?? new JsonObject(),
                "`selector` does not match template `labels`");
        }
    }

    private static void Template(JsonObject spec, string owner, Findings findings, FieldPath path)
    {
        PodValidation.Template(spec.Map("template"), findings, path, ClaimVolumes(spec));
        if (spec.Text("template", "spec", "restartPolicy") is "Never" or "OnFailure")
        {
            findings.NotSupported(
                path["spec"]["restartPolicy"], spec.Text("template", "spec", "restartPolicy"), "Always");
        }

        if (spec.Has("template", "spec", "activeDeadlineSeconds"))
        {
            findings.Forbidden(
                path["spec"]["activeDeadlineSeconds"], $"activeDeadlineSeconds in {owner} is not Supported");
        }
    }

    private static void Strategy(JsonObject? strategy, Findings findings, FieldPath path)
    {
        var rolling = strategy.Map("rollingUpdate");
        switch (strategy.Text("type"))
        {
            case "Recreate" when rolling is not null:
                findings.Forbidden(path["rollingUpdate"], "may not be specified when strategy `type` is 'Recreate'");
                break;
            case "Recreate":
                break;
            case "RollingUpdate":
                CountOrPercent(rolling?["maxUnavailable"], findings, path["rollingUpdate"]["maxUnavailable"]);
                CountOrPercent(rolling?["maxSurge"], findings, path["rollingUpdate"]["maxSurge"]);
                RollingLimits(rolling, findings, path["rollingUpdate"]);
                break;
            default:
                findings.NotSupported(path, Unknown(strategy), "Recreate", "RollingUpdate");
                break;
        }
    }

    private static void RollingLimits(JsonObject? rolling, Findings findings, FieldPath path)
    {
        static bool IsZero(JsonNode? value) =>
            value.Number() == 0 || value.Text() is { } text && text.TrimEnd('%').Trim('0').Length == 0;
        if (IsZero(rolling?["maxUnavailable"]) && IsZero(rolling?["maxSurge"]))
        {
            findings.Invalid(
                path["maxUnavailable"], rolling!["maxUnavailable"]!.DeepClone(), "may not be 0 when `maxSurge` is 0");
        }

        if (rolling.Text("maxUnavailable") is { } text
            && Percentage().IsMatch(text)
            && text.TrimEnd('%').TrimStart('0') is { } digits
                && (digits.Length > 3 || (digits.Length == 3 && digits != "100")))
        {
            findings.Invalid(path["maxUnavailable"], text, "must not be greater than 100%");
        }
    }

    private static void Immutable(JsonObject spec, JsonObject? old, Findings findings, FieldPath path)
    {
        if (old is not null && !spec["selector"].SameAs(old.At("spec", "selector")))
        {
            findings.Invalid(path, spec["selector"]?.DeepClone(), "field is immutable");
        }
    }

    // The real server prints its internal struct.
    private static JsonObject Unknown(JsonObject? strategy) =>
        new() { ["Type"] = strategy.Text("type"), ["RollingUpdate"] = null };

    [GeneratedRegex(@"\A[0-9]+%\z")]
    private static partial Regex Percentage();
}

/// <summary>Jobs and cron jobs.</summary>
internal static class BatchValidation
{
    public static void Job(JsonObject job, JsonObject? old, Findings findings)
    {
        var (spec, path) = (job.Map("spec") ?? [], FieldPath.Of("spec"));
        Spec(spec, findings, path);
        foreach (var field in (ReadOnlySpan<string>)["selector", "completions", "completionMode", "template"])
        {
            if (old is not null && !spec[field].SameAs(old.At("spec", field)))
            {
                findings.Invalid(path[field], spec[field]?.DeepClone(), "field is immutable");
            }
        }
    }

    public static void CronJob(JsonObject cronJob, JsonObject? old, Findings findings)
    {
        var (spec, path) = (cronJob.Map("spec") ?? [], FieldPath.Of("spec"));
        Spec(spec.Map("jobTemplate", "spec") ?? [], findings, path["jobTemplate"]["spec"]);
        Schedule(spec.Text("schedule") ?? "", findings, path["schedule"]);
        findings.OneOf(path["concurrencyPolicy"], spec.Text("concurrencyPolicy"), "Allow", "Forbid", "Replace");
        foreach (var field in (ReadOnlySpan<string>)
        [
            "startingDeadlineSeconds",
            "successfulJobsHistoryLimit",
            "failedJobsHistoryLimit",
        ])
        {
            findings.NonNegative(path[field], spec.Number(field));
        }
    }

    private static void Spec(JsonObject spec, Findings findings, FieldPath path)
    {
        foreach (var field in (ReadOnlySpan<string>)
            ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"])
        {
            findings.NonNegative(path[field], spec.Number(field));
        }

        findings.OneOf(path["completionMode"], spec.Text("completionMode"), "NonIndexed", "Indexed");
        PodValidation.Template(spec.Map("template"), findings, path["template"]);
        if (spec.Text("template", "spec", "restartPolicy") is not ("OnFailure" or "Never"))
        {
            findings.Required(path["template"]["spec"]["restartPolicy"], "valid values: \"OnFailure\", \"Never\"");
        }
    }

    private static void Schedule(string schedule, Findings findings, FieldPath path)
    {
        if (schedule.Length == 0)
        {
            findings.Required(path);
            return;
        }

        var fields = schedule.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (!schedule.StartsWith('@') && fields.Length != 5)
        {
            findings.Invalid(
                path, schedule, $"expected exactly 5 fields, found {fields.Length}: [{string.Join(' ', fields)}]");
        }
    }
}
