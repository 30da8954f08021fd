using System.Text.Json.Nodes;
using DevCluster.Schema.Yaml;
using Dynospace.NodeAgent.Hosting;
using Dynospace.Testing.Charts;
using Microsoft.Extensions.Configuration;

namespace Dynospace.NodeAgent.Tests.Hosting;

/// <summary>The agent's part of the chart as Helm renders it.</summary>
public sealed class HelmTests
{
    [Fact]
    public async Task By_default_nothing_of_the_agent_is_rendered() =>
        Assert.DoesNotContain("node-agent", await RenderAsync(), StringComparison.Ordinal);

    [Fact]
    public async Task Values_become_options_that_the_agent_reads()
    {
        var container = Container(await DocumentsAsync());
        var arguments = container["args"]!.AsArray().Select(argument => (string)argument!).ToArray();
        var options = AgentConfiguration.Table.Read(new ConfigurationBuilder().AddCommandLine(arguments).Build());

        Assert.Equal(
            ("$(NODE_NAME)", true, "10.244.0.0/16 fd00::/64", 9999),
            (options.Node, options.EnforcePolicies, string.Join(' ', options.ClosedRanges), options.HealthPort));
    }

    [Fact]
    public async Task The_agent_has_one_capability_and_few_rights()
    {
        var documents = await DocumentsAsync();
        var context = Container(documents)["securityContext"]!;
        var rules = documents.Single(document => (string?)document["kind"] == "ClusterRole")["rules"]!.AsArray();

        Assert.Equal("""{"drop":["ALL"],"add":["NET_ADMIN"]}""", context["capabilities"]!.ToJsonString());
        Assert.True((bool)context["readOnlyRootFilesystem"]!);
        Assert.False((bool)context["allowPrivilegeEscalation"]!);
        Assert.Equal(
            [
                "list, watch: namespaces, pods",
                "list, watch: networkpolicies",
                "get: nodes",
                "list, watch: egressgateways",
                "get, create, delete: nodenetworks",
                "patch: nodenetworks/status",
            ],
            rules.Select(rule => $"{Text(rule!["verbs"]!)}: {Text(rule["resources"]!)}"));

        static string Text(JsonNode list) => string.Join(", ", list.AsArray().Select(item => (string)item!));
    }

    /// <summary>Switched off it needs as much, to be taken away; never switched on, nothing.</summary>
    [Theory]
    [InlineData("nodeAgent.dynoNetwork.enabled=true", true)]
    [InlineData("nodeAgent.dynoNetwork.enabled=false", true)]
    [InlineData("nodeAgent.dynoNetwork.mtu=1400", false)]
    public async Task The_nodes_folders_are_mounted_only_for_the_dyno_network(string value, bool isMounted)
    {
        var documents = YamlReader.ReadAll(await RenderAsync(
            "--show-only", "templates/node-agent.yaml", "--set", $"nodeAgent.enabled=true,{value}")).ToArray();
        var container = Container(documents);
        var rules = documents.Single(document => (string?)document["kind"] == "ClusterRole")["rules"]!.AsArray();
        var arguments = container["args"]!.AsArray().Select(argument => (string)argument!).ToArray();

        Assert.Equal(
            isMounted ? ["/etc/cni/net.d", "/opt/cni/bin", "/run/dynospace/cni"] : [],
            (container["volumeMounts"]?.AsArray() ?? []).Select(mount => (string)mount!["mountPath"]!));
        Assert.Equal(isMounted, rules.Any(rule => rule!["resources"]!.ToJsonString() == """["servicecidrs"]"""));
        Assert.Equal(
            value == "nodeAgent.dynoNetwork.enabled=true",
            AgentConfiguration.Table.Read(new ConfigurationBuilder().AddCommandLine(arguments).Build())
                .Network.IsEnabled);
        Assert.Equal(
            """{"drop":["ALL"],"add":["NET_ADMIN"]}""", container["securityContext"]!["capabilities"]!.ToJsonString());
    }

    /// <summary>The chart mounts where the agent looks.</summary>
    [Fact]
    public void The_charts_folders_are_the_options_defaults()
    {
        var text = File.ReadAllText(Path.Combine(HelmChart.Folder, "templates", "node-agent.yaml"));
        var network = AgentConfiguration.Table.Defaults.Network;

        Assert.All(
            new[] { network.ConfigurationFolder, network.PluginFolder, network.ReservationFolder },
            folder => Assert.Contains($"default \"{folder}\"", text, StringComparison.Ordinal));
    }

    private static JsonNode Container(IEnumerable<JsonNode> documents) => documents
        .Single(document => (string?)document["kind"] == "DaemonSet")
        ["spec"]!["template"]!["spec"]!["containers"]![0]!;

    private static async Task<JsonNode[]> DocumentsAsync() =>
    [
        .. YamlReader.ReadAll(await RenderAsync(
            "--show-only", "templates/node-agent.yaml",
            "--set", "nodeAgent.enabled=true,nodeAgent.policies.enforce=true,nodeAgent.options.healthPort=9999",
            "--set", @"nodeAgent.policies.closedRanges=10.244.0.0/16\,fd00::/64")),
    ];

    private static async Task<string> RenderAsync(params IEnumerable<string> arguments)
    {
        var (code, output) =
            await HelmChart.RunAsync(["template", "d", HelmChart.Folder, "--namespace", "sys", .. arguments]);
        Assert.True(code == 0, output);
        return output;
    }
}
