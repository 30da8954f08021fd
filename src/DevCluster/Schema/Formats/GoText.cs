using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.Schema.Formats;

/// <summary>Formats values as Go does, for the real API's messages.</summary>
internal static class GoText
{
    private const int LargestPlainPower = 6;

    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Select(i => (char)i), '"', '\\', '<', '>', '&', '\u2028', '\u2029']);

    /// <summary>A value in an error: strings are quoted, numbers plain, and others JSON with sorted keys.</summary>
    public static string Value(JsonNode? node) => node.Kind() switch
    {
        JsonValueKind.String => Quote(node!.GetValue<string>()),
        JsonValueKind.Number when node.Number() is null => Double(node.Double() ?? 0),
        _ => Json(node),
    };

    /// <summary>JSON with sorted keys.</summary>
    public static string Json(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                var entries = map.OrderBy(property => property.Key, StringComparer.Ordinal)
                    .Select(property => $"{JsonString(property.Key)}:{Json(property.Value)}");
                return $"{{{string.Join(',', entries)}}}";
            case JsonArray list:
                return $"[{string.Join(',', list.Select(Json))}]";
            case null:
                return "null";
            default:
                return node.Text() is { } text ? JsonString(text) : node.ToJsonString();
        }
    }

    /// <summary>Formats as <c>%q</c>.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            quoted.Append(rune.Value switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\a' => "\\a",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\v' => "\\v",
                < 0x20 or 0x7f => string.Create(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                _ => rune.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>
    /// Formats as <c>%v</c>: the shortest digits that round-trip, with an exponent below 1e-4 and from 1e6.
    /// </summary>
    public static string Double(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
        }

        var (digits, power) = Shortest(value);
        return power is < -4 or >= LargestPlainPower
            ? $"{digits}e{(power < 0 ? '-' : '+')}{Math.Abs(power):00}"
            : Plain(value, digits, power);
    }

    /// <summary>Formats as encoding/json: with an exponent below 1e-6 and from 1e21.</summary>
    public static string JsonDouble(double value)
    {
        var (digits, power) = Shortest(value);
        return power switch
        {
            < -6 when value != 0 => $"{digits}e{power}",
            >= 21 => $"{digits}e+{power}",
            _ => Plain(value, digits, power),
        };
    }

    /// <summary>Formats as <c>%v</c>.</summary>
    public static string Print(JsonNode? node) => node switch
    {
        null => "<nil>",
        JsonObject map =>
            $"map[{string.Join(' ', map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(PrintField))}]",
        JsonArray list => $"[{string.Join(' ', list.Select(Print))}]",
        _ => node.ToString(),
    };

    /// <summary>The Go type to which a JSON value is decoded.</summary>
    public static string TypeName(JsonNode? node) => node.Kind() switch
    {
        JsonValueKind.Null => "%!s(<nil>)",
        JsonValueKind.Object => "map[string]interface {}",
        JsonValueKind.Array => "[]interface {}",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "bool",
        _ => "int64",
    };

    /// <summary>The name of a JSON value in encoding/json: <c>cannot unmarshal number into ...</c>.</summary>
    public static string JsonKind(JsonNode? node) => node.Kind() switch
    {
        JsonValueKind.Null => "null",
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "bool",
        _ => "number",
    };

    /// <summary>A JSON string; like Go, it also escapes characters that could end a script element.</summary>
    public static string JsonString(string text)
    {
        if (text.AsSpan().IndexOfAny(Escaped) < 0)
        {
            return $"\"{text}\"";
        }

        var quoted = new StringBuilder(text.Length + 8).Append('"');
        foreach (var character in text)
        {
            _ = character switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                '\b' => quoted.Append("\\b"),
                '\f' => quoted.Append("\\f"),
                _ when Escaped.Contains(character) =>
                    quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => quoted.Append(character),
            };
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>
    /// JSON as encoding/json forwards it: unchanged, except that characters that could end a script element are
    /// escaped.
    /// </summary>
    public static string EscapeJson(string json)
    {
        if (json.AsSpan().IndexOfAny("<>&\u2028\u2029") < 0)
        {
            return json;
        }

        var escaped = new StringBuilder(json.Length + 16);
        foreach (var character in json)
        {
            _ = character is '<' or '>' or '&' or '\u2028' or '\u2029'
                ? escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}")
                : escaped.Append(character);
        }

        return escaped.ToString();
    }

    private static string PrintField(KeyValuePair<string, JsonNode?> field) => $"{field.Key}:{Print(field.Value)}";

    private static string Plain(double value, string digits, int power)
    {
        var fraction = Math.Max(0, digits.Length - 2 - (double.IsNegative(value) ? 1 : 0));
        return value.ToString("F" + Math.Max(0, fraction - power), CultureInfo.InvariantCulture);
    }

    /// <summary>The shortest digits that round-trip, in the form <c>1.25</c>, and the power of ten.</summary>
    private static (string Digits, int Power) Shortest(double value)
    {
        var text = value.ToString("E16", CultureInfo.InvariantCulture);
        for (var digits = 0; digits < 17; digits++)
        {
            text = value.ToString("E" + digits, CultureInfo.InvariantCulture);
            if (double.Parse(text, CultureInfo.InvariantCulture).Equals(value))
            {
                break;
            }
        }

        var at = text.IndexOf('E', StringComparison.Ordinal);
        return (text[..at], int.Parse(
            text.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
    }
}
