using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Validation;

namespace DevCluster.Schema.Crds;

/// <summary>
/// Checks what surrounds the expressions of x-kubernetes-validations: messages, reasons, field paths.
/// </summary>
internal static class RuleDeclarations
{
    private static readonly string[] Reasons =
    [
        "FieldValueDuplicate",
        "FieldValueForbidden",
        "FieldValueInvalid",
        "FieldValueRequired",
    ];

    public static void Validate(JsonObject schema, FieldPath path, List<FieldError> errors)
    {
        var index = 0;
        foreach (var rule in schema.Items("x-kubernetes-validations"))
        {
            Validate(schema, rule, path["x-kubernetes-validations"][index++], errors);
        }
    }

    private static void Validate(JsonObject schema, JsonObject rule, FieldPath path, List<FieldError> errors)
    {
        CheckTexts(rule, path, errors);
        if (rule.Text("reason") is { } reason && !Reasons.Contains(reason))
        {
            errors.Add(FieldErrors.NotSupported(path["reason"], reason, Reasons));
        }

        var fieldPath = rule.TextOrEmpty("fieldPath");
        if (fieldPath.Length == 0)
        {
            return;
        }

        var at = path["fieldPath"];
        if (fieldPath.Trim().Length == 0)
        {
            errors.Add(FieldErrors.Invalid(at, fieldPath, "must be non-empty if specified"));
        }

        if (HasLineBreak(fieldPath))
        {
            errors.Add(FieldErrors.Invalid(at, fieldPath, "must not contain line breaks"));
        }

        if (!RuleFieldPath.TryResolve(fieldPath, SchemaReader.Read(schema), allowBrackets: true, out _, out _, out _))
        {
            errors.Add(FieldErrors.Invalid(at, fieldPath, "must be a valid path"));
        }
    }

    private static void CheckTexts(JsonObject rule, FieldPath path, List<FieldError> errors)
    {
        var text = rule.TextOrEmpty("rule").Trim();
        var message = rule.TextOrEmpty("message");
        if (text.Length == 0)
        {
            errors.Add(FieldErrors.Required(path["rule"], "rule is not specified"));
        }
        else if (message.Length > 0 && message.Trim().Length == 0)
        {
            errors.Add(FieldErrors.Invalid(path["message"], message, "must be non-empty if specified"));
        }
        else if (HasLineBreak(message.Trim()))
        {
            errors.Add(FieldErrors.Invalid(path["message"], message, "must not contain line breaks"));
        }
        else if (HasLineBreak(text) && message.Length == 0)
        {
            errors.Add(FieldErrors.Required(path["message"], "message must be specified if rule contains line breaks"));
        }

        if (rule.NonEmpty("messageExpression") is { } expression && expression.Trim().Length == 0)
        {
            errors.Add(
                FieldErrors.Required(path["messageExpression"], "messageExpression must be non-empty if specified"));
        }
    }

    private static bool HasLineBreak(string text) => text.AsSpan().ContainsAny('\n', '\r');
}
