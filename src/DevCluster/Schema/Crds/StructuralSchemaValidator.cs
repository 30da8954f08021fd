using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;

namespace DevCluster.Schema.Crds;

/// <summary>Checks that a schema is structural: every field has one type, declared outside of any junctor.</summary>
internal sealed class StructuralSchemaValidator
{
    private static readonly JsonArray IntOrString =
    [
        new JsonObject { ["type"] = "integer" },
        new JsonObject { ["type"] = "string" },
    ];

    private readonly List<FieldError> _errors = [];

    private enum Level
    {
        Root,
        Item,
        Field,
    }

    public static IReadOnlyList<FieldError> Validate(JsonObject schema, FieldPath path)
    {
        var validator = new StructuralSchemaValidator();
        validator.CheckInvariants(schema, Level.Root, path);
        SchemaCompleteness.Validate(schema, path, validator._errors);
        return [.. validator._errors.OrderBy(error => $"{error.Field}: {error.Message}", StringComparer.Ordinal)];
    }

    private void CheckInvariants(JsonObject schema, Level level, FieldPath path)
    {
        if (schema.TextOrEmpty("type") == "array" && schema["items"] is null)
        {
            _errors.Add(FieldErrors.Required(path["items"], "must be specified"));
        }

        if (schema["items"] is JsonObject items)
        {
            CheckInvariants(items, Level.Item, path["items"]);
        }

        foreach (var (name, property) in schema.Schemas("properties"))
        {
            CheckInvariants(property, Level.Field, path["properties"].Key(name));
        }

        CheckAdditionalProperties(schema, level, path);
        CheckExtensions(schema, path);
        var skipsAnyOf = JsonNode.DeepEquals(schema["anyOf"], IntOrString);
        var skipsFirstAllOf = schema["allOf"] is JsonArray { Count: > 0 } all
            && JsonNode.DeepEquals(all[0]?["anyOf"], IntOrString);
        CheckValueValidation(schema, skipsAnyOf, skipsFirstAllOf, path);
        CheckType(schema, level, path);
        CheckMetadata(schema, level, path);
    }

    private void CheckAdditionalProperties(JsonObject schema, Level level, FieldPath path)
    {
        if (schema["additionalProperties"] is not { } additional)
        {
            return;
        }

        if (level == Level.Root)
        {
            _errors.Add(FieldErrors.Forbidden(path["additionalProperties"], "must not be used at the root"));
        }

        if (schema.IsTrue("x-kubernetes-embedded-resource"))
        {
            _errors.Add(
                FieldErrors.Forbidden(
                    path["additionalProperties"], "must not be used if x-kubernetes-embedded-resource is set"));
        }

        if (additional is JsonObject nested)
        {
            CheckInvariants(nested, Level.Field, path["additionalProperties"]);
        }
    }

    private void CheckExtensions(JsonObject schema, FieldPath path)
    {
        if (!schema.IsTrue("x-kubernetes-int-or-string"))
        {
            return;
        }

        foreach (var extension in new[] { "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource" })
        {
            if (schema.IsTrue(extension))
            {
                _errors.Add(
                    FieldErrors.Invalid(path[extension], true, "must be false if x-kubernetes-int-or-string is true"));
            }
        }
    }

    private void CheckType(JsonObject schema, Level level, FieldPath path)
    {
        var type = schema.TextOrEmpty("type");
        var isEmbedded = schema.IsTrue("x-kubernetes-embedded-resource");
        var preserves = schema.IsTrue("x-kubernetes-preserve-unknown-fields");
        var at = path["type"];
        if (isEmbedded && type != "object")
        {
            _errors.Add(type.Length == 0
                ? FieldErrors.Required(at, "must be object if x-kubernetes-embedded-resource is true")
                : FieldErrors.Invalid(at, type, "must be object if x-kubernetes-embedded-resource is true"));
        }
        else if (type.Length == 0 && !preserves && !schema.IsTrue("x-kubernetes-int-or-string"))
        {
            _errors.Add(FieldErrors.Required(at, level switch
            {
                Level.Root => "must not be empty at the root",
                Level.Item => "must not be empty for specified array items",
                _ => "must not be empty for specified object fields",
            }));
        }

        if (level == Level.Root && type.Length > 0 && type != "object")
        {
            _errors.Add(FieldErrors.Invalid(at, type, "must be object at the root"));
        }

        if (isEmbedded && !preserves && !schema.Schemas("properties").Any())
        {
            _errors.Add(FieldErrors.Required(
                path["properties"],
                "must not be empty if x-kubernetes-embedded-resource is true without "
                + "x-kubernetes-preserve-unknown-fields"));
        }
    }

    private void CheckMetadata(JsonObject schema, Level level, FieldPath path)
    {
        var isResource = level == Level.Root || schema.IsTrue("x-kubernetes-embedded-resource");
        foreach (var (name, property) in schema.Schemas("properties").Where(_ => isResource))
        {
            var at = path["properties"].Key(name);
            if (name is "kind" or "apiVersion" && property.TextOrEmpty("type") != "string")
            {
                _errors.Add(FieldErrors.Invalid(at["type"], property.TextOrEmpty("type"), "must be string"));
            }
            else if (name == "metadata" && property.TextOrEmpty("type") != "object")
            {
                _errors.Add(FieldErrors.Invalid(at["type"], property.TextOrEmpty("type"), "must be object"));
            }

            if (name == "metadata" && level == Level.Root && RestrictsMoreThanNames(property))
            {
                _errors.Add(
                    FieldErrors.Forbidden(
                        at,
                        "must not specify anything other than name and generateName, but metadata is implicitly "
                        + "specified"));
            }
        }
    }

