using System.Text.Json.Nodes;
using DevCluster.Schema.Cel;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Schema.Structural;
using DevCluster.Schema.Validation;

namespace DevCluster.Schema.Crds;

/// <summary>
/// Compiles the rules of one schema and reckons what they may cost. What the evaluator could not evaluate never gets
/// past here.
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
        if (CelDeclaration.Of(type) is not { } declaration)
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

    /// <summary>The real API shows the rule as its internal type serializes.</summary>
    private static string Shown(ValidationRule rule, JsonObject source)
    {
        static string Text(string? text) => GoText.Json(text ?? "");
        return $"{{\"Rule\":{Text(rule.Rule)},\"Message\":{Text(rule.Message)},\"MessageExpression\":"
            + $"{Text(rule.MessageExpression)},"
            + $"\"Reason\":{GoText.Json(rule.Reason)},\"FieldPath\":{Text(rule.FieldPath)},\"OptionalOldSelf\":"
                + $"{GoText.Json(source["optionalOldSelf"])}}}";
    }
}
