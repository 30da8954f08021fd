using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Formats;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>
/// Scalars as Go's encoding/json writes them. Path elements are compared by this text, also with those that Go clients
/// computed, so the escapes must be Go's.
/// </summary>
internal static class CanonicalJson
{
    public static string Scalar(JsonNode? value) => value switch
    {
        null => "null",
        JsonValue scalar when scalar.TryGetValue(out string? text) => GoText.JsonString(text),
        _ when value.GetValueKind() == JsonValueKind.Number => Number(value),
        _ => value.ToJsonString(),
    };

    /// <summary>A whole number has one form, however it was written.</summary>
    private static string Number(JsonNode value)
    {
        var text = value.ToJsonString();
        return text.AsSpan().IndexOfAny('.', 'e', 'E') >= 0
            && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number.ToString("G29", CultureInfo.InvariantCulture)
            : text;
    }
}
