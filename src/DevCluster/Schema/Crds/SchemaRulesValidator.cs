using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.Schema.Crds;

/// <summary>
/// Validates a schema node by node: keywords that CRDs do not support, the location of defaults, list and map types,
/// and CEL rules, which are compiled if the schema is valid.
/// </summary>
internal sealed class SchemaRulesValidator(RuleCostTally costs)
{
    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];

    private static readonly string[] MetaFields = ["metadata", "kind", "apiVersion"];

    /// <summary>As in the real API, findings on schemas precede those on rules.</summary>
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
            // Which metadata defaults would be pruned depends on the value, so none is allowed.
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

/// <summary>The restrictions on a schema by its position within a CRD.</summary>
internal sealed record SchemaContext
{
    public bool IsRoot { get; init; }

    /// <summary>Whether it is within apiVersion, kind or metadata.</summary>
    public bool IsInResourceMeta { get; init; }

    /// <summary>Why a default is not allowed here; null if it is.</summary>
    public string? DefaultsForbidden { get; init; }

    /// <summary>
    /// The outermost list whose items cannot be correlated between two versions; null outside of such lists.
    /// </summary>
    public FieldPath? Uncorrelatable { get; init; }

    /// <summary>Whether rules are compiled here: the schema is valid and not in a logical junctor.</summary>
    public bool AllowsRules { get; init; }

    /// <summary>How often the value can occur in one object; null if unbounded.</summary>
    public ulong? Occurrences { get; init; } = 1;

    public SchemaContext WithUncorrelatable(FieldPath path) =>
        Uncorrelatable is null ? this with { Uncorrelatable = path } : this;
}

/// <summary>Sums the worst-case costs of a schema's rules and tracks the most expensive ones.</summary>
internal sealed class RuleCostTally
{
    /// <summary>The real API's limit for one expression.</summary>
    public const ulong ExpressionLimit = 10_000_000;

    /// <summary>The real API's limit for a whole schema.</summary>
    public const ulong SchemaLimit = 100_000_000;

    private const int Remembered = 4;

    private readonly List<(FieldPath Path, ulong Cost)> _costs = [];

    public ulong Total { get; private set; }

    /// <summary>The rules that use at least a hundredth of the limit, the most expensive first.</summary>
    public IEnumerable<FieldPath> Dearest =>
        _costs.Where(entry => entry.Cost >= SchemaLimit / 100)
            .OrderByDescending(entry => entry.Cost)
            .Take(Remembered)
            .Select(entry => entry.Path);

    public static ulong Multiply(ulong left, ulong right) =>
        right != 0 && left > ulong.MaxValue / right ? ulong.MaxValue : left * right;

    public static string Describe(string what, ulong cost, ulong limit)
    {
        var factor = (double)cost / limit;
        var shown = factor > 100 ? "more than 100x"
            : factor < 1.5 ? factor.ToString("F6", CultureInfo.InvariantCulture) + "x"
            : factor.ToString("F1", CultureInfo.InvariantCulture) + "x";
        return $"{what} exceeds budget by factor of {shown} (try simplifying the rule, or adding maxItems, "
            + $"maxProperties, and maxLength where arrays, maps, and strings are declared)";
    }

    public void Add(FieldPath path, ulong cost)
    {
        Total = ulong.MaxValue - Total < cost ? ulong.MaxValue : Total + cost;
        _costs.Add((path, cost));
    }
}
