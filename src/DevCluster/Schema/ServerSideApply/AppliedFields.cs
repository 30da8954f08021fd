using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>
/// The fields that a configuration sets, collected while the configuration is checked against its type.
/// </summary>
internal sealed class AppliedFields
{
    private readonly List<PathElement> _path = [];
    private readonly List<string> _problems = [];

    private AppliedFields()
    {
    }

    /// <summary>
    /// Fields that do not match the type, each with its path: <c>.spec.foo: field not declared in schema</c>.
    /// </summary>
    public IReadOnlyList<string> Problems => _problems;

    public FieldSet Fields { get; private set; } = new(0);

    public static AppliedFields FromConfiguration(JsonObject configuration, TypeSchema schema)
    {
        var result = new AppliedFields();
        result.Fields = result.Map(configuration, schema);
        return result;
    }

    private FieldSet Map(JsonObject map, TypeSchema? schema)
    {
        var set = new FieldSet(map.Count);
        foreach (var (name, value) in map)
        {
            var element = PathElement.Field(name);
            _path.Add(element);
            if (!Shapes.Allows(schema, name))
            {
                // Upstream stops at the first unknown field of an object.
                Problem("field not declared in schema");
                _path.RemoveAt(_path.Count - 1);
                break;
            }

            var field = Shapes.Field(schema, name);
            var isMember = Visit(value, field, out var children)
                || value is null or JsonObject { Count: 0 }
                || !Shapes.Declares(schema, name);
            set.Add(element, isMember, children);
            _path.RemoveAt(_path.Count - 1);
        }

        return set;
    }

    /// <summary>Returns whether the value is a leaf, which has a single owner.</summary>
    private bool Visit(JsonNode? value, TypeSchema? schema, out FieldSet? children)
    {
        children = null;
        if (!HasType(value, schema))
        {
            return false;
        }

        switch (Shapes.FromSchema(schema, value))
        {
            case Shape.Map:
                children = value is JsonObject map ? Map(map, schema) : null;
                return false;
            case Shape.AssociativeList:
                children = value is JsonArray list ? List(list, schema!) : null;
                return false;
            default:
                return true;
        }
    }

    private FieldSet List(JsonArray list, TypeSchema schema)
    {
        var set = new FieldSet(list.Count);
        for (var i = 0; i < list.Count; i++)
        {
            if (!Shapes.TryItem(schema, list[i], out var element, out var problem))
            {
                Problem($"element {i}: {problem}");
                return set;
            }

            if (set.Contains(element))
            {
                Problem($"duplicate entries for key {element}");
                continue;
            }

            _path.Add(element);
            Visit(list[i], schema.Items, out var children);
            set.Add(element, true, children);
            _path.RemoveAt(_path.Count - 1);
        }

        return set;
    }

    private bool HasType(JsonNode? value, TypeSchema? schema)
    {
        if (value is null || schema is null)
        {
            return true;
        }

        var expected = schema.Type switch
        {
            "object" when value is not JsonObject => $"map, got &{{{Go(value)}}}",
            "array" when value is not JsonArray => $"list, got &{{{Go(value)}}}",
            "string" when value.GetValueKind() != JsonValueKind.String =>
                $"string, got &value.valueUnstructured{{Value:{Go(value)}}}",
            "boolean" when value.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False) =>
                $"boolean, got &{{{Go(value)}}}",
            "integer" or "number" when value.GetValueKind() != JsonValueKind.Number =>
                $"numeric (int or float), got {GoText.TypeName(value)}",
            "" when schema.IsIntOrString && value is JsonObject or JsonArray => $"any scalar, got &{{{Go(value)}}}",
            _ => null,
        };
        if (expected is not null)
        {
            Problem("expected " + expected);
        }

        return expected is null;
    }

    private static string Go(JsonNode value) => GoText.Print(value);

    private void Problem(string text)
    {
        var path = string.Concat(CollectionsMarshal.AsSpan(_path).ToArray().Select(e => e.ToString()));
        _problems.Add(path.Length == 0 ? text : $"{path}: {text}");
    }
}
