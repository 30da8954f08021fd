using System.Text;
using Dynospace.Testing.Charts;
using Xunit;

namespace Dynospace.Operator.Tests.Chart;

public sealed class ChartTests
{
    private static readonly string[][] PlainFiles =
    [
        ["templates", "operator-roles.yaml"],
        ["templates", "tenants", "roles.yaml"],
        ["templates", "tenants", "admission.yaml"],
    ];

    public static TheoryData<string> Definitions =>
        [
            .. Directory.GetFiles(RepositoryFolder.Combine("crds"), "dynospace.dev_*.yaml")
                .Select(file => Path.GetFileName(file)),
        ];

    [Theory]
    [MemberData(nameof(Definitions))]
    public void The_charts_definitions_are_those_of_crds(string file) =>
        GoldenFile.Verify(
            Path.Combine(HelmChart.Folder, "crds", file), File.ReadAllText(RepositoryFolder.Combine("crds", file)));

    [Fact]
    public void The_chart_holds_no_other_definitions() =>
        Assert.Equal(
            Definitions.Select(row => row.Data).Order(),
            Directory.GetFiles(Path.Combine(HelmChart.Folder, "crds")).Select(file => Path.GetFileName(file)).Order());

    [Fact]
    public void Roles_and_admission_policies_are_plain_yaml_for_kubectl() =>
        Assert.All(PlainFiles, file =>
        {
            Assert.DoesNotContain("{{", ChartFiles.Text(file), StringComparison.Ordinal);
            Assert.All(ChartFiles.Documents(file), document => Assert.NotNull(document["metadata"]!["name"]));
        });

    /// <summary>Spaces and their dynos outlive the operator, and so must what guards them.</summary>
    [Fact]
    public void Admission_policies_outlive_an_uninstall() => Assert.All(
        ChartFiles.Documents(PlainFiles[2]),
        document => Assert.Equal("keep", (string?)document["metadata"]!["annotations"]?["helm.sh/resource-policy"]));

    [Fact]
    public void No_role_holds_a_wildcard() =>
        Assert.All(
            ChartFiles.Documents(PlainFiles[0])
                .Concat(ChartFiles.Documents(PlainFiles[1]))
                .SelectMany(ChartFiles.Rules),
            rule => Assert.DoesNotContain("*", (string[])[rule.Group, rule.Resource, .. rule.Names, .. rule.Verbs]));

    [Fact]
    public void No_tenants_role_makes_what_a_space_must_not_hold()
    {
        string[] made =
        [
            "pods",
            "services",
            "endpoints",
            "endpointslices",
            "networkpolicies",
            "deployments",
            "jobs",
            "controllerrevisions",
            "serviceaccounts",
            "serviceaccounts/token",
            "namespaces",
            "spaces",
            "roles",
        ];
        var given = ChartFiles.Documents(PlainFiles[1])
            .SelectMany(ChartFiles.Rules)
            .Where(rule => made.Contains(rule.Resource));

        Assert.All(given, rule => Assert.Empty(rule.Verbs.Except(["get", "list", "watch"])));
    }

    [Fact]
    public void The_documented_rights_of_the_operator_are_the_charts()
    {
        var table = new StringBuilder("| where | resources | verbs |\n|---|---|---|\n");
        foreach (var role in ChartFiles.Documents(PlainFiles[0]))
        {
            var where = (string)role["kind"]! == "ClusterRole" ? "cluster" : "own namespace";
            foreach (var same in ChartFiles.Rules(role)
                .GroupBy(
                    rule => (rule.Group, Verbs: string.Join(", ", rule.Verbs), Names: string.Join(", ", rule.Names))))
            {
                var names = same.Key.Names.Length == 0 ? "" : $" ({same.Key.Names})";
                var group = same.Key.Group.Length == 0 ? "" : $" of `{same.Key.Group}`";
                table.Append("| ").Append(where).Append(" | ")
                    .AppendJoin(", ", same.Select(rule => $"`{rule.Resource}`"))
                        .Append(group)
                        .Append(names)
                        .Append(" | ")
                        .Append(same.Key.Verbs)
                        .Append(" |\n");
            }
        }

        DocumentSection.Verify(RepositoryFolder.Combine("docs", "operator.md"), "operator rights", table.ToString());
    }
}
