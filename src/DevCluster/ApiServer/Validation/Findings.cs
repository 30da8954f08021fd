using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Validation;

/// <summary>Collects what is wrong with an object, in the words of the real API.</summary>
internal sealed class Findings
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<FieldError> _errors = [];

    public IReadOnlyList<FieldError> Errors => _errors;

    public void Required(FieldPath field, string detail = "") => Add(field, "FieldValueRequired", Join("Required value", detail));

    public void Forbidden(FieldPath field, string detail) => Add(field, "FieldValueForbidden", Join("Forbidden", detail));

    public void Invalid(FieldPath field, JsonNode? value, string detail) =>
        Add(field, "FieldValueInvalid", Join($"Invalid value: {Show(value)}", detail));

    public void Invalid(FieldPath field, string value, IEnumerable<string> details)
    {
        foreach (var detail in details)
        {
            Invalid(field, value, detail);
        }
    }

    public void Duplicate(FieldPath field, JsonNode? value, string detail = "") =>
        Add(field, "FieldValueDuplicate", Join($"Duplicate value: {Show(value)}", detail));

    public void NotFound(FieldPath field, string value) => Add(field, "FieldValueNotFound", $"Not found: {Quote(value)}");

    public void NotSupported(FieldPath field, JsonNode? value, params ReadOnlySpan<string> supported)
    {
        var names = new List<string>();
        foreach (var one in supported)
        {
            names.Add(Quote(one));
        }

        Add(field, "FieldValueNotSupported", $"Unsupported value: {Show(value)}: supported values: {string.Join(", ", names)}");
    }

    public void TooLong(FieldPath field, int limit) =>
        Add(field, "FieldValueTooLong", string.Create(CultureInfo.InvariantCulture, $"Too long: may not be more than {limit} bytes"));

    /// <summary>A number that must not be negative.</summary>
    public void NonNegative(FieldPath field, long? value)
    {
        if (value < 0)
        {
            Invalid(field, value, "must be greater than or equal to 0");
        }
    }

    /// <summary>A port number.</summary>
    public void Port(FieldPath field, long value)
    {
        if (value is < 1 or > 65535)
        {
            Invalid(field, value, "must be between 1 and 65535, inclusive");
        }
    }

    /// <summary>A port's number or name, as probes and services name their targets.</summary>
    public void PortReference(FieldPath field, JsonNode? value)
    {
        if (value.Text() is { } name)
        {
            Invalid(field, name, NameFormats.PortName(name));
        }
        else if (value.Number() is { } number)
        {
            Port(field, number);
        }
    }

    /// <summary>One of a fixed set of words; a missing value is left to defaults.</summary>
    public void OneOf(FieldPath field, string? value, params ReadOnlySpan<string> supported)
    {
        if (value is not null && !supported.Contains(value))
        {
            NotSupported(field, value, supported);
        }
    }

    private static string Join(string head, string detail) => detail.Length == 0 ? head : $"{head}: {detail}";

    private static string Quote(string text) => JsonSerializer.Serialize(text, Compact);

    private static string Show(JsonNode? value) => value is null ? "null" : value.ToJsonString(Compact);

    private void Add(FieldPath field, string reason, string message) => _errors.Add(new FieldError(field.ToString(), reason, message));
}
