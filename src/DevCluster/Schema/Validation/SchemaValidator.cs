using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Validation;

/// <summary>Checks values against schemas, CEL rules included.</summary>
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
    /// Every finding on <paramref name="value"/>, in the words of the real API; none when it is valid. With
    /// <paramref name="old"/> (an update) transition rules run, and what was wrong before and did not change is
    /// tolerated.
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

    /// <summary>Duplicates are tolerated as long as the old object had any.</summary>
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
