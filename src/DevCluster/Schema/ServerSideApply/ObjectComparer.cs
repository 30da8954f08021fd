using System.Text.Json.Nodes;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>Finds the fields in which two objects of a type differ.</summary>
internal static class ObjectComparer
{
    public static Comparison Compare(JsonObject before, JsonObject after, TypeSchema schema)
    {
        var level = default(Level);
        Maps(before, after, schema, ref level);
        return new(level.Added ?? new(0), level.Modified ?? new(0), level.Removed ?? new(0));
    }

    private static void Maps(JsonObject? before, JsonObject? after, TypeSchema? schema, ref Level level)
    {
        foreach (var (name, value) in before ?? [])
        {
            var field = Shapes.Field(schema, name);
            var exists = TryGet(after, name, field, out var other);
            Pair(PathElement.Field(name), value, true, other, exists, field, ref level);
        }

        foreach (var (name, value) in after ?? [])
        {
            if (before is null || !before.ContainsKey(name))
            {
                var field = Shapes.Field(schema, name);
                var existed = TryGet(before, name, field, out var other);
                Pair(PathElement.Field(name), other, existed, value, true, field, ref level);
            }
        }
    }

    /// <summary>The value of a field; some fields always have at least the zero value.</summary>
    private static bool TryGet(JsonObject? map, string name, TypeSchema? field, out JsonNode? value)
    {
        value = null;
        if (map is null)
        {
            return false;
        }

        if (map.TryGetPropertyValue(name, out value))
        {
            return true;
        }

        if (field is not { IsNeverAbsent: true })
        {
            return false;
        }

        value = field.Type switch
        {
            "object" when field.AdditionalProperties is null => new JsonObject(),
            "string" => "",
            "integer" => 0,
            "boolean" => false,
            _ => null,
        };
        return true;
    }

    private static void Pair(
        PathElement element,
        JsonNode? before,
        bool existed,
        JsonNode? after,
        bool exists,
        TypeSchema? schema,
        ref Level level)
    {
        var inner = default(Level);
        switch (Shapes.FromSchema(schema, before, after))
        {
            case Shape.Map when before is JsonObject { Count: > 0 } || after is JsonObject { Count: > 0 }:
                Maps(before as JsonObject, after as JsonObject, schema, ref inner);
                break;
            case Shape.AssociativeList when before is JsonArray { Count: > 0 } || after is JsonArray { Count: > 0 }:
                Lists(before as JsonArray ?? [], after as JsonArray ?? [], schema!, ref inner);
                break;
            default:
                // For leaves and empty containers, absent and empty are different.
                if (existed && exists)
                {
                    if (!JsonNode.DeepEquals(before, after))
                    {
                        level.Modify(element);
                    }

                    return;
                }

                break;
        }

        level.Attach(element, inner, isAdded: !existed, isRemoved: !exists);
    }

    private static void Lists(JsonArray before, JsonArray after, TypeSchema schema, ref Level level)
    {
        var left = Group(before, schema);
        var right = Group(after, schema);
        foreach (var (element, items) in left)
        {
            var others = right.GetValueOrDefault(element, []);
            if (items.Count == 1 && others.Count <= 1)
            {
                Pair(
                    element,
                    items[0],
                    true,
                    others.Count == 1 ? others[0] : null,
                    others.Count == 1,
                    schema.Items,
                    ref level);
            }
            else
            {
                Duplicates(element, items, others, schema, ref level);
            }
        }

        foreach (var (element, items) in right)
        {
            if (left.ContainsKey(element))
            {
                continue;
            }

            if (items.Count == 1)
            {
                Pair(element, null, false, items[0], true, schema.Items, ref level);
            }
            else
            {
                level.Attach(element, default, isAdded: true, isRemoved: false);
            }
        }
    }

    /// <summary>Several items with the same key, which updates may leave behind, are owned as one.</summary>
    private static void Duplicates(
        PathElement element, List<JsonNode?> before, List<JsonNode?> after, TypeSchema schema, ref Level level)
    {
        if (before.Count > 1 && after.Count > 1)
        {
            if (!before.SequenceEqual(after, EqualityComparer<JsonNode?>.Create(JsonNode.DeepEquals)))
            {
                level.Modify(element);
            }
        }
        else if (before.Count > 1)
        {
            if (after.Count == 1)
            {
                Pair(element, null, false, after[0], true, schema.Items, ref level);
            }

            level.Attach(element, default, isAdded: false, isRemoved: true);
        }
        else
        {
            Pair(element, before[0], true, null, false, schema.Items, ref level);
            level.Attach(element, default, isAdded: true, isRemoved: false);
        }
    }

    private static Dictionary<PathElement, List<JsonNode?>> Group(JsonArray list, TypeSchema schema)
    {
        var groups = new Dictionary<PathElement, List<JsonNode?>>(list.Count);
        foreach (var item in list)
        {
            if (Shapes.TryItem(schema, item, out var element, out _))
            {
                (System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(
                    groups, element, out _) ??= new(1)).Add(item);
            }
        }

        return groups;
    }

    /// <summary>The differences within one value; its sets are created on first use.</summary>
    private struct Level
    {
        public FieldSet? Added { get; private set; }

        public FieldSet? Modified { get; private set; }

        public FieldSet? Removed { get; private set; }

        public void Modify(PathElement element) => (Modified ??= new()).Add(element, true, null);

        public void Attach(PathElement element, Level inner, bool isAdded, bool isRemoved)
        {
            if (isAdded || inner.Added is not null)
            {
                (Added ??= new()).Add(element, isAdded, inner.Added);
            }

            if (isRemoved || inner.Removed is not null)
            {
                (Removed ??= new()).Add(element, isRemoved, inner.Removed);
            }

            if (inner.Modified is not null)
            {
                (Modified ??= new()).Add(element, false, inner.Modified);
            }
        }
    }
}

/// <summary>The differences between two objects; the sets are disjoint.</summary>
internal sealed record Comparison(FieldSet Added, FieldSet Modified, FieldSet Removed)
{
    public static Comparison None { get; } = new(new(0), new(0), new(0));

    public FieldSet Changed => field ??= Added.Union(Modified);

    /// <summary>The comparison without some fields and everything below them.</summary>
    public Comparison Without(FieldSet ignored) =>
        new(Added.ExceptTrees(ignored), Modified.ExceptTrees(ignored), Removed.ExceptTrees(ignored));
}
