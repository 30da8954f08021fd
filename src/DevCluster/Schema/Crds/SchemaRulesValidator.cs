using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.Schema.Crds;

/// <summary>
/// Checks what a schema says, node by node: keywords that CRDs do not support, where defaults may stand, list and map
/// types, and the CEL rules, which are compiled where the schema is sound.
/// </summary>
internal sealed class SchemaRulesValidator(RuleCostTally costs)
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];

    private static readonly string[] MetaFields = ["metadata", "kind", "apiVersion"];

    /// <summary>Findings on schemas come before those on rules, as the real API lists them.</summary>
    public List<FieldError> SchemaErrors { get; } = [];

    public List<FieldError> RuleErrors { get; } = [];

    public void Validate(JsonObject schema, FieldPath path, SchemaContext context)
    {
        var before = SchemaErrors.Count;
        CheckKeywords(schema, path, context);
        ValidateChildren(schema, path, context);
        ListTypeRules.Validate(schema, path, SchemaErrors);
        RuleDeclarations.Validate(schema, path, SchemaErrors);
        if (context.AllowsRules && SchemaErrors.Count == before)
        {
            RuleCompilation.Validate(schema, path, context, costs, RuleErrors);
        }
    }

    private void CheckKeywords(JsonObject schema, FieldPath path, SchemaContext context)
    {
        if (schema.NonEmpty("type") is { } type && !Types.Contains(type))
        {
            SchemaErrors.Add(FieldErrors.NotSupported(path["type"], type, Types));
        }

        if (schema["default"] is not null && context.DefaultsForbidden is not null)
        {
            SchemaErrors.Add(FieldErrors.Forbidden(path["default"], $"must not be set {context.DefaultsForbidden}"));
        }

        foreach (var keyword in new[]
        {
            "id",
            "additionalItems",
            "patternProperties",
            "definitions",
            "dependencies",
            "$ref",
        })
        {
            if (schema[keyword] is { } value && value is not JsonObject { Count: 0 })
            {
                SchemaErrors.Add(FieldErrors.Forbidden(path[keyword], $"{keyword} is not supported"));
            }
        }

        if (schema.TextOrEmpty("type") == "null")
        {
            SchemaErrors.Add(
                FieldErrors.Forbidden(path["type"], "type cannot be set to null, use nullable as an alternative"));
        }

        if (schema["items"] is JsonArray)
        {
            SchemaErrors.Add(FieldErrors.Forbidden(path["items"], "items must be a schema object and not an array"));
        }

        if (context.IsInResourceMeta && schema.IsTrue("x-kubernetes-embedded-resource"))
        {
            SchemaErrors.Add(
                FieldErrors.Forbidden(
                    path["x-kubernetes-embedded-resource"], "must not be used inside of resource meta"));
        }

        if (schema.IsTrue("uniqueItems"))
        {
            SchemaErrors.Add(
                FieldErrors.Forbidden(
                    path["uniqueItems"],
                    "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"));
        }

        if (schema.Flag("x-kubernetes-preserve-unknown-fields") == false)
        {
            SchemaErrors.Add(
                FieldErrors.Invalid(path["x-kubernetes-preserve-unknown-fields"], false, "must be true or undefined"));
        }
    }

    private void ValidateChildren(JsonObject schema, FieldPath path, SchemaContext context)
    {
        var child = context with { IsRoot = false, Occurrences = OccurrencesOfChildren(schema, context) };
        ValidateAdditionalProperties(schema, path, child);
        foreach (var (name, property) in schema.Schemas("properties"))
        {
            Validate(property, path["properties"].Key(name), ContextOfProperty(schema, name, context, child));
        }

        var junctor = child with { AllowsRules = false };
        if (schema["not"] is JsonObject not)
        {
            Validate(not, path["not"], junctor);
        }

        foreach (var (name, index, branch) in schema.Branches())
        {
            Validate(branch, path[name][index], junctor);
        }

        if (schema["items"] is JsonObject items)
        {
            Validate(
                items,
                path["items"],
                schema.TextOrEmpty("x-kubernetes-list-type") == "map" ? child : child.WithUncorrelatable(path));
        }
    }

    private void ValidateAdditionalProperties(JsonObject schema, FieldPath path, SchemaContext child)
    {
        if (schema["additionalProperties"] is not { } additional)
        {
            return;
        }

        if (schema.Schemas("properties").Any() && !additional.IsTrue())
        {
            SchemaErrors.Add(
                FieldErrors.Forbidden(
                    path["additionalProperties"], "additionalProperties and properties are mutual exclusive"));
        }

        if (additional is JsonObject nested)
        {
            // Which defaults of metadata would be pruned depends on the value, so none is allowed.
            Validate(nested, path["additionalProperties"], child.IsInResourceMeta
                ? child with { DefaultsForbidden = "inside additionalProperties applying to object metadata" }
                : child);
        }
    }

    private static SchemaContext ContextOfProperty(
        JsonObject schema, string name, SchemaContext context, SchemaContext child) =>
        !(context.IsRoot || schema.IsTrue("x-kubernetes-embedded-resource")) || !MetaFields.Contains(name) ? child
        : child with
        {
            IsInResourceMeta = true,
            DefaultsForbidden = context.IsRoot ? $"in top-level {name}" : child.DefaultsForbidden,
        };

    private static ulong? OccurrencesOfChildren(JsonObject schema, SchemaContext context)
    {
        ulong? most = schema.TextOrEmpty("type") switch
        {
            "object" when schema["additionalProperties"] is not null => Bound(schema["maxProperties"]),
            "array" => Bound(schema["maxItems"]),
            _ => 1UL,
        };
        return context.Occurrences is { } occurrences && most is { } factor
            ? RuleCostTally.Multiply(occurrences, factor)
            : null;
    }

    private static ulong? Bound(JsonNode? bound) =>
        bound.WholeNumber() is { } most ? (ulong)Math.Max(most, 0) : null;
}
