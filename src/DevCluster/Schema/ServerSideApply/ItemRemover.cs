using System.Text.Json.Nodes;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>
/// Takes the members of a set out of an object. A container that is no member itself stays, if empty.
/// </summary>
internal static class ItemRemover
{
    /// <summary>Returns what is left as a new object.</summary>
    public static JsonObject Remove(JsonObject value, FieldSet items, TypeSchema schema) => Map(value, items, schema);

    private static JsonNode? Value(JsonNode? value, FieldSet items, TypeSchema? schema) =>
        Shapes.Of(schema, value) switch
        {
            Shape.Map when value is JsonObject map => Map(map, items, schema),
            Shape.AssociativeList when value is JsonArray list => List(list, items, schema!),
            // Something inside an atomic value is to go: nobody owns less than the whole of it.
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
