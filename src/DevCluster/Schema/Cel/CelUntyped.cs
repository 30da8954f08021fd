using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.Schema.Cel;

/// <summary>
/// JSON that no schema describes, as admission policies see objects: keys are as they stand, numbers without a
/// fraction are integers, and a null is a value.
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

    /// <summary>Entries are converted when asked for, once.</summary>
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
