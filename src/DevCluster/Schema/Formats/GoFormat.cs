using System.Text.Json;
using System.Text.Json.Nodes;

namespace DevCluster.Schema.Formats;

/// <summary>Values as Go's <c>%v</c> prints them, for messages that must read like the API's.</summary>
internal static class GoFormat
{
    public static string Value(JsonNode? node) => node switch
    {
        null => "<nil>",
        JsonObject map => $"map[{string.Join(' ', map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}:{Value(p.Value)}"))}]",
        JsonArray list => $"[{string.Join(' ', list.Select(Value))}]",
        _ => node.ToString(),
    };

    /// <summary>The Go type a JSON value decodes to.</summary>
    public static string TypeName(JsonNode? node) => node switch
    {
        null => "%!s(<nil>)",
        JsonObject => "map[string]interface {}",
        JsonArray => "[]interface {}",
        _ => node.GetValueKind() switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.True or JsonValueKind.False => "bool",
            _ => "int64",
        },
    };

    /// <summary>The word encoding/json has for a JSON value: <c>cannot unmarshal number into ...</c>.</summary>
    public static string JsonKind(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject => "object",
        JsonArray => "array",
        _ => node.GetValueKind() switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.True or JsonValueKind.False => "bool",
            _ => "number",
        },
    };
}
