using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Validation;

/// <summary>Validates a value against a schema, except for list types and CEL rules.</summary>
internal static class ValueValidator
{
    /// <param name="path">Dotted, including keys of maps; indexes are in brackets.</param>
    /// <param name="correlated">The old value; errors in unchanged values are tolerated. Null on create and without a
    /// counterpart.</param>
    public static void Validate(
        JsonNode? value, TypeSchema schema, FieldPath path, CorrelatedValue? correlated, SchemaFindings findings)
    {
        // All levels above managedFields except these are compared first; these would differ or be costly to compare.
        var isWorthComparing = !findings.IsOfBranch && !path.IsRoot && !path.IsMetadata;
        if (isWorthComparing && correlated is { IsSame: true })
        {
            return;
        }

        var before = findings.Count;
        Check(value, schema, path, correlated, findings);
        if (findings.Count > before && correlated is { IsUnchanged: true })
        {
            findings.Tolerate(before);
        }
    }

    /// <summary>Validates the same value against a branch of a junctor, whose findings are not tolerated.</summary>
    public static SchemaFindings CheckBranch(
        JsonNode? value, TypeSchema schema, FieldPath path, CorrelatedValue? correlated)
    {
        var findings = new SchemaFindings(isOfBranch: true);
        Check(value, schema, path, correlated, findings);
        return findings;
    }

    private static void Check(
        JsonNode? value, TypeSchema schema, FieldPath path, CorrelatedValue? correlated, SchemaFindings findings)
    {
        if (value.Kind() == JsonValueKind.Null)
        {
            TypeValidator.Validate(value, schema, path, findings);
            CheckEnum(value, schema, path, findings);
            return;
        }

        if (TypeValidator.Applies(schema))
        {
            TypeValidator.Validate(value, schema, path, findings);
            findings.Match();
        }

        JunctorValidator.Validate(value, schema, path, correlated, findings);
        findings.Match();
        ScalarValidator.Validate(value, schema, path, findings);
        if (value is JsonArray list)
        {
            CheckList(list, schema, path, correlated, findings);
            findings.Match();
        }

        CheckEnum(value, schema, path, findings);
        findings.Match();
        if (value is JsonObject map)
        {
            CheckObject(map, schema, path, correlated, findings);
            findings.Match();
        }

        findings.Match();
    }

    private static void CheckEnum(JsonNode? value, TypeSchema schema, FieldPath path, SchemaFindings findings)
    {
        for (var i = 0; i < schema.Enum.Count; i++)
        {
            if (schema.Enum[i] is { } allowed && JsonNode.DeepEquals(allowed, value))
            {
                return;
            }
        }

        if (schema.Enum.Count > 0)
        {
            findings.Add(
                FieldErrors.NotSupported(
                    At(path),
                    value,
                    schema.Enum.Select(allowed => allowed.Text() ?? GoText.Json(allowed))));
        }
    }

    private static void CheckList(
        JsonArray list, TypeSchema schema, FieldPath path, CorrelatedValue? correlated, SchemaFindings findings)
    {
        for (var i = 0; schema.Items is { } items && i < list.Count; i++)
        {
            Validate(list[i], items, path[i], correlated?.Index(i), findings);
        }

        if (list.Count < schema.MinItems)
        {
            findings.Add(
                FieldErrors.Invalid(
                    At(path), list.Count, $"{path.Text} in body should have at least {schema.MinItems} items"));
        }

        if (schema.MaxItems is { } most && list.Count > most)
        {
            findings.Add(FieldErrors.TooMany(At(path), list.Count, most));
        }

        if (schema.UniqueItems && ListMaps.HasRepeated(list, null))
        {
            findings.Add(FieldErrors.Invalid(At(path), "", $"{path.Text} in body shouldn't contain duplicates"));
        }

        findings.Match();
    }

    private static void CheckObject(
        JsonObject map, TypeSchema schema, FieldPath path, CorrelatedValue? correlated, SchemaFindings findings)
    {
        if (schema is { MinProperties: not null } or { MaxProperties: not null })
        {
            CheckSize(map, schema, path, findings);
        }

        if (schema.Properties.Count > 0 || schema.AdditionalProperties is not null)
        {
            for (var i = 0; i < map.Count; i++)
            {
                CheckField(map.GetAt(i), schema, path, correlated, findings);
            }
        }

        for (var i = 0; i < schema.Required.Count; i++)
        {
            if (!map.ContainsKey(schema.Required[i]))
            {
                findings.Add(FieldErrors.Required(At(path[schema.Required[i]])));
            }
        }
    }

    private static void CheckSize(JsonObject map, TypeSchema schema, FieldPath path, SchemaFindings findings)
    {
        if (map.Count < schema.MinProperties)
        {
            findings.Add(
                FieldErrors.Invalid(
                    At(path),
                    map.Count,
                    $"{path.Text} in body should have at least {schema.MinProperties} properties"));
        }

        if (schema.MaxProperties is { } most && map.Count > most)
        {
            findings.Add(FieldErrors.TooMany(At(path), map.Count, most));
        }
    }

    private static void CheckField(
        KeyValuePair<string, JsonNode?> field,
        TypeSchema schema,
        FieldPath path,
        CorrelatedValue? correlated,
        SchemaFindings findings)
    {
        if (path.IsMetadata && field.Key == "managedFields")
        {
            // The server itself has just written managedFields.
            return;
        }

        if (schema.Properties.TryGetValue(field.Key, out var property))
        {
            // At the root the old apiVersion is the storage version, so it does not show what the client changed.
            var isTypeMeta = path.IsRoot && field.Key is "apiVersion" or "kind";
            Validate(field.Value, property, path[field.Key], isTypeMeta ? null : correlated?.Key(field.Key), findings);
        }
        else if (schema.AdditionalProperties is { } additional)
        {
            var child = path.IsRoot ? FieldPath.At("." + field.Key) : path[field.Key];
            Validate(field.Value, additional, child, correlated?.Key(field.Key), findings);
        }
    }

    internal static FieldPath At(FieldPath path) => path.IsRoot ? path : FieldPath.At(path.Text.TrimStart('.'));

    /// <summary>A finding for which the real API has no path.</summary>
    internal static FieldError Unplaced(string message) => FieldErrors.Invalid(FieldPath.Root, "", message);
}

/// <summary>Validates anyOf, oneOf, allOf and not.</summary>
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

    // A separate method, because its closures would otherwise cost an allocation for every value.
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
