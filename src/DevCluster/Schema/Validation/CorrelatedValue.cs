using System.Text.Json.Nodes;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Validation;

/// <summary>
/// A value beside what it was before the update, followed through maps and lists by key. Lists that are atomic or sets
/// have no items that correspond. What did not change is not held against the update.
/// </summary>
internal sealed class CorrelatedValue(JsonNode? value, JsonNode? old, TypeSchema? schema)
{
    private bool? _isSame;
    private bool? _isUnchanged;

    public JsonNode? Old => old;

    /// <summary>Whether both are the same to the letter.</summary>
    public bool IsSame => _isSame ??= JsonNode.DeepEquals(value, old);

    /// <summary>Whether both are the same, with map lists compared by key rather than by position.</summary>
    public bool IsUnchanged => _isUnchanged ??= IsSame || Compare();

    /// <summary>The child of that name, null when it is new or the schema does not know it.</summary>
    public CorrelatedValue? Key(string name)
    {
        var child = schema is null
            ? null
            : schema.Properties.TryGetValue(name, out var property) ? property : schema.AdditionalProperties;
        return child is not null
            && value is JsonObject map && map.TryGetPropertyValue(name, out var current)
            && old is JsonObject oldMap && oldMap.TryGetPropertyValue(name, out var before)
                ? new CorrelatedValue(current, before, child)
                : null;
    }

    public CorrelatedValue? Index(int index) =>
        schema is { ListType: ListType.Map, Items: { } items }
        && value is JsonArray list
        && ListMaps.Find(old, list[index], schema.ListMapKeys) is { } before
            ? new CorrelatedValue(list[index], before, items)
            : null;

    private bool Compare()
    {
        switch (value, old)
        {
            case (JsonArray list, JsonArray before) when schema is { ListType: ListType.Map }:
                return list.Count == before.Count
                    && Enumerable.Range(0, list.Count).All(i => Index(i)?.IsUnchanged == true);
            case (JsonObject map, JsonObject before):
                return map.Count == before.Count
                    && map.All(property => Key(property.Key)?.IsUnchanged
                        ?? IsSameField(property.Value, before, property.Key));
            default:
                return JsonNode.DeepEquals(value, old);
        }
    }

    /// <summary>Fields that the schema does not know count as changed in the real API only if they did.</summary>
    private static bool IsSameField(JsonNode? current, JsonObject before, string key) =>
        before.TryGetPropertyValue(key, out var other) && JsonNode.DeepEquals(current, other);
}
