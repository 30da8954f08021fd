using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Printing;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Tables;

/// <summary>The columns of priority classes, budgets, autoscalers and limits.</summary>
internal static class PolicyColumns
{
    private const int MostMetrics = 2;
    private const string Unknown = "<unknown>";

    public static IReadOnlyList<TableColumn> DisruptionBudgets { get; } =
    [
        Columns.Name,
        Columns.Text("Min Available", content => content.CellOr("N/A", "spec", "minAvailable")),
        Columns.Text("Max Unavailable", content => content.CellOr("N/A", "spec", "maxUnavailable")),
        Columns.Integer("Allowed Disruptions", "status", "disruptionsAllowed"),
        Columns.AgeText,
    ];

    public static IReadOnlyList<TableColumn> Autoscalers { get; } =
    [
        Columns.Name,
        Columns.Text(
            "Reference",
            content =>
                $"{content.Cell("spec", "scaleTargetRef", "kind")}/{content.Cell("spec", "scaleTargetRef", "name")}"),
        Columns.Text("Targets", Targets),
        Columns.Text("MinPods", content => content.CellOr("<unset>", "spec", "minReplicas")),
        Columns.Count("MaxPods", "spec", "maxReplicas"),
        Columns.Count("Replicas", "status", "currentReplicas"),
        Columns.AgeText,
    ];

    public static IReadOnlyList<TableColumn> PriorityClasses { get; } =
    [
        Columns.Name,
        Columns.Integer("Value", "value"),
        Columns.Boolean("Global-Default", content => content.IsTrue("globalDefault")),
        Columns.AgeText,
        Columns.Text("PreemptionPolicy", content => content.Cell("preemptionPolicy")),
    ];

    public static IReadOnlyList<TableColumn> Leases { get; } =
        [Columns.Name, Columns.Text("Holder", content => content.Cell("spec", "holderIdentity")), Columns.AgeText];

    public static IReadOnlyList<TableColumn> RuntimeClasses { get; } =
        [Columns.Name, Columns.Text("Handler", content => content.Cell("handler")), Columns.AgeText];

    private static string Targets(JsonObject autoscaler)
    {
        var metrics = autoscaler.Items("spec", "metrics");
        var current = autoscaler.Items("status", "currentMetrics");
        var shown = metrics.Take(MostMetrics)
            .Select((metric, i) => Target(metric, i < current.Count ? current[i] : null));
        return metrics.Count == 0 ? Columns.None
            : metrics.Count > MostMetrics ? $"{string.Join(", ", shown)} + {metrics.Count - MostMetrics} more..."
            : string.Join(", ", shown);
    }

    private static string Target(JsonObject metric, JsonObject? status)
    {
        var source = metric.Cell("type") switch
        {
            "Resource" =>
            "resource",
            "ContainerResource" =>
                "containerResource",
            "Pods" => "pods",
            "Object" => "object",
            _ => "external"
        };
        var (target, current) = (metric.At(source, "target"), status.At(source, "current"));
        var isResource = source is "resource" or "containerResource";
        var average = target.Cell("averageValue");
        if (isResource)
        {
            return $"{metric.Cell(source, "name")}: " + (average.Length > 0
                ? $"{current.CellOr(Unknown, "averageValue")}/{average}"
                : $"{Percent(current, Unknown)}/{Percent(target, "<auto>")}");
        }

        return average.Length > 0
            ? $"{current.CellOr(Unknown, "averageValue")}/{average}{(source == "pods" ? "" : " (avg)")}"
            : $"{current.CellOr(Unknown, "value")}/{target.Cell("value")}";
    }

    private static string Percent(JsonNode? metric, string absent) =>
        metric.Cell("averageUtilization") is { Length: > 0 } percent ? percent + "%" : absent;
}

/// <summary>The columns of roles and their bindings.</summary>
internal static class RbacColumns
{
    /// <summary>The default table of the real API, which CRDs also use.</summary>
    public static IReadOnlyList<TableColumn> Roles { get; } = [Columns.Name, Columns.CreatedAt];

    public static IReadOnlyList<TableColumn> RoleBindings { get; } =
    [
        Columns.Name,
        Columns.Text("Role", content => $"{content.Cell("roleRef", "kind")}/{content.Cell("roleRef", "name")}"),
        Columns.AgeText,
        Columns.Wide(Columns.Text("Users", content => Subjects(content, "User"))),
        Columns.Wide(Columns.Text("Groups", content => Subjects(content, "Group"))),
        Columns.Wide(Columns.Text("ServiceAccounts", content => Subjects(content, "ServiceAccount"))),
    ];

    private static string Subjects(JsonObject binding, string kind) => string.Join(", ", binding
        .Items("subjects")
        .Where(subject => subject.Cell("kind") == kind)
        .Select(subject => subject.Cell("namespace") is { Length: > 0 } ns
            ? $"{ns}/{subject.Cell("name")}"
            : subject.Cell("name")));
}
