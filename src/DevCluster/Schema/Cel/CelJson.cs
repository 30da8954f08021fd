using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Cel;

/// <summary>Converts JSON to CEL values by a schema; data that does not match the schema is an error value.</summary>
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

/// <summary>A JSON object with its schema. Fields are converted once, on first access.</summary>
internal sealed class CelJsonMap(JsonObject content, TypeSchema schema) : CelMap
{
    private readonly Dictionary<string, object> _converted = new(StringComparer.Ordinal);

    /// <summary>Objects have fields, whose names are escaped; maps have keys, which are not.</summary>
    private readonly bool _isObject = schema.Properties.Count > 0 || schema.AdditionalProperties is null;

    public override int Count => content.Count;

    public JsonObject Content => content;

    public override IEnumerable<object> Keys => content
        .Select(property => property.Key)
        .Where(key => SchemaOf(key) is not null)
        .Select(key => _isObject ? CelNames.Escape(key) ?? key : key);

    /// <summary>A null field counts as absent; a null in a map is a value.</summary>
    public override object? Find(object key)
    {
        var name = _isObject && key is string escaped ? CelNames.Unescape(escaped) : key as string;
        if (name is null
            || !content.TryGetPropertyValue(name, out var value)
            || (value is null && _isObject)
            || SchemaOf(name) is not { } child)
        {
            return null;
        }

        if (!_converted.TryGetValue(name, out var converted))
        {
            _converted[name] = converted = CelJson.ToValue(value, child);
        }

        return converted;
    }

    private TypeSchema? SchemaOf(string key) =>
        schema.Properties.TryGetValue(key, out var property) ? property : schema.AdditionalProperties;
}

/// <summary>
/// JSON without a schema, as in admission policies: keys are not escaped, numbers without a fraction are integers, and
/// null is a value.
/// </summary>
internal static class CelUntyped
{
    public static object ToValue(JsonNode? node) => node switch
    {
        null => CelNull.Value,
        JsonObject map => new Map(map),
        JsonArray list => new CelList(list.Select(ToValue)),
        _ => node.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String => node.GetValue<string>(),
            JsonValueKind.Number when node.Number() is { } whole => whole,
            JsonValueKind.Number => node.Double()!,
            _ => CelNull.Value,
        },
    };

    /// <summary>Entries are converted once, on first access.</summary>
    private sealed class Map(JsonObject content) : CelMap
    {
        private readonly Dictionary<string, object> _converted = new(StringComparer.Ordinal);

        public override int Count => content.Count;

        public override IEnumerable<object> Keys => content.Select(property => (object)property.Key);

        public override object? Find(object key)
        {
            if (key is not string name || !content.TryGetPropertyValue(name, out var value))
            {
                return null;
            }

            if (!_converted.TryGetValue(name, out var converted))
            {
                _converted[name] = converted = ToValue(value);
            }

            return converted;
        }
    }
}
