using Dynospace.Reachability.Tests.Fixtures;

namespace Dynospace.Reachability.Tests.Semantics;

public sealed class LabelSelectorTests
{
    private const string Tier = "tier=gold,zone=a";

    // Where a policy selects the pod, nobody reaches it.
    [Theory]
    [InlineData("{}", Tier, true)]
    [InlineData("{}", "", true)]
    [InlineData("{matchLabels: {tier: gold}}", Tier, true)]
    [InlineData("{matchLabels: {tier: gold, zone: a}}", Tier, true)]
    [InlineData("{matchLabels: {tier: gold, zone: b}}", Tier, false)]
    [InlineData("{matchLabels: {tier: Gold}}", Tier, false)]
    [InlineData("{matchLabels: {tier: gold}}", "", false)]
    [InlineData("{matchLabels: {tier: ''}}", "tier=", true)]
    [InlineData("{matchLabels: {tier: ''}}", "", false)]
    [InlineData("{matchExpressions: [{key: tier, operator: In, values: [gold, iron]}]}", Tier, true)]
    [InlineData("{matchExpressions: [{key: tier, operator: In, values: [iron]}]}", Tier, false)]
    [InlineData("{matchExpressions: [{key: tier, operator: In, values: [gold]}]}", "", false)]
    [InlineData("{matchExpressions: [{key: tier, operator: NotIn, values: [gold]}]}", Tier, false)]
    [InlineData("{matchExpressions: [{key: tier, operator: NotIn, values: [iron]}]}", Tier, true)]
    [InlineData("{matchExpressions: [{key: tier, operator: NotIn, values: [gold]}]}", "", true)]
    [InlineData("{matchExpressions: [{key: tier, operator: Exists}]}", Tier, true)]
    [InlineData("{matchExpressions: [{key: tier, operator: Exists}]}", "tier=", true)]
    [InlineData("{matchExpressions: [{key: tier, operator: Exists}]}", "zone=a", false)]
    [InlineData("{matchExpressions: [{key: tier, operator: DoesNotExist}]}", Tier, false)]
    [InlineData("{matchExpressions: [{key: tier, operator: DoesNotExist}]}", "zone=a", true)]
    [InlineData("{matchLabels: {zone: a}, matchExpressions: [{key: tier, operator: Exists}]}", Tier, true)]
    [InlineData("{matchLabels: {zone: b}, matchExpressions: [{key: tier, operator: Exists}]}", Tier, false)]
    [InlineData(
        "{matchExpressions: [{key: tier, operator: Exists}, {key: zone, operator: NotIn, values: [a]}]}", Tier, false)]
    public void A_selector_requires_all_that_it_lists(string selector, string labels, bool selected)
    {
        var cluster = new TestCluster().Pod("x/a", labels)
            .Pod("y/b")
            .Policy("x/p", $"{{podSelector: {selector}, policyTypes: [Ingress]}}");

        Assert.Equal(!selected, cluster.Allows("y/b", "x/a"));
    }
}
