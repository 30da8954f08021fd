using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;
using DevCluster.Schema.Selectors;

namespace DevCluster.ApiServer.Validation;

/// <summary>Validates Jobs and CronJobs.</summary>
internal static partial class BatchValidation
{
    private const int MostIndexes = 100_000;
    private const string Requires = "requires indexed completion mode";

    public static void Job(JsonObject job, JsonObject? old, Findings findings)
    {
        var (spec, path) = (job.Map("spec") ?? [], FieldPath.At("spec"));
        Spec(spec, findings, path);
        Selector(spec, findings, path);
        if (IsIndexed(spec) && spec.Number("completions") is > 0 and var completions)
        {
            var name = job.TextOrEmpty("metadata", "name");
            var pod = string.Create(CultureInfo.InvariantCulture, $"{name}-{completions - 1}");
            if (NameFormats.Label(pod).Count > 0)
            {
                findings.Invalid(
                    FieldPath.At("metadata")["name"],
                    name,
                    $"will not able to create pod with invalid DNS label: {pod}");
            }
        }

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
        var (spec, path) = (cronJob.Map("spec") ?? [], FieldPath.At("spec"));
        var (job, at) = (spec.Map("jobTemplate", "spec") ?? [], path["jobTemplate"]["spec"]);
        Spec(job, findings, at);
        if (job.Map("selector") is { } selector)
        {
            findings.Invalid(at["selector"], selector.DeepClone(), "`selector` will be auto-generated");
        }

        if (job.IsTrue("manualSelector"))
        {
            findings.NotSupported(at["manualSelector"], true, "nil", "false");
        }

        Schedule(spec.TextOrEmpty("schedule"), old, spec, findings, path["schedule"]);
        if (spec.Text("timeZone") is { } zone && (old is null || old.Text("spec", "timeZone") != zone))
        {
            Zone(zone, findings, path["timeZone"]);
        }

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

    private static bool IsIndexed(JsonObject spec) => spec.Text("completionMode") == "Indexed";

    private static void Spec(JsonObject spec, Findings findings, FieldPath path)
    {
        foreach (var field in (ReadOnlySpan<string>)
        [
            "parallelism",
            "completions",
            "activeDeadlineSeconds",
            "backoffLimit",
            "ttlSecondsAfterFinished",
            "backoffLimitPerIndex",
            "maxFailedIndexes",
        ])
        {
            findings.NonNegative(path[field], spec.Number(field));
        }

        findings.OneOf(path["completionMode"], spec.Text("completionMode"), "NonIndexed", "Indexed");
        Indexes(spec, findings, path);
        if (spec.Text("managedBy") is { } manager)
        {
            DomainPrefixedPath.Validate(manager, findings, path["managedBy"]);
        }

        JobPolicyValidation.Failure(spec, findings, path["podFailurePolicy"]);
        JobPolicyValidation.Success(spec, findings, path["successPolicy"]);
        Replacement(spec, findings, path["podReplacementPolicy"]);
        PodValidation.Template(spec.Map("template"), findings, path["template"]);
        Restart(spec, findings, path["template"]["spec"]["restartPolicy"]);
    }

    private static void Selector(JsonObject spec, Findings findings, FieldPath path)
    {
        if (spec.Map("selector") is not { } selector)
        {
            findings.Required(path["selector"]);
            return;
        }

        LabelSelectorValidation.Validate(selector, findings, path["selector"]);
        var labels = spec.Map("template", "metadata", "labels");
        if (!LabelSelector.Selects(selector, labels))
        {
            findings.Invalid(
                path["template"]["metadata"]["labels"],
                labels?.DeepClone(),
                "`selector` does not match template `labels`");
        }

        if (!spec.IsTrue("manualSelector")
            && selector.Map("matchLabels") is { Count: > 0 } wanted
            && wanted.Any(pair => !IsGenerated(pair.Key)))
        {
            findings.Invalid(path["selector"], Internal(selector), "`selector` not auto-generated");
        }
    }

    private static bool IsGenerated(string label) =>
        label is "controller-uid" or "job-name"
            or "batch.kubernetes.io/controller-uid" or "batch.kubernetes.io/job-name";

    private static JsonObject Internal(JsonObject selector)
    {
        var shown = new JsonObject();
        if (selector.Map("matchLabels") is { } labels)
        {
            shown["matchLabels"] = labels.DeepClone();
        }

        if (selector.List("matchExpressions") is { } expressions)
        {
            shown["matchExpressions"] = expressions.DeepClone();
        }

        return shown;
    }

    private static void Indexes(JsonObject spec, Findings findings, FieldPath path)
    {
        var (limit, failed) = (spec.Number("backoffLimitPerIndex"), spec.Number("maxFailedIndexes"));
        if (failed is not null && limit is null)
        {
            findings.Required(path["backoffLimitPerIndex"], "when maxFailedIndexes is specified");
        }

        if (!IsIndexed(spec))
        {
            foreach (var field in (ReadOnlySpan<string>)["backoffLimitPerIndex", "maxFailedIndexes"])
            {
                if (spec.Number(field) is { } value && spec.Text("completionMode") == "NonIndexed")
                {
                    findings.Invalid(path[field], value, Requires);
                }
            }

            return;
        }

        if (!spec.Has("completions"))
        {
            findings.Required(path["completions"], "when completion mode is Indexed");
        }

        if (spec.Number("parallelism") is > MostIndexes and var parallelism)
        {
            findings.Invalid(
                path["parallelism"],
                parallelism,
                $"must be less than or equal to {MostIndexes} when completion mode is Indexed");
        }

        if (failed > spec.Number("completions"))
        {
            findings.Invalid(path["maxFailedIndexes"], failed, "must be less than or equal to completions");
        }

        if (failed > MostIndexes)
        {
            findings.Invalid(path["maxFailedIndexes"], failed, $"must be less than or equal to {MostIndexes}");
        }
    }

    private static void Replacement(JsonObject spec, Findings findings, FieldPath path)
    {
        if (spec.Has("podFailurePolicy"))
        {
            findings.OneOf(path, spec.Text("podReplacementPolicy"), "Failed");
        }
        else
        {
            findings.OneOf(path, spec.Text("podReplacementPolicy"), "Failed", "TerminatingOrFailed");
        }
    }

    private static void Restart(JsonObject spec, Findings findings, FieldPath path)
    {
        switch (spec.TextOrEmpty("template", "spec", "restartPolicy"))
        {
            case "" or "Always":
                findings.Required(path, "valid values: \"OnFailure\", \"Never\"");
                break;
            case "OnFailure" when spec.Has("podFailurePolicy"):
                findings.Invalid(path, "OnFailure", "only \"Never\" is supported when podFailurePolicy is specified");
                break;
            case "OnFailure" or "Never":
                break;
            case var unknown:
                findings.NotSupported(path, unknown, "OnFailure", "Never");
                break;
        }
    }

    private static void Schedule(string schedule, JsonObject? old, JsonObject spec, Findings findings, FieldPath path)
    {
        if (schedule.Length == 0)
        {
            findings.Required(path);
            return;
        }

        if (CronSchedule.Problem(schedule) is { } problem)
        {
            findings.Invalid(path, schedule, problem);
        }

        if (!schedule.Contains("TZ", StringComparison.Ordinal))
        {
            return;
        }

        // Existing schedules with a time zone remain valid.
        if (old?.Text("spec", "schedule")?.Contains("TZ", StringComparison.Ordinal) != true)
        {
            findings.Invalid(
                path, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
        }
        else if (spec.Has("timeZone"))
        {
            findings.Invalid(
                path, schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule");
        }
    }

    private static void Zone(string zone, Findings findings, FieldPath path)
    {
        if (zone.Length == 0)
        {
            findings.Invalid(path, zone, "timeZone must be nil or non-empty string");
        }
        else if (zone.Split('/').Any(part =>
            part is "." or ".." || part.StartsWith('-') || !ZonePart().IsMatch(part)))
        {
            findings.Invalid(path, zone, $"unknown time zone {zone}");
        }
        else if (zone.Equals("Local", StringComparison.OrdinalIgnoreCase))
        {
            findings.Invalid(
                path, zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
        }
        else if (!TimeZones.Exists(zone))
        {
            findings.Invalid(path, zone, $"unknown time zone {zone}");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z.\-_0-9+]{1,14}\z")]
    private static partial Regex ZonePart();
}

/// <summary>Validates pod failure policies and success policies of Jobs.</summary>
internal static class JobPolicyValidation
{
    private const int MostRules = 20;

    public static void Failure(JsonObject spec, Findings findings, FieldPath path)
    {
        var rules = spec.Items("podFailurePolicy", "rules");
        if (rules.Count > MostRules)
        {
            findings.TooMany(path["rules"], rules.Count, MostRules);
        }

        var containers = spec.Items("template", "spec", "containers")
            .Concat(spec.Items("template", "spec", "initContainers"))
            .Select(container => container.TextOrEmpty("name"))
            .ToHashSet(StringComparer.Ordinal);
        foreach (var (i, rule) in rules.Index())
        {
            FailureRule(rule, spec.Has("backoffLimitPerIndex"), containers, findings, path["rules"][i]);
        }
    }

    public static void Success(JsonObject spec, Findings findings, FieldPath path)
    {
        if (spec.Map("successPolicy") is not { } policy)
        {
            return;
        }

        var rules = policy.Items("rules");
        if (spec.Text("completionMode") != "Indexed")
        {
            findings.Invalid(path, ShowSuccess(rules), "requires indexed completion mode");
            return;
        }

        if (rules.Count == 0)
        {
            findings.Required(
                path["rules"], "at least one rules must be specified when the successPolicy is specified");
        }

        if (rules.Count > MostRules)
        {
            findings.TooMany(path["rules"], rules.Count, MostRules);
        }

        foreach (var (i, rule) in rules.Index())
        {
            SuccessRule(rule, spec.NumberOrZero("completions"), findings, path["rules"][i]);
        }
    }

    private static void FailureRule(
        JsonObject rule, bool hasLimitPerIndex, HashSet<string> containers, Findings findings, FieldPath path)
    {
        switch (rule.TextOrEmpty("action"))
        {
            case "":
                findings.Required(
                    path["action"], "valid values: [\"Count\" \"FailIndex\" \"FailJob\" \"Ignore\"]");
                break;
            case "FailIndex" when !hasLimitPerIndex:
                findings.Invalid(path["action"], "FailIndex", "requires the backoffLimitPerIndex to be set");
                break;
            case var action:
                findings.OneOf(path["action"], action, "Count", "FailIndex", "FailJob", "Ignore");
                break;
        }

        var conditions = rule.Items("onPodConditions");
        if (rule.Map("onExitCodes") is { } codes)
        {
            ExitCodes(codes, containers, findings, path["onExitCodes"]);
        }

        foreach (var (i, condition) in conditions.Index())
        {
            Condition(condition, findings, path["onPodConditions"][i]);
        }

        if (rule.Has("onExitCodes") == conditions.Count > 0)
        {
            findings.InvalidUnshown(path, conditions.Count > 0
                ? "specifying both OnExitCodes and OnPodConditions is not supported"
                : "specifying one of OnExitCodes and OnPodConditions is required");
        }
    }

    private static void ExitCodes(JsonObject codes, HashSet<string> containers, Findings findings, FieldPath path)
    {
        if (codes.NonEmpty("operator") is { } comparison)
        {
            findings.OneOf(path["operator"], comparison, "In", "NotIn");
        }
        else
        {
            findings.Required(path["operator"], "valid values: [\"In\" \"NotIn\"]");
        }

        if (codes.Text("containerName") is { } name && !containers.Contains(name))
        {
            findings.Invalid(
                path["containerName"],
                name,
                "must be one of the container or initContainer names in the pod template");
        }

        var values = (codes.List("values") ?? []).Select(value => value.NumberOrZero()).ToList();
        if (values.Count == 0)
        {
            findings.Invalid(path["values"], codes["values"], "at least one value is required");
        }

        foreach (var (i, value) in values.Index())
        {
            if (value == 0 && codes.Text("operator") == "In")
            {
                findings.Invalid(path["values"][i], 0, "must not be 0 for the In operator");
            }

            if (values.Take(i).Contains(value))
            {
                findings.Duplicate(path["values"][i], value);
            }
        }

        if (!values.SequenceEqual(values.Order()))
        {
            findings.Invalid(path["values"], codes["values"], "must be ordered");
        }
    }

    private static void Condition(JsonObject condition, Findings findings, FieldPath path)
    {
        var type = condition.TextOrEmpty("type");
        findings.Invalid(path["type"], type, NameFormats.QualifiedName(type));
        if (condition.NonEmpty("status") is { } status)
        {
            findings.OneOf(path["status"], status, "False", "True", "Unknown");
        }
        else
        {
            findings.Required(path["status"], "valid values: [\"False\" \"True\" \"Unknown\"]");
        }
    }

    private static void SuccessRule(JsonObject rule, long completions, Findings findings, FieldPath path)
    {
        var (count, indexes) = (rule.Number("succeededCount"), rule.Text("succeededIndexes"));
        if (count is null && indexes is null)
        {
            findings.Required(path, "at least one of succeededCount or succeededIndexes must be specified");
        }

        var total = 0L;
        if (indexes is not null && IndexProblem(indexes, completions, out total) is { } problem)
        {
            findings.Invalid(path["succeededIndexes"], indexes, $"error parsing succeededIndexes: {problem}");
        }

        findings.NonNegative(path["succeededCount"], count);
        if (count > completions)
        {
            findings.Invalid(
                path["succeededCount"],
                count,
                $"must be less than or equal to {completions} (the number of specified completions)");
        }

        if (indexes is not null && count > total)
        {
            findings.Invalid(
                path["succeededCount"],
                count,
                $"must be less than or equal to {total} "
                + "(the number of indexes in the specified succeededIndexes field)");
        }
    }

    /// <summary>Why a text such as <c>0,2-4</c> is not an ordered list of indexes; also counts the indexes.</summary>
    private static string? IndexProblem(string indexes, long completions, out long total)
    {
        var (sum, last) = (0L, -1L);
        total = 0;
        foreach (var interval in indexes.Length == 0 ? [] : indexes.Split(','))
        {
            var bounds = interval.Split('-');
            if (bounds.Length > 2)
            {
                return $"the fragment \"{interval}\" violates the requirement that an index interval can have at most "
                    + "two parts separated by '-'";
            }

            var numbers = new List<long>();
            foreach (var bound in bounds)
            {
                if (!long.TryParse(bound, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
                {
                    return $"cannot convert string to integer for index: \"{bound}\"";
                }

                if (number >= completions)
                {
                    return $"too large index: \"{bound}\"";
                }

                numbers.Add(number);
            }

            if (numbers is [var from, var to] && from >= to)
            {
                return $"non-increasing order, previous: {from}, current: {to}";
            }

            if (last >= numbers[0])
            {
                return $"non-increasing order, previous: {last}, current: {numbers[0]}";
            }

            sum += numbers[^1] - numbers[0] + 1;
            last = numbers[^1];
        }

        total = sum;
        return null;
    }

    // The real server prints its internal struct.
    private static JsonObject ShowSuccess(IReadOnlyList<JsonObject> rules) => new()
    {
        ["Rules"] = new JsonArray([.. rules.Select(rule => new JsonObject
        {
            ["SucceededIndexes"] = rule["succeededIndexes"]?.DeepClone(),
            ["SucceededCount"] = rule["succeededCount"]?.DeepClone(),
        })]),
    };
}
