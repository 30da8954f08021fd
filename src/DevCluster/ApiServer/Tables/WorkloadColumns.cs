using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Printing;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Tables;

/// <summary>The columns of workloads that run pods indefinitely.</summary>
internal static class WorkloadColumns
{
    public static IReadOnlyList<TableColumn> Deployments { get; } =
    [
        Columns.Name,
        Columns.Text("Ready", Ready),
        Columns.Count("Up-to-date", "status", "updatedReplicas"),
        Columns.Count("Available", "status", "availableReplicas"),
        Columns.AgeText,
        .. Columns.Containers("spec", "template", "spec"),
        Columns.Wide(Columns.Text("Selector", content => SelectorText.Format(content.At("spec", "selector")))),
    ];

    public static IReadOnlyList<TableColumn> ReplicaSets { get; } =
    [
        Columns.Name,
        Columns.Integer("Desired", "spec", "replicas"),
        Columns.Integer("Current", "status", "replicas"),
        Columns.Integer("Ready", "status", "readyReplicas"),
        Columns.AgeText,
        .. Columns.Containers("spec", "template", "spec"),
        Columns.Wide(Columns.Text("Selector", Selector)),
    ];

    public static IReadOnlyList<TableColumn> DaemonSets { get; } =
    [
        Columns.Name,
        Columns.Integer("Desired", "status", "desiredNumberScheduled"),
        Columns.Integer("Current", "status", "currentNumberScheduled"),
        Columns.Integer("Ready", "status", "numberReady"),
        Columns.Integer("Up-to-date", "status", "updatedNumberScheduled"),
        Columns.Integer("Available", "status", "numberAvailable"),
        Columns.Text(
            "Node Selector", content => SelectorText.Labels(content.At("spec", "template", "spec", "nodeSelector"))),
        Columns.AgeText,
        .. Columns.Containers("spec", "template", "spec"),
        Columns.Wide(Columns.Text("Selector", Selector)),
    ];

    public static IReadOnlyList<TableColumn> StatefulSets { get; } =
        [
            Columns.Name,
            Columns.Text("Ready", Ready),
            Columns.AgeText,
            .. Columns.Containers("spec", "template", "spec"),
        ];

    public static IReadOnlyList<TableColumn> ControllerRevisions { get; } =
        [Columns.Name, Columns.Text("Controller", Controller), Columns.Count("Revision", "revision"), Columns.AgeText];

    public static IReadOnlyList<TableColumn> PodTemplates { get; } =
    [
        Columns.Name,
        .. Columns.Containers("template", "spec").Select(column => column with { Priority = 0 }),
        Columns.Text("Pod Labels", content => SelectorText.Labels(content.At("template", "metadata", "labels"))),
    ];

    private static string Ready(JsonObject content) =>
        $"{content.NumberOrZero("status", "readyReplicas")}/{content.NumberOrZero("spec", "replicas")}";

    private static string Selector(JsonObject content) =>
        content.At("spec", "selector") is JsonObject selector
        && !selector.ContainsKey("matchLabels")
        && !selector.ContainsKey("matchExpressions")
            ? SelectorText.Labels(selector)
            : SelectorText.OrNone(content.At("spec", "selector"));

    private static string Controller(JsonObject content)
    {
        var owner = content.Items("metadata", "ownerReferences")
            .FirstOrDefault(reference => reference.IsTrue("controller"));
        if (owner is null)
        {
            return Columns.None;
        }

        var (group, _) = ApiVersions.Split(owner.Cell("apiVersion"));
        return $"{new ResourceId(group, owner.Cell("kind").ToLowerInvariant())}/{owner.Cell("name")}";
    }
}

/// <summary>The columns of jobs and cron jobs.</summary>
internal static class JobColumns
{
    private static readonly (string Condition, string Status)[] Ends = [("Complete", "Complete"), ("Failed", "Failed")];

    private static readonly (string Condition, string Status)[] States =
        [("Suspended", "Suspended"), ("FailureTarget", "FailureTarget"), ("SuccessCriteriaMet", "SuccessCriteriaMet")];

    public static IReadOnlyList<TableColumn> Jobs { get; } =
    [
        Columns.Name,
        Columns.Text("Status", Status),
        Columns.Text("Completions", Completions),
        Columns.Text("Duration", Duration),
        Columns.AgeText,
        .. Columns.Containers("spec", "template", "spec"),
        Columns.Wide(Columns.Text("Selector", content => SelectorText.OrNone(content.At("spec", "selector")))),
    ];

    public static IReadOnlyList<TableColumn> CronJobs { get; } =
    [
        Columns.Name,
        Columns.Text("Schedule", content => content.Cell("spec", "schedule")),
        Columns.Text("Timezone", content => content.CellOr(Columns.None, "spec", "timeZone")),
        new("Suspend", "boolean", (content, _) => content.IsTrue("spec", "suspend") ? "True" : "False"),
        new("Active", "integer", (content, _) => content.Count("status", "active")),
        Columns.Text(
            "Last Schedule",
            (content, now) => content.At("status", "lastScheduleTime") is { } last
                ? HumanAge.Since(last, now)
                : Columns.None),
        Columns.AgeText,
        .. Columns.Containers("spec", "jobTemplate", "spec", "template", "spec"),
        Columns.Wide(
            Columns.Text(
                "Selector", content => SelectorText.OrNone(content.At("spec", "jobTemplate", "spec", "selector")))),
    ];

    private static string Status(JsonObject job) =>
        First(job, Ends)
        ?? (job.At("metadata", "deletionTimestamp") is not null ? "Terminating" : First(job, States) ?? "Running");

    private static string? First(JsonObject job, (string Condition, string Status)[] states) =>
        states.Where(state => job.Condition(state.Condition).Cell("status") == "True")
            .Select(state => state.Status)
            .FirstOrDefault();

    private static string Completions(JsonObject job)
    {
        var succeeded = job.NumberOrZero("status", "succeeded");
        var parallelism = job.NumberOrZero("spec", "parallelism");
        return job.At("spec", "completions") is not null ? $"{succeeded}/{job.NumberOrZero("spec", "completions")}"
            : parallelism > 1 ? $"{succeeded}/1 of {parallelism}"
            : $"{succeeded}/1";
    }

    private static string Duration(JsonObject job, DateTimeOffset now)
    {
        if (!HumanAge.TryParse(job.At("status", "startTime"), out var start))
        {
            return "";
        }

        var until = HumanAge.TryParse(job.At("status", "completionTime"), out var end) ? end : now;
        return HumanAge.Format(until - start);
    }
}
