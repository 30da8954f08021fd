using System.Text.Json.Nodes;
using Dynospace.DevCluster.Validation;

namespace Dynospace.DevCluster.Tables;

/// <summary>Reads nested fields where absence is normal.</summary>
internal static class JsonNavigation
{
    public const string None = "<none>";

    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var key in path)
        {
            node = (node as JsonObject)?[key];
        }

        return node;
    }

    /// <summary>The string there, empty when there is none.</summary>
    public static string Text(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        var value = node.At(path);
        return JsonScalars.AsString(value) ?? (value is JsonValue scalar ? scalar.ToJsonString() : "");
    }

    public static string TextOr(this JsonNode? node, string fallback, params ReadOnlySpan<string> path) =>
        node.Text(path) is { Length: > 0 } text ? text : fallback;

    public static long Integer(this JsonNode? node, params ReadOnlySpan<string> path) => JsonScalars.AsInt64(node.At(path)) ?? 0;

    public static bool Flag(this JsonNode? node, params ReadOnlySpan<string> path) => JsonScalars.AsBoolean(node.At(path)) == true;

    public static IReadOnlyList<JsonObject> Items(this JsonNode? node, params ReadOnlySpan<string> path) =>
        [.. (node.At(path) as JsonArray ?? []).OfType<JsonObject>()];

    public static JsonObject? First(this JsonNode? node, params ReadOnlySpan<string> path) => node.Items(path) is [var first, ..] ? first : null;

    public static IReadOnlyList<string> Strings(this JsonNode? node, params ReadOnlySpan<string> path) =>
        [.. (node.At(path) as JsonArray ?? []).Select(JsonScalars.AsString).OfType<string>()];

    public static int Count(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) switch
    {
        JsonArray list => list.Count,
        JsonObject map => map.Count,
        _ => 0,
    };

    public static JsonObject? Condition(this JsonNode? node, string type) =>
        node.Items("status", "conditions").FirstOrDefault(condition => condition.Text("type") == type);

    /// <summary>A comma-separated list, or the word for nothing.</summary>
    public static string Join(IEnumerable<string> parts) => string.Join(",", parts) is { Length: > 0 } joined ? joined : None;
}
