using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Cel;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Validation;

/// <summary>Validates lengths, patterns, formats and ranges.</summary>
internal static class ScalarValidator
{
    public static void Validate(JsonNode? value, TypeSchema schema, FieldPath path, SchemaFindings findings)
    {
        if (value.Text() is { } text)
        {
            CheckText(text, schema, path, findings);
            findings.Match();
            if (schema.Format is not null && schema.Type is "" or "string")
            {
                CheckFormat(text, TypeValidator.FormatOf(schema), path, findings);
            }
        }
        else if (value.Kind() == JsonValueKind.Number)
        {
            CheckNumber(value!, schema, path, findings);
            findings.Match();
            findings.Match();
        }
    }

    private static void CheckText(string text, TypeSchema schema, FieldPath path, SchemaFindings findings)
    {
        if (schema.MaxLength is null && schema.MinLength is null && string.IsNullOrEmpty(schema.Pattern))
        {
            return;
        }

        var length = CelValues.CodePoints(text);
        if (schema.MaxLength is { } most && length > most)
        {
            findings.Add(FieldErrors.TooLong(ValueValidator.At(path), most));
        }
        else if (length < schema.MinLength)
        {
            findings.Add(
                FieldErrors.Invalid(
                    ValueValidator.At(path),
                    text,
                    $"{path.Text} in body should be at least {schema.MinLength} chars long"));
        }
        else if (!string.IsNullOrEmpty(schema.Pattern) && !Matches(text, schema.Pattern, out var shown))
        {
            findings.Add(
                FieldErrors.Invalid(ValueValidator.At(path), text, $"{path.Text} in body should match '{shown}'"));
        }
    }

    private static bool Matches(string text, string pattern, out string shown)
    {
        var isPattern = Re2.TryCompile(pattern, out var regex, out var problem);
        shown = isPattern ? pattern : $"{pattern}, but pattern is invalid: {problem}";
        return isPattern && regex!.IsMatch(text);
    }

    private static void CheckFormat(string text, string? format, FieldPath path, SchemaFindings findings)
    {
        if (format is null)
        {
            return;
        }

        if (!StringFormats.IsValid(format, text))
        {
            findings.Add(
                FieldErrors.TypeInvalid(
                    ValueValidator.At(path),
                    text,
                    $"{path.Text} in body must be of type {format}: {GoText.Quote(text)}"));
        }
        else
        {
            findings.Match();
        }
    }

    private static void CheckNumber(JsonNode value, TypeSchema schema, FieldPath path, SchemaFindings findings)
    {
        CheckRange(value, schema, path, findings);
        if (schema.MultipleOf is null && schema.Minimum is null && schema.Maximum is null)
        {
            return;
        }

        var number = value.Double() ?? 0;
        var isInteger = value.Number() is not null;
        string Bound(double bound) =>
            isInteger ? ((long)bound).ToString(CultureInfo.InvariantCulture) : GoText.Double(bound);

        if (schema.MultipleOf is { } multipleOf)
        {
            // The real API truncates the factor to an integer if the value is an integer.
            CheckMultiple(value, number, isInteger ? (long)multipleOf : multipleOf, path, findings);
        }

        if (schema.Minimum is { } least && (schema.ExclusiveMinimum ? number <= least : number < least))
        {
            findings.Add(
                FieldErrors.Invalid(
                    ValueValidator.At(path),
                    value.DeepClone(),
                    $"{path.Text} in body should be greater than "
                    + $"{(schema.ExclusiveMinimum ? "" : "or equal to ")}{Bound(least)}"));
        }

        if (schema.Maximum is { } most && (schema.ExclusiveMaximum ? number >= most : number > most))
        {
            findings.Add(
                FieldErrors.Invalid(
                    ValueValidator.At(path),
                    value.DeepClone(),
                    $"{path.Text} in body should be less than "
                    + $"{(schema.ExclusiveMaximum ? "" : "or equal to ")}{Bound(most)}"));
        }
    }

    private static void CheckRange(JsonNode value, TypeSchema schema, FieldPath path, SchemaFindings findings)
    {
        var format = TypeValidator.FormatOf(schema);
        var isInRange = (schema.Type, format) switch
        {
            ("integer", "int32") => value.WholeNumber() is >= int.MinValue and <= int.MaxValue,
            ("integer", _) => value.WholeNumber() is not null,
            ("number", "float") => float.IsFinite((float)(value.Double() ?? 0)),
            _ => true,
        };
        if (!isInRange)
        {
            findings.Add(ValueValidator.Unplaced(format is null
                ? $"Checked value must be of type {schema.Type} (default format) in {path.Text}"
                : $"Checked value must be of type {schema.Type} with format {format} in {path.Text}"));
        }
    }

    private static void CheckMultiple(
        JsonNode value, double number, double factor, FieldPath path, SchemaFindings findings)
    {
        var quotient = factor < 1 ? 1 / factor * number : number / factor;
        if (factor <= 0)
        {
            findings.Add(
                FieldErrors.Invalid(
                    ValueValidator.At(path),
                    factor,
                    $"factor MultipleOf declared for {path.Text} must be positive: {GoText.Double(factor)}"));
        }
        else if (Math.Abs(quotient - Math.Round(quotient)) >= 1e-9 * Math.Max(1, Math.Abs(quotient)))
        {
            findings.Add(
                FieldErrors.Invalid(
                    ValueValidator.At(path),
                    value.DeepClone(),
                    $"{path.Text} in body should be a multiple of {GoText.Double(factor)}"));
        }
    }
}

/// <summary>Validates the JSON type of a value.</summary>
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
                // The format check validates a string with a format.
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
