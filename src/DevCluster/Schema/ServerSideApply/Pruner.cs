using System.Text.Json.Nodes;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>
/// Removes fields that a manager no longer applies, unless another manager owns them or a field below them.
/// </summary>
internal static class Pruner
{
    /// <param name="merged">The live object merged with the new configuration.</param>
    /// <param name="last">The fields that the manager owned until now.</param>
    /// <param name="owned">The fields that all managers own from now on, including this one.</param>
    public static JsonObject Prune(JsonObject merged, FieldSet last, FieldSet owned, TypeSchema schema)
    {
        var all = WithNamedFields(AppliedFields.FromConfiguration(merged, schema).Fields, schema);
        var lastNamed = WithNamedFields(last, schema);

        // First remove all that the manager owned, then compare with what others own, to find fields without an owner.
        var stripped = ItemRemover.Remove(merged, lastNamed, schema);
        var kept = WithNamedFields(AppliedFields.FromConfiguration(stripped, schema).Fields, schema).Union(
            WithNamedFields(owned, schema));
        var remaining = ItemRemover.Remove(merged, all.Except(kept), schema);

        // Of these, only the manager's own fields may be removed: the others were never owned, or belong to updaters.
        var held = WithNamedFields(AppliedFields.FromConfiguration(remaining, schema).Fields, schema);
        return ItemRemover.Remove(merged, all.Except(held).Intersect(lastNamed), schema);
    }

    /// <summary>
    /// Adds the declared fields that lead to members. A set does not contain the structs on the path to a leaf, but
    /// they must be removed with their last leaf.
    /// </summary>
    private static FieldSet WithNamedFields(FieldSet set, TypeSchema? schema)
    {
        var result = new FieldSet(set.Entries.Length);
        foreach (var entry in set.Entries)
        {
            var (element, isMember, children) = entry;
            if (children is not null)
            {
                var isField = element.Kind == PathElementKind.Field;
                isMember |= isField && Shapes.Declares(schema, element.Text);
                children = WithNamedFields(children, isField ? Shapes.Field(schema, element.Text) : schema?.Items);
            }

            result.Append(new(element, isMember, children));
        }

        return result;
    }
}

/// <summary>
/// Removes the members of a set from an object. A container that is not a member is kept, even if empty.
/// </summary>
internal static class ItemRemover
{
    /// <summary>Returns the remaining value as a new object.</summary>
    public static JsonObject Remove(JsonObject value, FieldSet items, TypeSchema schema) => Map(value, items, schema);

    private static JsonNode? Value(JsonNode? value, FieldSet items, TypeSchema? schema) =>
        Shapes.FromSchema(schema, value) switch
        {
            Shape.Map when value is JsonObject map => Map(map, items, schema),
            Shape.AssociativeList when value is JsonArray list => List(list, items, schema!),
            // A member inside an atomic value removes all of it, because an atomic value has one owner.
            _ when value is JsonObject => new JsonObject(),
            _ when value is JsonArray => new JsonArray(),
            _ => value?.DeepClone(),
        };

    private static JsonObject Map(JsonObject map, FieldSet items, TypeSchema? schema)
    {
        var result = new JsonObject();
        foreach (var (name, value) in map)
        {
            var element = PathElement.Field(name);
            if (!items.Contains(element))
            {
                result.Add(
                    name,
                    items.Below(element) is { } below
                        ? Value(value, below, Shapes.Field(schema, name))
                        : value?.DeepClone());
            }
        }

        return result;
    }

    private static JsonArray List(JsonArray list, FieldSet items, TypeSchema schema)
    {
        var result = new JsonArray();
        foreach (var item in list)
        {
            if (!Shapes.TryItem(schema, item, out var element, out _))
            {
                result.Add(item?.DeepClone());
            }
            else if (!items.Contains(element))
            {
                result.Add(items.Below(element) is { } below ? Value(item, below, schema.Items) : item?.DeepClone());
            }
        }

        return result;
    }
}
