using k8s.Models;

namespace Dynospace.Planning.Tests;

public sealed class LabelSelectorTests
{
    private static readonly Dictionary<string, string> Labels = new() { ["app"] = "db", ["tier"] = "data" };

    [Fact]
    public void An_empty_selector_matches_all() => Assert.True(LabelSelectors.Matches(new V1LabelSelector(), Labels));

    [Theory]
    [InlineData("db", true)]
    [InlineData("web", false)]
    public void Labels_must_be_equal(string app, bool matches) =>
        Assert.Equal(
            matches,
            LabelSelectors.Matches(
                new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = app } }, Labels));

    [Theory]
    [InlineData("app", "In", "db", true)]
    [InlineData("app", "In", "web", false)]
    [InlineData("none", "In", "db", false)]
    [InlineData("app", "NotIn", "db", false)]
    [InlineData("app", "NotIn", "web", true)]
    [InlineData("none", "NotIn", "db", true)]
    [InlineData("app", "Exists", null, true)]
    [InlineData("none", "Exists", null, false)]
    [InlineData("app", "DoesNotExist", null, false)]
    [InlineData("none", "DoesNotExist", null, true)]
    [InlineData("app", "Like", "db", false)]
    public void Expressions_follow_the_api_servers_rules(string key, string op, string? value, bool matches)
    {
        var expression = new V1LabelSelectorRequirement
        {
            Key = key,
            OperatorProperty = op,
            Values = value is null ? null : [value],
        };

        Assert.Equal(matches, LabelSelectors.Matches(new V1LabelSelector { MatchExpressions = [expression] }, Labels));
    }
}
