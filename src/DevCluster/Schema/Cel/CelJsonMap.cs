using System.Text.Json.Nodes;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Cel;

/// <summary>A JSON object seen through its schema. Fields are converted when asked for, once.</summary>
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

    /// <summary>A null in a field counts as absent; a null in a map is a value.</summary>
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
