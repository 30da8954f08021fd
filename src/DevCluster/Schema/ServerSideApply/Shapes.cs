using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>
/// Derives from a schema how values are merged. A null schema allows any value, as below preserved unknown fields.
/// </summary>
internal static class Shapes
{
    public static Shape FromSchema(TypeSchema? schema, JsonNode? value) => schema switch
    {
        null or { Type: "" } => value is JsonObject ? Shape.Map : Shape.Leaf,
        { Type: "object" } => schema.IsAtomicMap ? Shape.Leaf : Shape.Map,
        { Type: "array" } => schema.ListType == ListType.Atomic ? Shape.Leaf : Shape.AssociativeList,
        _ => Shape.Leaf,
    };

    /// <summary>The shape of a pair of values, one of which may be absent or of a different type.</summary>
    public static Shape FromSchema(TypeSchema? schema, JsonNode? left, JsonNode? right)
    {
        var shape = FromSchema(schema, right ?? left);
        return shape switch
        {
            Shape.Map when left is null or JsonObject && right is null or JsonObject => shape,
            Shape.AssociativeList when left is null or JsonArray && right is null or JsonArray => shape,
            _ => Shape.Leaf,
        };
    }

    public static TypeSchema? Field(TypeSchema? schema, string name) =>
        schema is null ? null
        : schema.Properties.TryGetValue(name, out var property) ? property
        : schema.AdditionalProperties;

    public static bool Declares(TypeSchema? schema, string name) =>
        schema is not null && schema.Properties.ContainsKey(name);

    /// <summary>Whether an object of this type may have a field of this name.</summary>
    public static bool Allows(TypeSchema? schema, string name) =>
        schema is null
        || schema.Properties.ContainsKey(name)
        || schema.AdditionalProperties is not null
        || schema.PreserveUnknownFields
        || (schema.IsEmbeddedResource && name is "apiVersion" or "kind" or "metadata")
        || schema.Properties.Count == 0;

    /// <summary>Whether null is a value of the type, instead of meaning an absent field.</summary>
    public static bool KeepsNull(TypeSchema? schema) => schema is null or { Nullable: true } or { Type: "" };

    /// <summary>The path element that identifies an item of an associative list.</summary>
    public static bool TryItem(
        TypeSchema list, JsonNode? item, out PathElement element, [NotNullWhen(false)] out string? problem)
    {
        element = default;
        return list.ListType == ListType.Set
            ? TrySetItem(item, out element, out problem)
            : TryKeyedItem(list, item, out element, out problem);
    }

    private static bool TrySetItem(JsonNode? item, out PathElement element, [NotNullWhen(false)] out string? problem)
    {
        problem = item switch
        {
            null => "associative list without keys has an element that's an explicit null",
            JsonObject => "associative list without keys has an element that's a map type",
            JsonArray => "not supported: associative list with lists as elements",
            _ => null,
        };
        element = problem is null ? new(PathElementKind.Value, CanonicalJson.Scalar(item)) : default;
        return problem is null;
    }

    private static bool TryKeyedItem(
        TypeSchema list, JsonNode? item, out PathElement element, [NotNullWhen(false)] out string? problem)
    {
        element = default;
        problem = null;
        if (item is not JsonObject map)
        {
            problem =
                $"associative list with keys may not have {(item is null ? "a null element" : "non-map elements")}";
            return false;
        }

        if (list.ListMapKeys is [var only])
        {
            if (Key(list, map, only) is { } value)
            {
                element = new(PathElementKind.Key, $"{{\"{only}\":{value}}}");
                return true;
            }
        }
        else
        {
            // A key without value or default is omitted; the item then differs from every item that has the key.
            var keys = list.ListMapKeys.Order(StringComparer.Ordinal)
                .Select(name => (Name: name, Value: Key(list, map, name)))
                .Where(k => k.Value is not null)
                .Select(k => $"\"{k.Name}\":{k.Value}");
            var text = string.Join(',', keys);
            if (text.Length > 0)
            {
                element = new(PathElementKind.Key, $"{{{text}}}");
                return true;
            }
        }

        problem = "associative list with keys has an element that omits all key fields "
            + $"[{string.Join(' ', list.ListMapKeys.Select(GoText.JsonString))}] (and doesn't have default values for "
                + $"any key fields)";
        return false;
    }

    private static string? Key(TypeSchema list, JsonObject item, string name)
    {
        if (item.TryGetPropertyValue(name, out var value))
        {
            return CanonicalJson.Scalar(value);
        }

        if (list.Items is not { } items || !items.Properties.TryGetValue(name, out var schema))
        {
            return null;
        }

        return schema.Default is { } fallback ? CanonicalJson.Scalar(fallback) : ZeroValue(items, schema, name);
    }

    /// <summary>
    /// In a built-in type, an absent required field that is not a Go pointer reads as its zero value.
    /// </summary>
    private static string? ZeroValue(TypeSchema items, TypeSchema schema, string name) =>
        items.Definition is null || !items.Required.Contains(name) ? null
        : schema.Type == "string" ? "\"\""
        : schema.Type == "integer" ? "0"
        : null;
}

/// <summary>How a value is merged.</summary>
internal enum Shape
{
    /// <summary>Owned and replaced as a whole: scalars and atomic values.</summary>
    Leaf,

    /// <summary>An object whose fields are owned individually.</summary>
    Map,

    /// <summary>A list whose items are matched by key, or without keys by value.</summary>
    AssociativeList,
}
