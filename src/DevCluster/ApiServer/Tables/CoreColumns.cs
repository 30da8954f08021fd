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
