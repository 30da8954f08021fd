using System.Text.Json.Nodes;
using DevCluster.Schema.Yaml;
using Dynospace.Hosting.Options;
using Dynospace.NodeAgent.Hosting;
using Dynospace.Testing.Charts;
using Microsoft.Extensions.Configuration;

namespace Dynospace.NodeAgent.Tests.Hosting;

/// <summary>What is made of the agent's table of options, and checked in.</summary>
public sealed class OptionDocumentTests
{
    /// <summary>Options that the chart sets itself, or that make no sense in a cluster.</summary>
    private static readonly string[] NotValues = ["kubeconfig", "context", "node"];

    [Fact]
    public void The_page_on_the_agent_has_the_table_of_options() => DocumentSection.Verify(
        RepositoryFolder.Combine("docs", "node-agent.md"),
        "node agent options",
        OptionDocuments.Markdown(AgentConfiguration.Table));

    [Fact]
    public void The_charts_schema_has_every_option_as_a_value()
    {
        var all = OptionDocuments.Schema(AgentConfiguration.Table, NotValues);
        string[] prefixes =
            [AgentConfiguration.PolicyPrefix, AgentConfiguration.NetworkPrefix, AgentConfiguration.EgressPrefix];

        HelmChart.VerifySchema(properties =>
        {
            var agent = properties["nodeAgent"]!["properties"]!;
            agent["options"] = With(name => prefixes.Any(name.StartsWith) ? null : name);
            foreach (var prefix in prefixes)
            {
                agent[prefix.TrimEnd('.')] = With(name => name.StartsWith(prefix, StringComparison.Ordinal)
                    ? name[prefix.Length..]
                    : null);
            }
        });

        JsonObject With(Func<string, string?> rename)
        {
            var part = all.DeepClone().AsObject();
            part["properties"] = Named(all, rename);
            return part;
        }
    }

    [Fact]
    public void The_chart_leaves_the_agent_off()
    {
        var agent = YamlReader.ReadAll(File.ReadAllText(Path.Combine(HelmChart.Folder, "values.yaml")))
            .Single()["nodeAgent"]!;

        Assert.False((bool)agent["enabled"]!);
        Assert.False((bool)agent["policies"]!["enforce"]!);
        Assert.Equal("{}", agent["dynoNetwork"]!.ToJsonString());
        Assert.Equal("{}", agent["egress"]!.ToJsonString());
        Assert.False(AgentConfiguration.Table.Defaults.HasEgress);
        Assert.False(AgentConfiguration.Table.Defaults.EnforcePolicies);
        Assert.False(AgentConfiguration.Table.Defaults.Network.IsEnabled);
    }

    /// <summary>The chart's port of the probes, where the option says none.</summary>
    [Fact]
    public void The_charts_port_of_health_is_the_options_default() => Assert.Contains(
        $"default {AgentConfiguration.Table.Defaults.HealthPort} |",
        File.ReadAllText(Path.Combine(HelmChart.Folder, "templates", "node-agent.yaml")),
        StringComparison.Ordinal);

    [Fact]
    public void The_parts_options_are_read()
    {
        var options = AgentConfiguration.Table.Read(new ConfigurationBuilder().AddCommandLine(
        [
            "--node=n1", "--policies.enforce=true", "--policies.closedRanges=10.244.0.0/16",
            "--policies.compareEvery=30s",
        ]).Build());

        Assert.Equal(
            ("n1", true, "10.244.0.0/16", TimeSpan.FromSeconds(30)),
            (options.Node, options.EnforcePolicies, options.ClosedRanges.Single(), options.CompareEvery));
    }

    private static JsonObject Named(JsonObject schema, Func<string, string?> rename) => new(
        schema["properties"]!.AsObject()
            .Where(property => rename(property.Key) is not null)
            .Select(property => KeyValuePair.Create(rename(property.Key)!, property.Value?.DeepClone())));
}
