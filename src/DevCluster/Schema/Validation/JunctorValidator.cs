using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Validation;

/// <summary>Checks anyOf, oneOf, allOf and not.</summary>
internal static class JunctorValidator
{
    public static void Validate(
        JsonNode? value, TypeSchema schema, FieldPath path, CorrelatedValue? correlated, SchemaFindings findings)
    {
        findings.Match();
        if (schema is not { AnyOf.Count: 0, OneOf.Count: 0, AllOf.Count: 0, Not: null })
        {
            CheckBranches(value, schema, path, correlated, findings);
        }
    }

    // Apart, because its closures would cost an allocation for every value otherwise.
    private static void CheckBranches(
        JsonNode? value, TypeSchema schema, FieldPath path, CorrelatedValue? correlated, SchemaFindings findings)
    {
        SchemaFindings Check(TypeSchema branch) => ValueValidator.CheckBranch(value, branch, path, correlated);
        var shown = GoText.Quote(path.Text);
        if (schema.AnyOf.Count > 0)
        {
            CheckAny([.. schema.AnyOf.Select(Check)], shown, findings);
        }

        if (schema.OneOf.Count > 0)
        {
            CheckOne([.. schema.OneOf.Select(Check)], shown, findings);
        }

        if (schema.AllOf.Count > 0)
        {
            var all = schema.AllOf.Select(Check).ToList();
            all.ForEach(findings.Merge);
            var valid = all.Count(branch => branch.IsValid);
            if (valid != all.Count)
            {
                findings.Add(
                    ValueValidator.Unplaced(
                        $"{shown} must validate all the schemas (allOf){(valid == 0 ? ". None validated" : "")}"));
            }
        }

        if (schema.Not is { } not && Check(not).IsValid)
        {
            findings.Add(ValueValidator.Unplaced($"{shown} must not validate the schema (not)"));
        }
    }

    private static void CheckAny(List<SchemaFindings> branches, string path, SchemaFindings findings)
    {
        if (branches.Find(branch => branch.IsValid) is { } valid)
        {
            findings.Merge(valid);
            return;
        }

        findings.Add(ValueValidator.Unplaced($"{path} must validate at least one schema (anyOf)"));
        findings.Merge(branches.MaxBy(branch => branch.Matches)!);
    }

    private static void CheckOne(List<SchemaFindings> branches, string path, SchemaFindings findings)
    {
        var valid = branches.Where(branch => branch.IsValid).ToList();
        if (valid.Count == 1)
        {
            findings.Merge(valid[0]);
            return;
        }

        var found = valid.Count == 0 ? "Found none valid" : $"Found {valid.Count} valid alternatives";
        findings.Add(ValueValidator.Unplaced($"{path} must validate one and only one schema (oneOf). {found}"));
        if (valid.Count == 0)
        {
            findings.Merge(branches.MaxBy(branch => branch.Matches)!);
        }
    }
}
