using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Cel;

/// <summary>Sees JSON through its schema as CEL values; what does not suit the schema is an error value.</summary>
internal static class CelJson
{
    public static object ToValue(JsonNode? node, TypeSchema schema)
    {
        if (node is null)
        {
            return schema.Nullable
                ? CelNull.Value
                : new CelError("invalid data, got null for schema with nullable=false");
        }

        if (schema.IsIntOrString)
        {
            return node.Text() is { } either ? either
                : node.Number() is { } integer ? integer
                : new CelError("invalid data, expected XIntOrString value to be either a string or integer");
        }

        return schema.Type switch
        {
            "object" =>
                node is JsonObject map
                    ? new CelJsonMap(map, schema)
                    : Unsuitable("a map for the provided schema with type=object"),
            "array" =>
                node is JsonArray list
                    ? ToList(list, schema)
                    : Unsuitable("an array for the provided schema with type=array"),
            "string" => node.Text() is { } text ? ToText(text, schema.Format) : Unsuitable("string"),
            "integer" => node.Number() is { } whole ? whole : Unsuitable("int"),
            "number" => node.Double() is { } real ? real : Unsuitable("float"),
            "boolean" => node.Flag() is { } flag ? flag : Unsuitable("bool"),
            _ => new CelUnknown(node),
        };
    }

    private static CelError Unsuitable(string expected) => new($"invalid data, expected {expected}");

    private static object ToList(JsonArray list, TypeSchema schema) => schema.Items is { } items
        ? new CelList(
            list.Select(item => ToValue(item, items)),
            schema.ListType,
            [.. schema.ListMapKeys.Select(key => CelNames.Escape(key) ?? key)])
        : new CelError("invalid array type, expected Items with a non-empty Schema");

    private static object ToText(string text, string? format) => format switch
    {
        "byte" => ToBytes(text),
        "duration" =>
            DurationFormats.TryParseDuration(text, out var nanoseconds)
                ? new CelDuration(nanoseconds)
                : new CelError($"Invalid duration {text}"),
        "date" or "date-time" =>
            DateTimeOffset.TryParse(
                text,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var time)
                ? time
                : new CelError($"Invalid {format} formatted string {text}"),
        _ => text,
    };

    private static object ToBytes(string text)
    {
        var buffer = new byte[text.Length];
        return Convert.TryFromBase64String(text.Replace('-', '+').Replace('_', '/'), buffer, out var length)
            ? buffer[..length]
            : new CelError($"Invalid byte formatted string {text}");
    }
}
