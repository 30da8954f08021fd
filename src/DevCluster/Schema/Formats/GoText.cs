using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.Schema.Formats;

/// <summary>Writes values as the real API's messages show them, which are made by Go's formatting.</summary>
internal static class GoText
{
    private const int LargestPlainPower = 6;

    /// <summary>A value in an error: strings quoted, numbers plain, the rest as JSON with sorted keys.</summary>
    public static string Value(JsonNode? node) => JsonScalars.Kind(node) switch
    {
        JsonValueKind.String => Quote(node!.GetValue<string>()),
        JsonValueKind.Number when !JsonScalars.TryGetInt64(node, out _) => Double(JsonScalars.AsDouble(node!)),
        _ => Json(node),
    };

    /// <summary>JSON with the keys in order.</summary>
    public static string Json(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                var entries = map.OrderBy(property => property.Key, StringComparer.Ordinal).Select(property => $"{JsonString(property.Key)}:{Json(property.Value)}");
                return $"{{{string.Join(',', entries)}}}";
            case JsonArray list:
                return $"[{string.Join(',', list.Select(Json))}]";
            case null:
                return "null";
            default:
                return JsonScalars.AsString(node) is { } text ? JsonString(text) : node.ToJsonString();
        }
    }

    /// <summary>As <c>%q</c> does.</summary>
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

    /// <summary>As <c>%v</c> does: the shortest digits that read back the same, with an exponent below 1e-4 and from 1e6 on.</summary>
    public static string Double(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
        }

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
        var power = int.Parse(text.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var fraction = Math.Max(0, at - 2 - (double.IsNegative(value) ? 1 : 0));
        return power is < -4 or >= LargestPlainPower
            ? $"{text[..at]}e{(power < 0 ? '-' : '+')}{Math.Abs(power):00}"
            : value.ToString("F" + Math.Max(0, fraction - power), CultureInfo.InvariantCulture);
    }

    /// <summary>Go's JSON escapes what could end a script element.</summary>
    private static string JsonString(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var character in text)
        {
            quoted.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                < ' ' or '<' or '>' or '&' or '\u2028' or '\u2029' => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => character.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }
}
