using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Validation;

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
