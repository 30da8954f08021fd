using System.Text.Json.Nodes;

namespace Dynospace.Api.Crds;

/// <summary>The order of a schema's keywords. Reflection promises none for attributes, and the files must not change with the compiler.</summary>
internal static class KeywordOrder
{
    private static readonly List<string> Keywords =
    [
        "description", "type", "format", "enum", "default", "pattern",
        "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
        "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type",
        "required", "properties", "items", "additionalProperties", "x-kubernetes-validations",
    ];

    /// <summary>Orders the schema and what its items or values are; the properties of an object keep the order of their class.</summary>
    public static void Apply(JsonObject schema)
    {
        var ordered = schema.OrderBy(keyword => IndexOf(keyword.Key)).ToList();
        schema.Clear();
        foreach (var (keyword, value) in ordered)
        {
            schema[keyword] = value;
            if (keyword is "items" or "additionalProperties")
            {
                Apply(value!.AsObject());
            }
        }
    }

    private static int IndexOf(string keyword)
    {
        var index = Keywords.IndexOf(keyword);
        return index >= 0 ? index : throw new InvalidOperationException($"{keyword}: give this keyword its place here.");
    }
}
