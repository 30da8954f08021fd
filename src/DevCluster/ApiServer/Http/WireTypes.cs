using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Schema.Structural;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// Finds values of the wrong JSON type in built-in kinds. A typed server fails on these while decoding, in the words of
/// Go's JSON package, before any validation; custom resources are untyped there and only their schema objects.
/// </summary>
internal static class WireTypes
{
    /// <summary>The first mismatch as Go words it, or null.</summary>
    public static string? Mismatch(JsonObject content, TypeSchema schema, string kind) =>
        InFields(content, schema, kind, "");

    private static string? InFields(JsonObject map, TypeSchema schema, string owner, string path)
    {
        foreach (var (key, value) in map)
        {
            if (value is not null
                && schema.Properties.TryGetValue(key, out var field)
                && Check(value, field, owner, path.Length == 0 ? key : $"{path}.{key}") is { } mismatch)
            {
                return mismatch;
            }
        }

        return null;
    }

    private static string? Check(JsonNode value, TypeSchema schema, string owner, string path)
    {
        if (schema.Definition == WellKnownDefinitions.Quantity)
        {
            return value.Text() is { } text ? Quantity.Problem(text.Trim(), out _) : null;
        }

        if (schema.IsIntOrString || schema.PreserveUnknownFields || schema.Type.Length == 0)
        {
            return null;
        }

        return value switch
        {
            JsonObject map when schema.Type == "object" && schema.AdditionalProperties is { } values =>
                map.Select(entry => entry.Value is null ? null : Check(entry.Value, values, owner, path))
                    .FirstOrDefault(found => found is not null),
            JsonObject map when schema.Type == "object" => InFields(map, schema, Short(schema) ?? owner, path),
            JsonArray list when schema.Type == "array" =>
                list.Select(item => item is null || schema.Items is null
                    ? null
                    : Check(item, schema.Items, owner, path))
                    .FirstOrDefault(found => found is not null),
            JsonValue scalar when Fits(scalar, schema) => null,
            _ => $"json: cannot unmarshal {Describe(value, schema)} into Go struct field {owner}.{path} of type "
                + $"{GoType(schema)}",
        };
    }

    private static bool Fits(JsonValue value, TypeSchema schema) => (schema.Type, value.GetValueKind()) switch
    {
        ("string", JsonValueKind.String) or ("number", JsonValueKind.Number)
            or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => value.TryGetValue<long>(out _) || value.TryGetValue<int>(out _),

        // Types with a JSON form of their own (quantities) accept more than their schema says.
        ("string", JsonValueKind.Number) => schema.Definition is not null,
        _ => false,
    };

    private static string Describe(JsonNode value, TypeSchema schema) => value switch
    {
        JsonObject => "object",
        JsonArray => "array",
        _ when value.GetValueKind() == JsonValueKind.Number =>
            schema.Type == "integer" ? $"number {value.ToJsonString()}" : "number",
        _ => value.GetValueKind() == JsonValueKind.String ? "string" : "bool",
    };

    private static string GoType(TypeSchema schema) => schema.Type switch
    {
        "integer" => schema.Format ?? "int64",
        "boolean" => "bool",
        "number" => "float64",
        "array" => "[]" + (schema.Items is null ? "string" : GoType(schema.Items)),
        "object" when schema.AdditionalProperties is { } values => $"map[string]{GoType(values)}",
        "object" => "v1." + (Short(schema) ?? "Object"),
        _ => "string",
    };

    private static string? Short(TypeSchema schema) => schema.Definition?.Split('.')[^1];
}
