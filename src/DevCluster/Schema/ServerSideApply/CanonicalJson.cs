using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>
/// Scalars as Go's encoding/json writes them. Path elements are compared by this text, also with those that Go clients
/// computed, so the escapes must be Go's.
/// </summary>
internal static class CanonicalJson
{
    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Select(i => (char)i), '"', '\\', '<', '>', '&', '\u2028', '\u2029']);

    public static string Scalar(JsonNode? value) => value switch
    {
        null => "null",
        JsonValue scalar when scalar.TryGetValue(out string? text) => Quote(text),
        _ when value.GetValueKind() == JsonValueKind.Number => Number(value),
        _ => value.ToJsonString(),
    };

    public static string Quote(string text)
    {
        if (text.AsSpan().IndexOfAny(Escaped) < 0)
        {
            return $"\"{text}\"";
        }

        var json = new StringBuilder(text.Length + 8).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                _ when Escaped.Contains(c) => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => json.Append(c),
            };
        }

        return json.Append('"').ToString();
    }

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
