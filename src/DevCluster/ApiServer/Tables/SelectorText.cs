using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Tables;

/// <summary>Writes label selectors in kubectl's notation.</summary>
internal static class SelectorText
{
    /// <summary><c>a=b,c in (d,e),!f</c>, ordered by key; empty for the selector of everything.</summary>
    public static string Of(JsonNode? selector)
    {
        var labels =
            (selector.At("matchLabels") as JsonObject
                ?? []).Select(label => (label.Key, Text: $"{label.Key}={label.Value.Cell()}"));
        var expressions = selector.Items("matchExpressions")
            .Select(expression => (Key: expression.Cell("key"), Text: Expression(expression)));
        return string.Join(
            ',',
            labels.Concat(expressions).OrderBy(part => part.Key, StringComparer.Ordinal).Select(part => part.Text));
    }

    public static string OrNone(JsonNode? selector) =>
        Of(selector) is { Length: > 0 } text ? text : JsonNavigation.None;

    /// <summary>A plain map of labels.</summary>
    public static string Labels(JsonNode? labels) =>
        JsonNavigation.Join(
            (labels as JsonObject ?? []).OrderBy(label => label.Key, StringComparer.Ordinal)
                .Select(label => $"{label.Key}={label.Value.Cell()}"));

    private static string Expression(JsonObject expression)
    {
        var key = expression.Cell("key");
        var values = string.Join(',', expression.Texts("values").Order(StringComparer.Ordinal));
        return expression.Cell("operator") switch
        {
            "In" => $"{key} in ({values})",
            "NotIn" => $"{key} notin ({values})",
            "Exists" => key,
            _ => $"!{key}",
        };
    }
}
