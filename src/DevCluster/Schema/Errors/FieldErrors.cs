using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using DevCluster.Schema.Formats;

namespace DevCluster.Schema.Errors;

/// <summary>Builds findings with the reasons and texts of the real API.</summary>
public static class FieldErrors
{
    public static FieldError Required(FieldPath path, string detail = "") =>
        Make(path, "FieldValueRequired", "Required value", detail);

    public static FieldError Forbidden(FieldPath path, string detail) =>
        Make(path, "FieldValueForbidden", "Forbidden", detail);

    public static FieldError Invalid(FieldPath path, JsonNode? value, string detail) =>
        Make(path, "FieldValueInvalid", $"Invalid value: {GoText.Value(value)}", detail);

    /// <summary>Takes the value as formatted text.</summary>
    internal static FieldError InvalidShown(FieldPath path, string shown, string detail) =>
        Make(path, "FieldValueInvalid", $"Invalid value: {shown}", detail);

    /// <summary>Omits the value, for objects and lists that would make the message too long.</summary>
    public static FieldError InvalidUnshown(FieldPath path, string detail) =>
        Make(path, "FieldValueInvalid", "Invalid value", detail);

    public static FieldError TypeInvalid(FieldPath path, JsonNode? value, string detail) =>
        Make(path, "FieldValueTypeInvalid", $"Invalid value: {GoText.Value(value)}", detail);

    public static FieldError Duplicate(FieldPath path, JsonNode? value) => DuplicateShown(path, GoText.Value(value));

    internal static FieldError DuplicateShown(FieldPath path, string shown, string detail = "") =>
        Make(path, "FieldValueDuplicate", $"Duplicate value: {shown}", detail);

    public static FieldError DuplicateUnshown(FieldPath path) => Make(path, "FieldValueDuplicate", "Duplicate value");

    public static FieldError NotFound(FieldPath path, JsonNode? value, string detail = "") =>
        Make(path, "FieldValueNotFound", $"Not found: {GoText.Value(value)}", detail);

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

/// <summary>One validation finding, a cause in the 422 <c>Status</c>.</summary>
/// <param name="Field">The path, such as <c>spec.ports[2]</c>.</param>
/// <param name="Reason">The reason of the cause: <c>FieldValueInvalid</c>, <c>FieldValueRequired</c>,
/// <c>FieldValueForbidden</c>, ...</param>
/// <param name="Message">The real API's text with the invalid value: <c>Invalid value: "x": must be ...</c>.</param>
public sealed record FieldError(string Field, string Reason, string Message);

/// <summary>
/// The path of a finding in the real API's format: <c>spec.ports[0].name</c>, <c>data[key]</c>. It is formatted only
/// for a finding, because validation visits every value and most are valid.
/// </summary>
public sealed class FieldPath
{
    private readonly FieldPath? _parent;
    private readonly string? _name;
    private readonly int _index;
    private readonly bool _isKey;

    private FieldPath(FieldPath? parent, string? name, int index = 0, bool isKey = false)
    {
        _parent = parent is { IsRoot: true } ? null : parent;
        _name = name;
        _index = index;
        _isKey = isKey;
    }

    /// <summary>The object itself.</summary>
    public static FieldPath Root { get; } = new(null, null);

    public bool IsRoot => ReferenceEquals(this, Root);

    /// <summary>Whether this is <c>metadata</c> of the object itself.</summary>
    internal bool IsMetadata => _parent is null && _name == "metadata";

    /// <summary>The formatted path; empty for the object itself.</summary>
    internal string Text => IsRoot ? "" : Append(new StringBuilder()).ToString();

    public static FieldPath At(string path) => new(null, path);

    public FieldPath this[string name] => new(this, name);

    /// <summary>An item of a list.</summary>
    public FieldPath this[int index] => new(this, null, index);

    /// <summary>An entry of a map.</summary>
    public FieldPath Key(string key) => new(this, key, isKey: true);

    public override string ToString() => IsRoot ? "<nil>" : Text;

    private StringBuilder Append(StringBuilder text)
    {
        _parent?.Append(text);
        return _name is null ? text.Append(CultureInfo.InvariantCulture, $"[{_index}]")
            : _isKey ? text.Append('[').Append(_name).Append(']')
            : _parent is null ? text.Append(_name)
            : text.Append('.').Append(_name);
    }
}
