using System.Text.Json.Nodes;

namespace DevCluster.Schema.Json;

/// <summary>Reads nested fields where absence is normal.</summary>
internal static class JsonNavigation
{
    public const string None = "<none>";

    /// <summary>The string there, empty when there is none.</summary>
    public static string Cell(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        var value = node.At(path);
        return JsonScalars.AsString(value) ?? (value is JsonValue scalar ? scalar.ToJsonString() : "");
    }

    public static string TextOr(this JsonNode? node, string fallback, params ReadOnlySpan<string> path) =>
        node.Cell(path) is { Length: > 0 } text ? text : fallback;

    public static long Integer(this JsonNode? node, params ReadOnlySpan<string> path) =>
        JsonScalars.AsInt64(node.At(path)) ?? 0;

    public static bool IsTrue(this JsonNode? node, params ReadOnlySpan<string> path) =>
        JsonScalars.AsBoolean(node.At(path)) == true;

    public static JsonObject? First(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.Items(path) is [var first, ..] ? first : null;

    public static int Count(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) switch
    {
        JsonArray list => list.Count,
        JsonObject map => map.Count,
        _ => 0,
    };

    public static JsonObject? Condition(this JsonNode? node, string type) =>
        node.Items("status", "conditions").FirstOrDefault(condition => condition.Cell("type") == type);

    /// <summary>A comma-separated list, or the word for nothing.</summary>
    public static string Join(IEnumerable<string> parts) =>
        string.Join(",", parts) is { Length: > 0 } joined ? joined : None;
}
