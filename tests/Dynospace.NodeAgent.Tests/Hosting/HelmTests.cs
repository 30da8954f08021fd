using System.Text.Json.Nodes;
using DevCluster.Schema.Yaml;
using Dynospace.NodeAgent.Hosting;
using Dynospace.Testing.Networks;
using Microsoft.Extensions.Configuration;

namespace Dynospace.NodeAgent.Tests.Hosting;

/// <summary>The agent's part of the chart as Helm renders it, where there is a <c>helm</c> in the path.</summary>
public sealed class HelmTests
{
    private static readonly string? Helm = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "helm")).FirstOrDefault(File.Exists);

    [Fact]
    public void By_default_nothing_of_the_agent_is_rendered() =>
        Assert.DoesNotContain("node-agent", Render(), StringComparison.Ordinal);

    [Fact]
    public void Values_become_options_that_the_agent_reads()
    {
        var arguments = Container()["args"]!.AsArray().Select(argument => (string)argument!).ToArray();
        var options = AgentConfiguration.Table.Read(new ConfigurationBuilder().AddCommandLine(arguments).Build());

        Assert.Equal(
            ("$(NODE_NAME)", true, "10.244.0.0/16 fd00::/64", 9999),
            (options.Node, options.EnforcePolicies, string.Join(' ', options.ClosedRanges), options.HealthPort));
    }

    [Fact]
    public void The_agent_has_one_capability_and_may_only_read_what_policies_are_decided_on()
    {
        var context = Container()["securityContext"]!;
        var rules = Documents().Single(document => (string?)document["kind"] == "ClusterRole")["rules"]!.AsArray();

        Assert.Equal("""{"drop":["ALL"],"add":["NET_ADMIN"]}""", context["capabilities"]!.ToJsonString());
        Assert.True((bool)context["readOnlyRootFilesystem"]!);
        Assert.False((bool)context["allowPrivilegeEscalation"]!);
        Assert.Equal(
            ["namespaces", "networkpolicies", "pods"],
            rules.SelectMany(rule => rule!["resources"]!.AsArray()).Select(name => (string)name!).Order());
        Assert.All(rules, rule => Assert.Equal("""["list","watch"]""", rule!["verbs"]!.ToJsonString()));
    }

    private static JsonNode Container() => Documents().Single(document => (string?)document["kind"] == "DaemonSet")
        ["spec"]!["template"]!["spec"]!["containers"]![0]!;

    private static JsonNode[] Documents() =>
    [
        .. YamlReader.ReadAll(Render(
            "--show-only", "templates/node-agent.yaml",
            "--set", "nodeAgent.enabled=true,nodeAgent.policies.enforce=true,nodeAgent.options.healthPort=9999",
            "--set", @"nodeAgent.policies.closedRanges=10.244.0.0/16\,fd00::/64")),
    ];

    private static string Render(params string[] arguments)
    {
        Assert.SkipWhen(Helm is null, "there is no helm in the path");
        return NetworkNamespace.Run(
            Helm!,
            ["template", "d", RepositoryFolder.Combine("charts", "dynospace"), "--namespace", "sys", .. arguments]);
    }
}
