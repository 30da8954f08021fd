using System.Text.Json.Nodes;
using DevCluster.Schema.Cel;
using DevCluster.Schema.Crds;
using DevCluster.Schema.Structural;
using DevCluster.Schema.Tests.Validation;
using DevCluster.Schema.Validation;

namespace DevCluster.Schema.Tests.Cel;

public sealed class ExpressionTests
{
    private static readonly Lazy<CelDeclaration> Declaration =
        new(() => CelDeclaration.FromSchema(SchemaReader.Read(Parse(ExpressionCases.Spec)))!);

    private static readonly Lazy<TypeSchema> Schema = new(() => SchemaReader.Read(Parse(ExpressionCases.Spec)));

    [Theory]
    [MemberData(nameof(ExpressionCases.All), MemberType = typeof(ExpressionCases))]
    public void An_expression_means_what_it_means_to_the_real_api(string expression, string outcome)
    {
        var rule = CompiledRule.Compile(new ValidationRule(expression), Schema.Value, Declaration.Value);

        Assert.Equal(outcome, Refusal(rule) is { } refusal ? $"refused: {refusal}" : Evaluate(rule));
    }

    [Fact]
    public void A_rule_that_does_not_compile_is_an_error_of_the_crd()
    {
        var spec = Parse("""{"type":"object","x-kubernetes-validations":[{"rule":"self.x == 1"}]}""");

        var error = Assert.Single(CompiledSchema.Compile(spec).Errors);

        Assert.Equal("spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule", error.Field);
        Assert.EndsWith(
            "compilation failed: ERROR: <input>:1:5: undefined field 'x'\n | self.x == 1\n | ....^",
            error.Message,
            StringComparison.Ordinal);
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    private static string? Refusal(CompiledRule rule)
    {
        if (rule.Program is null)
        {
            return rule.Problem;
        }

        var cost = CelCostEstimator.Estimate(rule.Program, Declaration.Value);
        return cost > RuleCostTally.ExpressionLimit
            ? $"Forbidden: {RuleCostTally.Describe("estimated rule cost", cost, RuleCostTally.ExpressionLimit)}"
            : null;
    }

    private static string Evaluate(CompiledRule rule)
    {
        var self = CelJson.ToValue(Parse(ExpressionCases.Object), Schema.Value);
        return rule.Program!.Evaluate(CompiledRule.Bind(self, null)).Value switch
        {
            true => "true",
            false => "false",
            CelError error => $"error: {error.Message}",
            var other => $"unexpected: {other}",
        };
    }
}
