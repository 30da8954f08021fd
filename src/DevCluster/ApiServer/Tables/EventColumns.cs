using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Printing;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Tables;

/// <summary>The columns of events, whichever of the two APIs they are read through.</summary>
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

    /// <summary>An event of the new API that happened once has no count.</summary>
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
