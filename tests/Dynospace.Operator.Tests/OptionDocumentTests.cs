using Dynospace.Hosting.Options;
using Dynospace.Testing.Charts;
using Xunit;

namespace Dynospace.Operator.Tests;

/// <summary>What is made of the operator's table of options, and checked in.</summary>
public sealed class OptionDocumentTests
{
    /// <summary>Options that the chart sets itself, or that make no sense in a cluster.</summary>
    private static readonly string[] NotValues =
    [
        "kubeconfig",
        "context",
        "systemNamespace",
        "leaderElection",
        "identity",
        "healthPort",
    ];

    [Fact]
    public void The_page_on_the_operator_has_the_table_of_options() => DocumentSection.Verify(
        RepositoryFolder.Combine("docs", "operator.md"),
        "operator options",
        OptionDocuments.Markdown(OperatorConfiguration.Table));

    [Fact]
    public void The_charts_schema_has_every_option_as_a_value() => HelmChart.VerifySchema(properties =>
        properties["options"] = OptionDocuments.Schema(OperatorConfiguration.Table, NotValues));

    [Fact]
    public void Help_has_every_option_once() =>
        Assert.All(OperatorConfiguration.Table.Definitions, option => Assert.Single(
            OptionDocuments.Help("operator", "", "", OperatorConfiguration.Table).Split('\n'),
            line => line.StartsWith($"  --{option.Name} ", StringComparison.Ordinal)));
}
