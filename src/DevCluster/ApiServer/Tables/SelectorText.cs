using System.Text.Json.Nodes;
using DevCluster.Schema.Printing;
using DevCluster.Schema.Selectors;

namespace DevCluster.ApiServer.Tables;

/// <summary>Writes label selectors in kubectl's notation.</summary>
internal static class SelectorText
{
    public static string Of(JsonNode? selector) => LabelSelector.FromJson(selector).ToString();

    public static string OrNone(JsonNode? selector) =>
        Of(selector) is { Length: > 0 } text ? text : Columns.None;

    /// <summary>A plain map of labels.</summary>
    public static string Labels(JsonNode? labels) =>
        Columns.Join(
            (labels as JsonObject ?? []).OrderBy(label => label.Key, StringComparer.Ordinal)
                .Select(label => $"{label.Key}={label.Value.Cell()}"));
}
