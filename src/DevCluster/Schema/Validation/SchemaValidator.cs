// Validation: defaults, prunes and validates objects by their schema, including CEL rules.

using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Validation;

/// <summary>Validates values against schemas, including CEL rules.</summary>
public static class SchemaValidator
{
    private static readonly HashSet<string> BlockingReasons = new(StringComparer.Ordinal)
    {
        "FieldValueNotSupported",
        "FieldValueRequired",
        "FieldValueTooLong",
        "FieldValueTooMany",
        "FieldValueTypeInvalid",
    };

    /// <summary>
    /// All findings on <paramref name="value"/>, in the words of the real API; empty if it is valid. With <paramref
    /// name="old"/> (an update) transition rules run, and existing errors in unchanged values are tolerated.
    /// </summary>
    public static IReadOnlyList<FieldError> Validate(JsonNode value, JsonNode? old, TypeSchema schema)
    {
        var correlated = old is null ? null : new CorrelatedValue(value, old, schema);
        var findings = new SchemaFindings();
        ValueValidator.Validate(value, schema, FieldPath.Root, correlated, findings);
        var errors = new List<FieldError>(findings.Errors);
        EmbeddedResourceValidator.Validate(value, schema, FieldPath.Root, errors);
        CheckListTypes(value, old, schema, errors);
        if (RuleValidator.HasRules(schema))
        {
            if (errors.Exists(error => BlockingReasons.Contains(error.Reason)))
            {
                errors.Add(FieldErrors.Invalid(
                    FieldPath.Root,
                    null,
                    "some validation rules were not checked because the object was invalid; correct the existing "
                    + "errors to complete validation"));
            }
            else
            {
                RuleValidator.Validate(value, old, schema, correlated, errors);
            }
        }

        return errors;
    }

    /// <summary>Duplicates are tolerated if the old object also has some.</summary>
    private static void CheckListTypes(JsonNode value, JsonNode? old, TypeSchema schema, List<FieldError> errors)
    {
        var after = new List<FieldError>();
        ListTypeValidator.Validate(value, schema, FieldPath.Root, after);
        if (after.Count == 0)
        {
            return;
        }

        var before = new List<FieldError>();
        if (old is not null)
        {
            ListTypeValidator.Validate(old, schema, FieldPath.Root, before);
        }

        if (before.Count == 0)
        {
            errors.AddRange(after);
        }
    }
}

/// <summary>
/// The findings of validating a value against a schema. If all branches of an anyOf or oneOf fail, the errors of the
/// branch with the most passed checks are reported. Most values have no findings, so nothing is allocated before the
/// first.
/// </summary>
/// <param name="isOfBranch">Whether they belong to a branch, whose passed checks are counted.</param>
internal sealed class SchemaFindings(bool isOfBranch = false)
{
    private List<FieldError>? _errors;

    public IReadOnlyList<FieldError> Errors => _errors ?? [];

    public int Count => _errors?.Count ?? 0;

    public bool IsOfBranch => isOfBranch;

    public int Matches { get; private set; }

    public bool IsValid => Count == 0;

    public void Match() => Matches++;

    /// <summary>Adds a finding unless it is already present.</summary>
    public void Add(FieldError error)
    {
        _errors ??= [];
        if (!_errors.Contains(error))
        {
            _errors.Add(error);
        }
    }

    public void Merge(SchemaFindings other)
    {
        Matches += other.Matches;
        foreach (var error in other.Errors)
        {
            Add(error);
        }
    }

    /// <summary>Drops all errors but the first ones; the passed checks still count.</summary>
    public void Tolerate(int kept) => _errors?.RemoveRange(kept, _errors.Count - kept);
}

/// <summary>
/// A value with its old value before the update, correlated through maps and keyed lists. Items of atomic lists and
/// sets have no counterpart. Errors in unchanged values do not fail the update.
/// </summary>
internal sealed class CorrelatedValue(JsonNode? value, JsonNode? old, TypeSchema? schema)
{
    private bool? _isSame;
    private bool? _isUnchanged;

    public JsonNode? Old => old;

    /// <summary>Whether both are exactly equal.</summary>
    public bool IsSame => _isSame ??= JsonNode.DeepEquals(value, old);

    /// <summary>Whether both are equal, with map lists compared by key instead of position.</summary>
    public bool IsUnchanged => _isUnchanged ??= IsSame || Compare();

    /// <summary>The child with this name; null if it is new or the schema does not declare it.</summary>
    public CorrelatedValue? Key(string name)
    {
        var child = schema is null
            ? null
            : schema.Properties.TryGetValue(name, out var property) ? property : schema.AdditionalProperties;
        return child is not null
            && value is JsonObject map && map.TryGetPropertyValue(name, out var current)
            && old is JsonObject oldMap && oldMap.TryGetPropertyValue(name, out var before)
                ? new CorrelatedValue(current, before, child)
                : null;
    }

    public CorrelatedValue? Index(int index) =>
        schema is { ListType: ListType.Map, Items: { } items }
        && value is JsonArray list
        && ListMaps.Find(old, list[index], schema.ListMapKeys) is { } before
            ? new CorrelatedValue(list[index], before, items)
            : null;

    private bool Compare()
    {
        switch (value, old)
        {
            case (JsonArray list, JsonArray before) when schema is { ListType: ListType.Map }:
                return list.Count == before.Count
                    && Enumerable.Range(0, list.Count).All(i => Index(i)?.IsUnchanged == true);
            case (JsonObject map, JsonObject before):
                return map.Count == before.Count
                    && map.All(property => Key(property.Key)?.IsUnchanged
                        ?? IsSameField(property.Value, before, property.Key));
            default:
                return JsonNode.DeepEquals(value, old);
        }
    }

    /// <summary>As in the real API, undeclared fields count as changed only if they differ.</summary>
    private static bool IsSameField(JsonNode? current, JsonObject before, string key) =>
        before.TryGetPropertyValue(key, out var other) && JsonNode.DeepEquals(current, other);
}
