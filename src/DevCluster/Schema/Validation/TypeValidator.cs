using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Validation;

/// <summary>Checks the JSON type of a value.</summary>
internal static class TypeValidator
{
    public static bool Applies(TypeSchema schema) => HasType(schema) || FormatOf(schema) is not null;

    public static void Validate(JsonNode? value, TypeSchema schema, FieldPath path, SchemaFindings findings)
    {
        if (value is null)
        {
            if (HasType(schema) && !schema.Nullable)
            {
                Report(path, Expected(schema), "null", findings);
            }
            else
            {
                findings.Match();
            }

            return;
        }

        var (type, format) = Describe(value);
        var isMatch = Allows(schema, type)
            || (type == "number" && Allows(schema, "integer") && IsWhole(value))
            || (type == "integer" && Allows(schema, "number"));
        if (FormatOf(schema) is { } expected)
        {
            if (type is not ("string" or "array"))
            {
                if (!isMatch && format != expected)
                {
                    Report(path, expected, format, findings);
                    return;
                }
            }
            else if (!Allows(schema, "number") && !Allows(schema, "integer"))
            {
                // A string with a format is for the format to judge.
                findings.Match();
                return;
            }
        }

        if (!isMatch)
        {
            Report(path, Expected(schema), type, findings);
            return;
        }

        findings.Match();
    }

    internal static string? FormatOf(TypeSchema schema) =>
        StringFormats.Supported(schema.IsIntOrString ? "" : schema.Type, schema.Format);

    private static bool HasType(TypeSchema schema) => schema.IsIntOrString || schema.Type.Length > 0;

    private static bool Allows(TypeSchema schema, string type) =>
        schema.IsIntOrString ? type is "integer" or "string" : schema.Type == type;

    private static string Expected(TypeSchema schema) => schema.IsIntOrString ? "integer,string" : schema.Type;

    private static void Report(FieldPath path, string expected, string actual, SchemaFindings findings) =>
        findings.Add(FieldErrors.TypeInvalid(
            ValueValidator.At(path),
            actual,
            $"{path.Text} in body must be of type {expected}: {GoText.Quote(actual)}"));

    private static (string Type, string Format) Describe(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.String => ("string", ""),
        JsonValueKind.True or JsonValueKind.False => ("boolean", ""),
        JsonValueKind.Number => value.Number() is not null ? ("integer", "int64") : ("number", "float64"),
        JsonValueKind.Array => ("array", ""),
        _ => ("object", ""),
    };

    private static bool IsWhole(JsonNode value) =>
        value.Double() is { } number && number == Math.Round(number) && Math.Abs(number) <= (1L << 53) - 1;
}
