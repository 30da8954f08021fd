using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dynospace.Hosting.Options;
using Dynospace.Operator.Tests.Chart;
using Xunit;

namespace Dynospace.Operator.Tests;

/// <summary>What is made of the operator's table of options, and checked in.</summary>
public sealed class OptionDocumentTests
{
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

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
    public void The_charts_schema_has_every_option_as_a_value()
    {
        var path = Path.Combine(ChartFiles.Folder, "values.schema.json");
        var schema = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        schema["properties"]!["options"] = OptionDocuments.Schema(OperatorConfiguration.Table, NotValues);

        GoldenFile.Verify(path, schema.ToJsonString(Format) + "\n");
    }

    [Fact]
    public void Help_has_every_option_once() =>
        Assert.All(OperatorConfiguration.Table.Definitions, option => Assert.Single(
            OptionDocuments.Help("operator", "", "", OperatorConfiguration.Table).Split('\n'),
            line => line.StartsWith($"  --{option.Name} ", StringComparison.Ordinal)));
}
