using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Validation;

/// <summary>Checks that sets have no duplicate items and map lists no duplicate keys.</summary>
internal static class ListTypeValidator
{
    public static void Validate(JsonNode value, TypeSchema schema, FieldPath path, List<FieldError> errors)
    {
        if (value is JsonArray list)
        {
            ValidateList(list, schema, path, errors);
        }

        SchemaWalk.VisitChildren(value, schema, path, errors, Validate);
    }

    private static void ValidateList(JsonArray list, TypeSchema schema, FieldPath path, List<FieldError> errors)
    {
        if (schema.ListType == ListType.Set && ListMaps.MayRepeat(list, null))
        {
            errors.AddRange(Repeated([.. list]).Select(index => FieldErrors.Duplicate(path[index], list[index])));
        }
        else if (schema.ListType == ListType.Map)
        {
            ValidateMap(list, schema, path, errors);
        }
    }

    private static void ValidateMap(JsonArray list, TypeSchema schema, FieldPath path, List<FieldError> errors)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is not (JsonObject or null))
            {
                errors.Add(FieldErrors.Invalid(path[i], list[i], "must be an object for an array of list-type map"));
                return;
            }
        }

        if (!ListMaps.MayRepeat(list, schema.ListMapKeys))
        {
            return;
        }

        var keys = list.Select(item => ListMaps.KeyOf(item, schema.ListMapKeys)).ToList();
        errors.AddRange(Repeated([.. keys]).Select(index => FieldErrors.Duplicate(path[index], keys[index])));
    }

    /// <summary>The positions where an item occurs for the second time; further repetitions are not reported.</summary>
    private static IEnumerable<int> Repeated(List<JsonNode?> items)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            var text = GoText.Json(items[i]);
            var times = seen[text] = seen.GetValueOrDefault(text) + 1;
            if (times == 2)
            {
                yield return i;
            }
        }
    }
}

/// <summary>Finds items of map lists by key.</summary>
internal static class ListMaps
{
    private const int PairwiseLimit = 64;

    /// <summary>The item with the same key values; null if there is none.</summary>
    public static JsonNode? Find(JsonNode? list, JsonNode? item, IReadOnlyList<string> keys) =>
        list is JsonArray items && item is JsonObject wanted
            ? items.OfType<JsonObject>()
                .FirstOrDefault(candidate => keys.All(key => JsonNode.DeepEquals(candidate[key], wanted[key])))
            : null;

    /// <summary>Whether to look for duplicates: long lists are not compared pair by pair.</summary>
    public static bool MayRepeat(JsonArray list, IReadOnlyList<string>? keys) =>
        list.Count > PairwiseLimit || HasRepeated(list, keys);

    /// <summary>Whether two items have the same key values, or without keys are equal.</summary>
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

    /// <summary>The key fields of an item.</summary>
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

/// <summary>Visits nested maps and lists together with their schemas.</summary>
internal static class SchemaWalk
{
    public delegate void Visitor(JsonNode value, TypeSchema schema, FieldPath path, List<FieldError> errors);

    /// <summary>Visits fields and items that are maps or lists and have a schema.</summary>
    public static void VisitChildren(
        JsonNode value, TypeSchema schema, FieldPath path, List<FieldError> errors, Visitor visit)
    {
        switch (value)
        {
            case JsonObject map when schema.Properties.Count > 0 || schema.AdditionalProperties is not null:
                for (var i = 0; i < map.Count; i++)
                {
                    var (key, child) = map.GetAt(i);
                    if (child is null or JsonValue)
                    {
                        continue;
                    }

                    if (schema.Properties.TryGetValue(key, out var property))
                    {
                        visit(child, property, path[key], errors);
                    }
                    else if (schema.AdditionalProperties is { } additional)
                    {
                        visit(child, additional, path.Key(key), errors);
                    }
                }

                break;
            case JsonArray list when schema.Items is { } items:
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is JsonObject or JsonArray)
                    {
                        visit(list[i]!, items, path[i], errors);
                    }
                }

                break;
        }
    }
}
