using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Structural;
using DevCluster.Schema.Validation;

namespace DevCluster.Schema.Crds;

/// <summary>Checks that every default is a valid value of its own schema and has no unknown fields.</summary>
internal static class DefaultValidator
{
    private static readonly string[] TypeMeta = ["apiVersion", "kind"];

    public static IReadOnlyList<FieldError> Validate(JsonObject schema, FieldPath path)
    {
        var errors = new List<FieldError>();
        if (schema["default"] is JsonObject root)
        {
            // At the root a default is a whole resource.
            errors.AddRange(
                TypeMeta.Where(field => !root.ContainsKey(field))
                    .Select(field => FieldErrors.Required(path["default"][field])));
        }

        Visit(schema, path, errors);
        return errors;
    }

    /// <summary>Defaults below additionalProperties are not followed, as in the real API.</summary>
    private static void Visit(JsonObject schema, FieldPath path, List<FieldError> errors)
    {
        if (schema["default"] is { } value)
        {
            Check(value, SchemaReader.Read(schema), path["default"], errors);
        }

        if (schema["items"] is JsonObject items)
        {
            Visit(items, path["items"], errors);
        }

        foreach (var (name, property) in schema.Schemas("properties"))
        {
            Visit(property, path["properties"].Key(name), errors);
        }
    }

    private static void Check(JsonNode value, TypeSchema schema, FieldPath path, List<FieldError> errors)
    {
        if (value is JsonObject map && SchemaPruner.Prune(map, schema, dryRun: true).Count > 0)
        {
            errors.Add(FieldErrors.Invalid(path, value, "must not have unknown fields"));
        }

        errors.AddRange(
            SchemaValidator.Validate(value, null, schema)
                .Select(error => error with { Field = Join(path, error.Field) }));
    }

    private static string Join(FieldPath path, string below) =>
        below == FieldPath.Root.ToString() ? path.ToString()
        : below.StartsWith('[') ? $"{path}{below}"
        : $"{path}.{below}";
}
