using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Structural;
using DevCluster.Schema.Validation;

namespace DevCluster.Schema.Crds;

/// <summary>
/// Validates a complete <c>openAPIV3Schema</c>. Defaults are checked only in a structural schema, and rules only if the
/// defaults are valid.
/// </summary>
internal static class OpenApiSchemaValidator
{
    /// <summary>
    /// With a status subresource, no keyword at the root may restrict status together with other fields.
    /// </summary>
    private static readonly string[] AllowedAtRoot =
    [
        "description",
        "type",
        "format",
        "title",
        "maximum",
        "exclusiveMaximum",
        "minimum",
        "exclusiveMinimum",
        "maxLength",
        "minLength",
        "pattern",
        "maxItems",
        "minItems",
        "uniqueItems",
        "multipleOf",
        "required",
        "items",
        "properties",
        "externalDocs",
        "example",
        "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations",
    ];

    public static void Validate(JsonObject schema, bool hasStatus, FieldPath path, List<FieldError> errors)
    {
        if (hasStatus)
        {
            CheckRoot(schema, path, errors);
        }

        if (schema.IsTrue("nullable"))
        {
            errors.Add(FieldErrors.Forbidden(path["nullable"], "nullable cannot be true at the root"));
        }

        var isSound = AddAll(StructuralSchemaValidator.Validate(schema, path), errors)
            && AddAll(DefaultValidator.Validate(schema, path), errors);
        var costs = new RuleCostTally();
        var rules = new SchemaRulesValidator(costs);
        rules.Validate(schema, path, new SchemaContext { IsRoot = true, AllowsRules = isSound });
        errors.AddRange(rules.SchemaErrors);
        errors.AddRange(rules.RuleErrors);
        if (costs.Total > RuleCostTally.SchemaLimit)
        {
            errors.AddRange(costs.Dearest.Select(rule =>
                FieldErrors.Forbidden(
                    rule,
                    "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema")));
            errors.Add(FieldErrors.Forbidden(
                path,
                RuleCostTally.Describe(
                    "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema",
                    costs.Total,
                    RuleCostTally.SchemaLimit)));
        }
    }

    private static bool AddAll(IReadOnlyList<FieldError> found, List<FieldError> errors)
    {
        errors.AddRange(found);
        return found.Count == 0;
    }

    private static void CheckRoot(JsonObject schema, FieldPath path, List<FieldError> errors)
    {
        if (schema.TextOrEmpty("type") != "object")
        {
            errors.Add(FieldErrors.Invalid(
                path["type"],
                schema.TextOrEmpty("type"),
                "only \"object\" is allowed as the type at the root of the schema if the status subresource is "
                + "enabled"));
        }

        if (schema.Any(keyword => keyword.Value is not null && !AllowedAtRoot.Contains(keyword.Key)))
        {
            var allowed = string.Join(' ', AllowedAtRoot.Select(InternalName));
            errors.Add(
                FieldErrors.Invalid(
                    path,
                    schema,
                    $"only [{allowed}] fields are allowed at the root of the schema if the status subresource is "
                    + $"enabled"));
        }
    }

    /// <summary>The field names of the real API's internal type.</summary>
    private static string InternalName(string keyword) => keyword switch
    {
        "x-kubernetes-preserve-unknown-fields" => "XPreserveUnknownFields",
        "x-kubernetes-validations" => "XValidations",
        _ => char.ToUpperInvariant(keyword[0]) + keyword[1..],
    };
}

/// <summary>Checks that every default is valid for its own schema and has no unknown fields.</summary>
internal static class DefaultValidator
{
    private static readonly string[] TypeMeta = ["apiVersion", "kind"];

    public static IReadOnlyList<FieldError> Validate(JsonObject schema, FieldPath path)
    {
        var errors = new List<FieldError>();
        if (schema["default"] is JsonObject root)
        {
            // A default at the root is a complete resource.
            errors.AddRange(
                TypeMeta.Where(field => !root.ContainsKey(field))
                    .Select(field => FieldErrors.Required(path["default"][field])));
        }

        Visit(schema, path, errors);
        return errors;
    }

    /// <summary>As in the real API, defaults below additionalProperties are not visited.</summary>
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
