using System.Text.Json.Nodes;
using DevCluster.Schema.Cel;
using DevCluster.Schema.Crds;
using DevCluster.Schema.Structural;
using DevCluster.Schema.Validation;

namespace DevCluster.Schema.Tests.Cel;

public sealed class CostTests
{
    private static readonly Lazy<TypeSchema> Schema =
        new(() => SchemaReader.Read(JsonNode.Parse(CostCases.Spec)!.AsObject()));

    [Theory]
    [MemberData(nameof(CostCases.All), MemberType = typeof(CostCases))]
    public void A_rule_is_too_dear_exactly_when_and_by_as_much_as_for_the_real_api(string expression, string factor)
    {
        var declaration = CelDeclaration.FromSchema(Schema.Value)!;
        var rule = CompiledRule.Compile(new ValidationRule(expression), Schema.Value, declaration);
        var cost = CelCostEstimator.Estimate(rule.Program!, declaration);

        var expected = factor == "accepted" ? factor : $"rule exceeds budget by factor of {factor} (try";
        var actual = cost > RuleCostTally.ExpressionLimit
            ? RuleCostTally.Describe("rule", cost, RuleCostTally.ExpressionLimit)
            : "accepted";

        Assert.StartsWith(expected, actual, StringComparison.Ordinal);
    }
}
