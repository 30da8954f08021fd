using System.Text.Json.Nodes;

namespace DevCluster.Schema.Validation;

/// <summary>Finds items of lists that are maps by key.</summary>
internal static class ListMaps
{
    private const int PairwiseLimit = 64;

    /// <summary>The item with the same key values; null when there is none.</summary>
    public static JsonNode? Find(JsonNode? list, JsonNode? item, IReadOnlyList<string> keys) =>
        list is JsonArray items && item is JsonObject wanted
            ? items.OfType<JsonObject>()
                .FirstOrDefault(candidate => keys.All(key => JsonNode.DeepEquals(candidate[key], wanted[key])))
            : null;

    /// <summary>
    /// Whether a closer look for repeated items is worth while: long lists are not compared pair by pair.
    /// </summary>
    public static bool MayRepeat(JsonArray list, IReadOnlyList<string>? keys) =>
        list.Count > PairwiseLimit || HasRepeated(list, keys);

    /// <summary>Whether two items have the same key values, or without keys are the same.</summary>
    public static bool HasRepeated(JsonArray list, IReadOnlyList<string>? keys)
    {
        for (var i = 1; i < list.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (keys is null ? JsonNode.DeepEquals(list[i], list[j]) : HaveSameKey(list[i], list[j], keys))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool HaveSameKey(JsonNode? left, JsonNode? right, IReadOnlyList<string> keys)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            JsonNode? a = null;
            JsonNode? b = null;
            var hasLeft = left is JsonObject leftMap && leftMap.TryGetPropertyValue(keys[i], out a);
            var hasRight = right is JsonObject rightMap && rightMap.TryGetPropertyValue(keys[i], out b);
            if (hasLeft != hasRight || !JsonNode.DeepEquals(a, b))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The part of an item that identifies it.</summary>
    public static JsonObject KeyOf(JsonNode? item, IReadOnlyList<string> keys)
    {
        var key = new JsonObject();
        foreach (var name in keys)
        {
            if (item is JsonObject map && map.TryGetPropertyValue(name, out var value))
            {
                key[name] = value?.DeepClone();
            }
        }

        return key;
    }
}
