using System.Text.Json.Nodes;
using DevCluster.Schema.Cel;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Schema.Structural;
using DevCluster.Schema.Validation;

namespace DevCluster.Schema.Crds;

/// <summary>
/// Compiles the rules of one schema and estimates their cost. A rule that the evaluator cannot evaluate is refused
/// here.
/// </summary>
internal static class RuleCompilation
{
    public static void Validate(
        JsonObject schema, FieldPath path, SchemaContext context, RuleCostTally costs, List<FieldError> errors)
    {
        if (schema.Items("x-kubernetes-validations").Count == 0)
        {
            return;
        }

        var type = context.IsRoot ? SchemaReader.ReadRoot(schema) : SchemaReader.Read(schema);
        var at = path["x-kubernetes-validations"];
        if (CelDeclaration.FromSchema(type) is not { } declaration)
        {
            errors.Add(
                FieldErrors.Internal(
                    at,
                    "internal error: failed to construct type information for x-kubernetes-validations rules: unable "
                    + "to convert structural schema to CEL declarations"));
            return;
        }

        var rules = schema.Items("x-kubernetes-validations").ToList();
        for (var i = 0; i < rules.Count; i++)
        {
            var rule = CompiledRule.Compile(type.Rules[i], type, declaration);
            Report(rule, rules[i], at[i], context, errors);
            Charge(rule, declaration, at[i], context, costs, errors);
        }
    }

    private static void Report(
        CompiledRule rule, JsonObject source, FieldPath path, SchemaContext context, List<FieldError> errors)
    {
        if (rule.Problem is not null)
        {
            errors.Add(FieldErrors.InvalidShown(path["rule"], Shown(rule.Rule, source), rule.Problem));
        }

        if (rule.MessageProblem is not null)
        {
            errors.Add(
                FieldErrors.InvalidShown(path["messageExpression"], Shown(rule.Rule, source), rule.MessageProblem));
        }

        if (rule.UsesOldSelf)
        {
            if (context.Uncorrelatable is { } list)
            {
                errors.Add(
                    FieldErrors.Invalid(
                        path["rule"],
                        rule.Rule.Rule,
                        $"oldSelf cannot be used on the uncorrelatable portion of the schema within {list}"));
            }
        }
        else if (source["optionalOldSelf"] is { } optional)
        {
            errors.Add(
                FieldErrors.Invalid(
                    path["optionalOldSelf"], optional, "may not be set if oldSelf is not used in rule"));
        }
    }

    private static void Charge(
        CompiledRule rule,
        CelDeclaration declaration,
        FieldPath path,
        SchemaContext context,
        RuleCostTally costs,
        List<FieldError> errors)
    {
        if (rule.Program is not null)
        {
            var cost = RuleCostTally.Multiply(
                CelCostEstimator.Estimate(rule.Program, declaration),
                context.Occurrences ?? declaration.MostOccurrences);
            if (cost > RuleCostTally.ExpressionLimit)
            {
                errors.Add(
                    FieldErrors.Forbidden(
                        path["rule"],
                        RuleCostTally.Describe("estimated rule cost", cost, RuleCostTally.ExpressionLimit)));
            }

            costs.Add(path["rule"], cost);
        }

        if (rule.MessageExpression is not null)
        {
            var cost = CelCostEstimator.Estimate(rule.MessageExpression, declaration);
            if (cost > RuleCostTally.ExpressionLimit)
            {
                errors.Add(FieldErrors.Forbidden(
                    path["messageExpression"],
                    RuleCostTally.Describe("estimated messageExpression cost", cost, RuleCostTally.ExpressionLimit)));
            }

            costs.Add(path["messageExpression"], cost);
        }
    }

    /// <summary>The rule in the serialized form of the real API's internal type.</summary>
    private static string Shown(ValidationRule rule, JsonObject source)
    {
        static string Text(string? text) => GoText.Json(text ?? "");
        return $"{{\"Rule\":{Text(rule.Rule)},\"Message\":{Text(rule.Message)},\"MessageExpression\":"
            + $"{Text(rule.MessageExpression)},"
            + $"\"Reason\":{GoText.Json(rule.Reason)},\"FieldPath\":{Text(rule.FieldPath)},\"OptionalOldSelf\":"
                + $"{GoText.Json(source["optionalOldSelf"])}}}";
    }
}

/// <summary>
/// Validates the parts of x-kubernetes-validations other than expressions: messages, reasons, field paths.
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
