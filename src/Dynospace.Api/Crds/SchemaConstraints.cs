using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using Dynospace.Api.Schema;

namespace Dynospace.Api.Crds;

/// <summary>What the attributes of a property say about its values, in the schema's words.</summary>
internal static class SchemaConstraints
{
    public static void Add(JsonObject schema, JsonObject? element, PropertyInfo property)
    {
        foreach (var attribute in property.GetCustomAttributes())
        {
            Add(schema, attribute);
            if (element is not null)
            {
                AddToElement(element, attribute);
            }
        }

        // Said aloud, for the default of lists (atomic) decides who may own what.
        if ((string?)schema["type"] == "array" && !schema.ContainsKey(ListType))
        {
            schema[ListType] = "atomic";
        }
    }

    private const string ListType = "x-kubernetes-list-type";

    private static void Add(JsonObject schema, Attribute attribute)
    {
        switch (attribute)
        {
            case RangeAttribute range:
                schema["minimum"] = Convert.ToInt64(range.Minimum, null);
                schema["maximum"] = Convert.ToInt64(range.Maximum, null);
                break;
            case StringLengthAttribute length:
                AddLength(schema, length.MinimumLength, length.MaximumLength);
                break;
            case MinLengthAttribute minimum:
                schema[$"min{CountOf(schema)}"] = minimum.Length;
                break;
            case MaxLengthAttribute maximum:
                schema[$"max{CountOf(schema)}"] = maximum.Length;
                break;
            case RegularExpressionAttribute expression:
                schema["pattern"] = expression.Pattern;
                break;
            case AllowedValuesAttribute allowed:
                schema["enum"] = new JsonArray([.. allowed.Values.Select(ValueOf)]);
                break;
            case DefaultValueAttribute @default:
                schema["default"] = ValueOf(@default.Value);
                break;
            case ListMapAttribute map:
                schema[ListType] = "map";
                schema["x-kubernetes-list-map-keys"] = new JsonArray(
                    [.. map.Keys.Select(key => JsonValue.Create(key))]);
                break;
            case ListSetAttribute:
                schema[ListType] = "set";
                break;
        }
    }

    private static void AddToElement(JsonObject element, Attribute attribute)
    {
        switch (attribute)
        {
            case ItemLengthAttribute length:
                AddLength(element, length.Minimum, length.Maximum);
                break;
            case ItemRangeAttribute range:
                element["minimum"] = range.Minimum;
                element["maximum"] = range.Maximum;
                break;
            case ItemPatternAttribute pattern:
                element["pattern"] = pattern.Pattern;
                break;
        }
    }

    private static void AddLength(JsonObject schema, int minimum, int maximum)
    {
        if (minimum > 0)
        {
            schema["minLength"] = minimum;
        }

        schema["maxLength"] = maximum;
    }

    private static string CountOf(JsonObject schema) => (string?)schema["type"] switch
    {
        "array" => "Items",
        "object" => "Properties",
        _ => "Length",
    };

    private static JsonNode? ValueOf(object? value) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        int number => JsonValue.Create(number),
        Enum member => JsonValue.Create(ScalarSchemas.NameOf(member)),
        _ => throw new InvalidOperationException($"{value} of {value.GetType()}: add its form in JSON here."),
    };
}

/// <summary>
/// The order of a schema's keywords. Reflection promises none for attributes, and the files must not change with the
/// compiler.
/// </summary>
internal static class KeywordOrder
{
    private static readonly List<string> Keywords =
    [
        "description", "type", "format", "enum", "default", "pattern",
        "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
        "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type",
        "required", "properties", "items", "additionalProperties", "x-kubernetes-validations",
    ];

    /// <summary>
    /// Orders the schema and what its items or values are; the properties of an object keep the order of their class.
    /// </summary>
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
        return index >= 0
            ? index
            : throw new InvalidOperationException($"{keyword}: give this keyword its place here.");
    }
}