    private static bool RestrictsMoreThanNames(JsonObject metadata) =>
        metadata.Any(keyword => keyword.Key switch
        {
            "type" or "default" => false,
            "properties" =>
                metadata.Schemas("properties").Any(property => property.Key is not ("name" or "generateName")),
            _ => true,
        });

    private void CheckValueValidation(JsonObject schema, bool skipsAnyOf, bool skipsFirstAllOf, FieldPath path)
    {
        foreach (var (junctor, index, branch) in schema.Branches())
        {
            var isSkipped = junctor == "anyOf" && skipsAnyOf;
            if (!isSkipped)
            {
                CheckNested(branch, junctor == "allOf" && index == 0 && skipsFirstAllOf, path[junctor][index]);
            }
        }

        if (schema["not"] is JsonObject not)
        {
            CheckNested(not, skipsAnyOf: false, path["not"]);
        }

        if (schema.NonEmpty("pattern") is { } pattern && !Re2.TryCompile(pattern, out _, out var problem))
        {
            _errors.Add(
                FieldErrors.Invalid(
                    path["pattern"], pattern, $"must be a valid regular expression, but isn't: {problem}"));
        }
    }

    /// <summary>A junctor may contain only value validations.</summary>
    private void CheckNested(JsonObject schema, bool skipsAnyOf, FieldPath path)
    {
        CheckValueValidation(schema, skipsAnyOf, skipsFirstAllOf: false, path);
        if (schema["items"] is JsonObject items)
        {
            CheckNested(items, skipsAnyOf: false, path["items"]);
        }

        foreach (var (name, property) in schema.Schemas("properties"))
        {
            CheckNested(property, skipsAnyOf: false, path["properties"].Key(name));
            if (name == "metadata")
            {
                _errors.Add(
                    FieldErrors.Forbidden(path["properties"].Key(name), "must not be specified in a nested context"));
            }
        }

        foreach (var (keyword, requirement) in ForbiddenInJunctors)
        {
            if (schema[keyword] is { } value && !IsZero(value))
            {
                _errors.Add(FieldErrors.Forbidden(path[keyword], $"{requirement} to be structural"));
            }
        }
    }

    private static IEnumerable<(string Keyword, string Requirement)> ForbiddenInJunctors =>
    [
        ("type", "must be empty"),
        ("additionalProperties", "must be undefined"),
        ("default", "must be undefined"),
        ("title", "must be empty"),
        ("description", "must be empty"),
        ("nullable", "must be false"),
        ("x-kubernetes-preserve-unknown-fields", "must be false"),
        ("x-kubernetes-embedded-resource", "must be false"), ("x-kubernetes-int-or-string", "must be false"),
        ("x-kubernetes-list-map-keys", "must be empty"), ("x-kubernetes-list-type", "must be undefined"),
        ("x-kubernetes-map-type", "must be undefined"), ("x-kubernetes-validations", "must be empty"),
    ];

    private static bool IsZero(JsonNode value) =>
        value is JsonArray { Count: 0 } || value.Text() == "" || value.Flag() == false;
}

/// <summary>Checks that junctors refer only to declared fields and items.</summary>
internal static class SchemaCompleteness
{
    /// <summary>
    /// Every field and item in a junctor must also be specified outside of it. The real API (1.36) requires this only
    /// for junctors at the root.
    /// </summary>
    public static void Validate(JsonObject schema, FieldPath path, List<FieldError> errors)
    {
        foreach (var (junctor, index, branch) in schema.Branches())
        {
            CheckMentioned(branch, schema, path[junctor][index], path, errors);
        }

        if (schema["not"] is JsonObject not)
        {
            CheckMentioned(not, schema, path["not"], path, errors);
        }
    }

    private static void CheckMentioned(
        JsonObject nested, JsonObject? outer, FieldPath path, FieldPath outerPath, List<FieldError> errors)
    {
        if (outer is null)
        {
            errors.Add(FieldErrors.Required(outerPath, $"because it is defined in {path}"));
            return;
        }

        foreach (var (junctor, index, branch) in nested.Branches())
        {
            CheckMentioned(branch, outer, path[junctor][index], outerPath, errors);
        }

        if (nested["not"] is JsonObject not)
        {
            CheckMentioned(not, outer, path["not"], outerPath, errors);
        }

        if (nested["items"] is JsonObject items)
        {
            CheckMentioned(items, outer["items"] as JsonObject, path["items"], outerPath["items"], errors);
        }

        foreach (var (name, property) in nested.Schemas("properties"))
        {
            CheckMentioned(
                property,
                outer["properties"]?[name] as JsonObject,
                path["properties"].Key(name),
                outerPath["properties"].Key(name),
                errors);
        }
    }
}
