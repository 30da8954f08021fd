using CsCheck;
using DevCluster.ApiServer.Auth;
using DevCluster.ApiServer.Registry;

namespace DevCluster.ApiServer.Tests.Auth;

public sealed class PolicyRuleTests
{
    private static readonly Gen<IReadOnlyList<string>> Verbs = Several("get", "list", "*");
    private static readonly Gen<IReadOnlyList<string>> Groups = Several("", "apps", "*");
    private static readonly Gen<IReadOnlyList<string>> Resources = Several("pods", "pods/log", "*/log", "*");
    private static readonly Gen<IReadOnlyList<string>> Names = Gen.OneOf<IReadOnlyList<string>>(
        Gen.Const<IReadOnlyList<string>>([]), Several("a", "b"));

    private static readonly Gen<PolicyRule> Rules = Gen.Select(
        Verbs,
        Groups,
        Resources,
        Names,
        (verbs, groups, resources, names) => new PolicyRule(verbs, groups, resources, names, []));

    private static readonly Gen<AccessRequest> Requests = Gen.Select(
        Gen.OneOf<string>("get", "list", "delete"),
        Gen.OneOf<string>("", "apps", "batch"),
        Gen.OneOf<string>("pods", "jobs"),
        Gen.OneOf<string>("", "log", "exec"),
        Gen.OneOf<string>("", "a", "c"),
        (verb, group, plural, subresource, name) => new AccessRequest(UserInfo.Anonymous, verb)
        {
            IsResource = true,
            Group = group,
            Plural = plural,
            Subresource = subresource,
            Name = name,
        });

    [Fact]
    public void A_rule_allows_what_its_parts_allow() => Gen.Select(Rules, Requests).Sample(
        (rule, request) => rule.Allows(request) == rule.Split().Any(part => part.Allows(request)));

    [Fact]
    public void What_includes_a_part_allows_all_that_the_part_allows() =>
        Gen.Select(Rules, Rules, Requests).Sample((rule, other, request) =>
            other.Split().All(part => !rule.Includes(part) || !part.Allows(request) || rule.Allows(request)));

    [Fact]
    public void A_rule_includes_itself() => Rules.Sample(rule => rule.Split().All(rule.Includes));

    [Theory]
    [InlineData("/healthz", "/healthz", true)]
    [InlineData("/apis/*", "/apis/apps", true)]
    [InlineData("/apis/*", "/api", false)]
    [InlineData("*", "/anything", true)]
    public void Paths_match_whole_or_by_prefix(string pattern, string path, bool expected)
    {
        var rule = new PolicyRule(["get"], [], [], [], [pattern]);

        Assert.Equal(expected, rule.Allows(new AccessRequest(UserInfo.Anonymous, "get") { Path = path }));
    }

    private static Gen<IReadOnlyList<string>> Several(params string[] values) =>
        Gen.OneOf(values).Array[1, 2].Select(array => (IReadOnlyList<string>)array);
}
