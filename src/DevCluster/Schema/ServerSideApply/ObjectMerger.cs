using System.Text.Json.Nodes;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>Merges a configuration into a live object: the configuration wins, and nothing is removed.</summary>
internal static class ObjectMerger
{
    /// <summary>Metadata that the server sets: a null here, which serializers send, means nothing.</summary>
    private static readonly HashSet<string> SystemMetadata =
        ["name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink", "managedFields"];

    public static JsonObject Merge(JsonObject live, JsonObject configuration, TypeSchema schema) =>
        Map(live, configuration, schema);

    /// <summary>Merges two values that are both present. Null stands for an explicit null.</summary>
    internal static JsonNode? Value(JsonNode? live, JsonNode? applied, TypeSchema? schema)
    {
        switch (Shapes.FromSchema(schema, live, applied))
        {
            case Shape.Map when IsEmpty(live as JsonObject) && IsEmpty(applied as JsonObject):
            case Shape.AssociativeList when IsEmpty(live as JsonArray) && IsEmpty(applied as JsonArray):
                return Taken(applied, schema);
            case Shape.Map:
                return Map(live as JsonObject ?? [], applied as JsonObject ?? [], schema);
            case Shape.AssociativeList:
                return ListMerger.Merge(live as JsonArray ?? [], applied as JsonArray ?? [], schema!);
            default:
                return Taken(applied, schema);
        }
    }

    /// <summary>A configured value without a live counterpart.</summary>
    internal static JsonNode? Taken(JsonNode? applied, TypeSchema? schema)
    {
        switch (applied)
        {
            case JsonObject map:
                return Map([], map, schema);
            case JsonArray list when schema is { Type: "array" }:
                return new JsonArray([.. list.Select(item => Taken(item, schema.Items))]);
            default:
                return applied?.DeepClone();
        }
    }

    private static JsonObject Map(JsonObject live, JsonObject applied, TypeSchema? schema)
    {
        var result = new JsonObject();
        foreach (var (name, value) in live)
        {
            if (!applied.TryGetPropertyValue(name, out var wanted) || (wanted is null && IsSystemField(schema, name)))
            {
                result.Add(name, value?.DeepClone());
                continue;
            }

            var field = Shapes.Field(schema, name);
            AddUnlessNull(result, name, Value(value, wanted, field), field);
        }

        foreach (var (name, wanted) in applied)
        {
            if (!live.ContainsKey(name))
            {
                var field = Shapes.Field(schema, name);
                AddUnlessNull(result, name, Taken(wanted, field), field);
            }
        }

        return result;
    }

    /// <summary>Decoding drops nulls, unless the type allows null as a value.</summary>
    private static void AddUnlessNull(JsonObject result, string name, JsonNode? value, TypeSchema? schema)
    {
        if (value is not null || Shapes.KeepsNull(schema))
        {
            result.Add(name, value);
        }
    }

    private static bool IsSystemField(TypeSchema? schema, string name) =>
        schema?.Definition == WellKnownDefinitions.ObjectMeta && SystemMetadata.Contains(name);

    private static bool IsEmpty(JsonObject? map) => map is null or { Count: 0 };

    private static bool IsEmpty(JsonArray? list) => list is null or { Count: 0 };
}

/// <summary>
/// Merges associative lists. Applied items are in their applied order; other live items keep their position relative to
/// the shared items around them.
/// </summary>
internal static class ListMerger
{
    public static JsonArray Merge(JsonArray live, JsonArray applied, TypeSchema schema)
    {
        var (left, leftItems) = Index(live, schema);
        var (right, rightItems) = Index(applied, schema);
        var shared = new Queue<PathElement>(right.Where(leftItems.ContainsKey));
        var merged = new HashSet<PathElement>();
        var result = new JsonArray();
        int l = 0, r = 0;
        while (l < left.Count || r < right.Count)
        {
            if (l < left.Count && r < right.Count && left[l] == right[r])
            {
                result.Add(Item(leftItems, rightItems, left[l], schema));
                merged.Add(left[l]);
                shared.TryDequeue(out _);
                l++;
                r++;
                continue;
            }

            if (l < left.Count
                && r < right.Count
                && rightItems.ContainsKey(left[l])
                && shared.TryPeek(out var next)
                && next != left[l])
            {
                // Shared, but the configuration places another shared item first.
                l++;
                continue;
            }

            if (l < left.Count && !rightItems.ContainsKey(left[l]))
            {
                result.Add(live[l]?.DeepClone());
                l++;
                continue;
            }

            if (l < left.Count && merged.Contains(left[l]))
            {
                l++;
            }

            if (r < right.Count)
            {
                result.Add(Item(leftItems, rightItems, right[r], schema));
                merged.Add(right[r]);
                if (shared.TryPeek(out var expected) && expected == right[r])
                {
                    shared.Dequeue();
                }

                r++;
            }
            else if (l < left.Count && !merged.Contains(left[l]))
            {
                l++;
            }
        }

        return result;
    }

    private static JsonNode? Item(
        Dictionary<PathElement, JsonNode?> left,
        Dictionary<PathElement, JsonNode?> right,
        PathElement element,
        TypeSchema schema) =>
        left.TryGetValue(element, out var live) && live is not null
            ? ObjectMerger.Value(live, right[element], schema.Items)
            : ObjectMerger.Taken(right[element], schema.Items);

    /// <summary>
    /// Items by element. If a live list has several items with one key, they cannot be merged and read as null.
    /// </summary>
    private static (List<PathElement> Order, Dictionary<PathElement, JsonNode?> Items) Index(
        JsonArray list, TypeSchema schema)
    {
        var order = new List<PathElement>(list.Count);
        var items = new Dictionary<PathElement, JsonNode?>(list.Count);
        foreach (var item in list)
        {
            // A live item without keys cannot be addressed; it gets a unique element, so that it is kept.
            if (!Shapes.TryItem(schema, item, out var element, out _))
            {
                element = new(
                    PathElementKind.Index, order.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }

            order.Add(element);
            if (!items.TryAdd(element, item))
            {
                items[element] = null;
            }
        }

        return (order, items);
    }
}
