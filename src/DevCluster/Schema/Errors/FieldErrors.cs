using System.Text.Json.Nodes;
using DevCluster.Schema.Formats;

namespace DevCluster.Schema.Errors;

/// <summary>Makes findings with the reasons and texts of the real API.</summary>
public static class FieldErrors
{
    public static FieldError Required(FieldPath path, string detail = "") =>
        Make(path, "FieldValueRequired", "Required value", detail);

    public static FieldError Forbidden(FieldPath path, string detail) =>
        Make(path, "FieldValueForbidden", "Forbidden", detail);

    public static FieldError Invalid(FieldPath path, JsonNode? value, string detail) =>
        Make(path, "FieldValueInvalid", $"Invalid value: {GoText.Value(value)}", detail);

    /// <summary>With the value as text that is ready to be shown.</summary>
    internal static FieldError InvalidShown(FieldPath path, string shown, string detail) =>
        Make(path, "FieldValueInvalid", $"Invalid value: {shown}", detail);

    /// <summary>Without the value, for objects and lists that would only drown the message.</summary>
    public static FieldError InvalidUnshown(FieldPath path, string detail) =>
        Make(path, "FieldValueInvalid", "Invalid value", detail);

    public static FieldError TypeInvalid(FieldPath path, JsonNode? value, string detail) =>
        Make(path, "FieldValueTypeInvalid", $"Invalid value: {GoText.Value(value)}", detail);

    public static FieldError Duplicate(FieldPath path, JsonNode? value) => DuplicateShown(path, GoText.Value(value));

    internal static FieldError DuplicateShown(FieldPath path, string shown, string detail = "") =>
        Make(path, "FieldValueDuplicate", $"Duplicate value: {shown}", detail);

    public static FieldError DuplicateUnshown(FieldPath path) => Make(path, "FieldValueDuplicate", "Duplicate value");

    public static FieldError NotFound(FieldPath path, JsonNode? value) =>
        Make(path, "FieldValueNotFound", $"Not found: {GoText.Value(value)}");

    public static FieldError Internal(FieldPath path, string detail) =>
        Make(path, "InternalError", "Internal error", detail);

    public static FieldError NotSupported(FieldPath path, JsonNode? value, IEnumerable<string> supported) =>
        NotSupportedShown(path, GoText.Value(value), supported);

    internal static FieldError NotSupportedShown(FieldPath path, string shown, IEnumerable<string> supported)
    {
        var values = string.Join(", ", supported.Select(GoText.Quote));
        return Make(
            path,
            "FieldValueNotSupported",
            $"Unsupported value: {shown}",
            values.Length == 0 ? "" : $"supported values: {values}");
    }

    public static FieldError TooLong(FieldPath path, long most) =>
        Make(path, "FieldValueTooLong", "Too long", $"may not be more than {most} {(most == 1 ? "byte" : "bytes")}");

    public static FieldError TooMany(FieldPath path, long actual, long most) =>
        Make(
            path,
            "FieldValueTooMany",
            $"Too many: {actual}",
            $"must have at most {most} {(most == 1 ? "item" : "items")}");

    private static FieldError Make(FieldPath path, string reason, string body, string detail = "") =>
        new(path.ToString(), reason, detail.Length == 0 ? body : $"{body}: {detail}");
}
