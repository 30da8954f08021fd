using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Printing;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Tables;

/// <summary>The columns of namespaces, their configuration and quotas.</summary>
internal static class CoreColumns
{
    public static IReadOnlyList<TableColumn> Namespaces { get; } =
        [Columns.Name, Columns.Text("Status", content => content.Cell("status", "phase")), Columns.AgeText];

    public static IReadOnlyList<TableColumn> ConfigMaps { get; } =
        [
            Columns.Name,
            new("Data", "string", (content, _) => content.Count("data") + content.Count("binaryData")),
            Columns.AgeText,
        ];

    public static IReadOnlyList<TableColumn> Secrets { get; } =
    [
        Columns.Name,
        Columns.Text("Type", content => content.Cell("type")),
        new("Data", "string", (content, _) => content.Count("data")),
        Columns.AgeText,
    ];

    public static IReadOnlyList<TableColumn> ResourceQuotas { get; } =
    [
        Columns.Name,
        Columns.Text("Request", content => Quota(content, isLimit: false)),
        Columns.Text("Limit", content => Quota(content, isLimit: true)),
        Columns.AgeText,
    ];

    private static string Quota(JsonObject quota, bool isLimit)
    {
        var hard = quota.At("status", "hard") as JsonObject ?? [];
        return string.Join(", ", hard
            .Where(resource => resource.Key.StartsWith("limits.", StringComparison.Ordinal) == isLimit)
            .OrderBy(resource => resource.Key, StringComparer.Ordinal)
            .Select(
                resource =>
                    $"{resource.Key}: {quota.CellOr("0", "status", "used", resource.Key)}/{resource.Value.Cell()}"));
    }
}

/// <summary>The columns of events, for both API groups that serve them.</summary>
internal static class EventColumns
{
    public static IReadOnlyList<TableColumn> All { get; } =
    [
        Columns.Text("Last Seen", LastSeen),
        Columns.Text("Type", content => content.Cell("type")),
        Columns.Text("Reason", content => content.Cell("reason")),
        Columns.Text("Object", Target),
        Columns.Wide(Columns.Text("Subobject", content => Regarding(content).Cell("fieldPath"))),
        Columns.Wide(Columns.Text("Source", Source)),
        Columns.Text("Message", content => content.CellOr(content.Cell("note"), "message").Trim()),
        Columns.Wide(Columns.Text("First Seen", FirstSeen)),
        Columns.Wide(new("Count", "string", (content, _) => Count(content))),
        Columns.Wide(Columns.Name),
    ];

    private static JsonNode? Regarding(JsonObject content) => content["involvedObject"] ?? content["regarding"];

    private static string Target(JsonObject content)
    {
        var kind = Regarding(content).Cell("kind").ToLowerInvariant();
        return Regarding(content).Cell("name") is { Length: > 0 } name ? $"{kind}/{name}" : kind;
    }

    private static string FirstSeen(JsonObject content, DateTimeOffset now) =>
        HumanAge.Since(content["firstTimestamp"] ?? content["deprecatedFirstTimestamp"] ?? content["eventTime"], now);

    private static string LastSeen(JsonObject content, DateTimeOffset now) =>
        content["series"] is not null ? HumanAge.Since(content.At("series", "lastObservedTime"), now)
        : (content["lastTimestamp"] ?? content["deprecatedLastTimestamp"]) is { } last ? HumanAge.Since(last, now)
        : FirstSeen(content, now);

    /// <summary>An event of the new API that occurred once has no count.</summary>
    private static long Count(JsonObject content) =>
        content["series"] is not null ? content.NumberOrZero("series", "count")
        : Math.Max(1, Math.Max(content.NumberOrZero("count"), content.NumberOrZero("deprecatedCount")));

    private static string Source(JsonObject content)
    {
        var source = content["source"] ?? content["deprecatedSource"];
        var component = source.CellOr(
            content.CellOr(content.Cell("reportingController"), "reportingComponent"), "component");
        var host = source.CellOr(content.Cell("reportingInstance"), "host");
        return host.Length == 0 ? component : $"{component}, {host}";
    }
}

/// <summary>The columns of nodes.</summary>
internal static class NodeColumns
{
    private const string RolePrefix = "node-role.kubernetes.io/";

    public static IReadOnlyList<TableColumn> All { get; } =
    [
        Columns.Name,
        Columns.Text("Status", Status),
        Columns.Text("Roles", Roles),
        Columns.AgeText,
        Columns.Text("Version", content => content.Cell("status", "nodeInfo", "kubeletVersion")),
        Columns.Wide(Columns.Text("Internal-IP", content => Address(content, "InternalIP"))),
        Columns.Wide(Columns.Text("External-IP", content => Address(content, "ExternalIP"))),
        Columns.Wide(Columns.Text("OS-Image", content => Info(content, "osImage"))),
        Columns.Wide(Columns.Text("Kernel-Version", Kernel)),
        Columns.Wide(Columns.Text("Container-Runtime", content => Info(content, "containerRuntimeVersion"))),
    ];

    private static string Status(JsonObject node)
    {
        var ready = node.Condition("Ready") switch
        {
            null => "Unknown",
            { } condition => condition.Cell("status") == "True" ? "Ready" : "NotReady",
        };
        return node.IsTrue("spec", "unschedulable") ? ready + ",SchedulingDisabled" : ready;
    }

    private static string Roles(JsonObject node)
    {
        var labels = node.At("metadata", "labels") as JsonObject ?? [];
        return Columns.Join(labels
            .Select(label => label.Key.StartsWith(RolePrefix, StringComparison.Ordinal) ? label.Key[RolePrefix.Length..]
                : label.Key == "kubernetes.io/role" ? label.Value.Cell()
                : "")
            .Where(role => role.Length > 0)
            .Order(StringComparer.Ordinal));
    }

    private static string Address(JsonObject node, string type) =>
        node.Items("status", "addresses")
            .FirstOrDefault(address => address.Cell("type") == type)
            .CellOr(Columns.None, "address");

    private static string Info(JsonObject node, string field) => node.CellOr("<unknown>", "status", "nodeInfo", field);

    private static string Kernel(JsonObject node) =>
        Info(node, "kernelVersion")
        + (node.Cell("status", "nodeInfo", "architecture") is { Length: > 0 } architecture ? $" ({architecture})" : "");
}
