using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Printing;
using DevCluster.Schema.Validation;

namespace DevCluster.Schema.Crds;

/// <summary>Validates one version: its schema, subresources, columns and selectable fields.</summary>
internal static class CrdVersionValidator
{
    private const int MostSelectableFields = 8;

    private static readonly string[] ColumnTypes = ["boolean", "date", "integer", "number", "string"];

    private static readonly string[] ColumnFormats =
    [
        "byte",
        "date",
        "date-time",
        "double",
        "float",
        "int32",
        "int64",
        "password",
    ];

    private static readonly string[] SelectableTypes = ["string", "boolean", "integer"];

    public static void Validate(JsonObject version, int index, CrdLayout layout, List<FieldError> errors)
    {
        var schema = version["schema"]?["openAPIV3Schema"] as JsonObject;
        var subresources = version["subresources"] as JsonObject;
        if (schema is null)
        {
            errors.Add(FieldErrors.Required(FieldPath.At("spec.versions")[index]["schema"]["openAPIV3Schema"]));
        }
        else if (layout.IsCheckedWith(index, "schema"))
        {
            OpenApiSchemaValidator.Validate(
                schema,
                subresources?["status"] is not null,
                layout.PathOf(index, "schema", "validation")["openAPIV3Schema"],
                errors);
        }

        if (subresources?["scale"] is JsonObject scale && layout.IsCheckedWith(index, "subresources"))
        {
            CheckScale(scale, layout.PathOf(index, "subresources", "subresources"), errors);
        }

        if (layout.IsCheckedWith(index, "additionalPrinterColumns"))
        {
            CheckColumns(version, layout.PathOf(index, "additionalPrinterColumns", "additionalPrinterColumns"), errors);
        }

        if (schema is not null && layout.IsCheckedWith(index, "selectableFields"))
        {
            CheckSelectableFields(
                version, schema, layout.PathOf(index, "selectableFields", "selectableFields"), errors);
        }
    }

    private static void CheckScale(JsonObject scale, FieldPath path, List<FieldError> errors)
    {
        CheckScalePath(scale, "specReplicasPath", ".spec", isRequired: true, path, errors);
        CheckScalePath(scale, "statusReplicasPath", ".status", isRequired: true, path, errors);
        if (scale.NonEmpty("labelSelectorPath") is { } selector)
        {
            var at = path["scale.labelSelectorPath"];
            if (selector[0] != '.')
            {
                errors.Add(FieldErrors.Invalid(at, selector, "must be a simple json path starting with ."));
            }
            else if (!selector.StartsWith(".spec.", StringComparison.Ordinal)
                && !selector.StartsWith(".status.", StringComparison.Ordinal))
            {
                errors.Add(FieldErrors.Invalid(at, selector, "should be a json path under either .spec or .status"));
            }
        }
    }

    private static void CheckScalePath(
        JsonObject scale, string field, string under, bool isRequired, FieldPath path, List<FieldError> errors)
    {
        var value = scale.TextOrEmpty(field);
        var at = path[$"scale.{field}"];
        if (value.Length == 0)
        {
            if (isRequired)
            {
                errors.Add(FieldErrors.Required(at));
            }
        }
        else if (value[0] != '.')
        {
            errors.Add(FieldErrors.Invalid(at, value, "must be a simple json path starting with ."));
        }
        else if (!value.StartsWith(under + ".", StringComparison.Ordinal))
        {
            errors.Add(FieldErrors.Invalid(at, value, $"should be a json path under {under}"));
        }
    }

    private static void CheckColumns(JsonObject version, FieldPath path, List<FieldError> errors)
    {
        var index = 0;
        foreach (var column in version.Items("additionalPrinterColumns"))
        {
            CheckColumn(column, path[index++], errors);
        }
    }

    private static void CheckColumn(JsonObject column, FieldPath path, List<FieldError> errors)
    {
        if (column.TextOrEmpty("name").Length == 0)
        {
            errors.Add(FieldErrors.Required(path["name"]));
        }

        var oneOfTypes = $"must be one of {string.Join(',', ColumnTypes)}";
        if (column.TextOrEmpty("type").Length == 0)
        {
            errors.Add(FieldErrors.Required(path["type"], oneOfTypes));
        }
        else if (!ColumnTypes.Contains(column.TextOrEmpty("type")))
        {
            errors.Add(FieldErrors.Invalid(path["type"], column.TextOrEmpty("type"), oneOfTypes));
        }

        if (column.NonEmpty("format") is { } format && !ColumnFormats.Contains(format))
        {
            errors.Add(
                FieldErrors.Invalid(path["format"], format, $"must be one of {string.Join(',', ColumnFormats)}"));
        }

        CheckColumnPath(column.TextOrEmpty("jsonPath"), path["JSONPath"], errors);
    }

    /// <summary>The real API accepts an unparsable path and then drops the column; here it is an error.</summary>
    private static void CheckColumnPath(string text, FieldPath path, List<FieldError> errors)
    {
        if (text.Length == 0)
        {
            errors.Add(FieldErrors.Required(path));
        }
        else if (text[0] != '.')
        {
            errors.Add(FieldErrors.Invalid(path, text, "must be a simple json path starting with ."));
        }
        else
        {
            try
            {
                JsonPath.Parse(text);
            }
            catch (FormatException problem)
            {
                errors.Add(FieldErrors.Invalid(path, text, problem.Message));
            }
        }
    }

    private static void CheckSelectableFields(
        JsonObject version, JsonObject schema, FieldPath path, List<FieldError> errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var type = SchemaReader.Read(schema);
        var index = 0;
        foreach (var field in version.Items("selectableFields"))
        {
            var at = path[index++]["jsonPath"];
            var text = field.TextOrEmpty("jsonPath");
            if (text.Length == 0)
            {
                errors.Add(FieldErrors.Required(at));
                continue;
            }

            if (!RuleFieldPath.TryResolve(
                text, type, allowBrackets: false, out var resolved, out var found, out var problem))
            {
                errors.Add(FieldErrors.Invalid(at, text, $"is an invalid path: {problem}"));
                continue;
            }

            if (resolved.ToString().Split('.')[0] == "metadata")
            {
                errors.Add(FieldErrors.Invalid(at, text, "must not point to fields in metadata"));
            }

            if (!SelectableTypes.Contains(found.Type))
            {
                errors.Add(
                    FieldErrors.Invalid(
                        at,
                        text,
                        "must point to a field of type string, boolean or integer. Enum string fields and strings with "
                        + "formats are allowed."));
            }

            if (!seen.Add(resolved.ToString()))
            {
                errors.Add(FieldErrors.Duplicate(at, text));
            }
        }

        if (seen.Count > MostSelectableFields)
        {
            errors.Add(FieldErrors.TooMany(path, seen.Count, MostSelectableFields));
        }
    }
}
