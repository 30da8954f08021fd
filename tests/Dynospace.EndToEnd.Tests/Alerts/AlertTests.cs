using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DevCluster.Schema.Yaml;
using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.Api.Nodes;
using Dynospace.Api.Spaces;
using Dynospace.Controllers;
using Dynospace.Hosting;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.NodeAgent.Policies;
using Dynospace.NodeAgent.Status;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Testing.Charts;
using AgentEgressMetrics = Dynospace.NodeAgent.Egress.GatewayMetrics;

namespace Dynospace.EndToEnd.Tests.Alerts;

/// <summary>The chart's alerts are about metrics that exist, and the docs say what to do about each.</summary>
public sealed partial class AlertTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_metric_that_an_alert_names_is_exported()
    {
        await using var health = await HealthEndpoint.StartAsync(0, () => null, Token);
        var (space, gateway) = (new Space { Metadata = new() { Name = "acme" } }, new EgressGateway());
        (space.Status, gateway.Status) = (
            new()
            {
                Isolation = new(),
                Conditions = [new() { Type = ConditionTypes.EgressReady, Status = "True" }],
            },
            new() { IPs = [new() { Address = "203.0.113.10" }] });
        gateway.Spec.Namespace = "acme";
        gateway.Spec.Nodes = [new() { Name = "n1" }];
        gateway.Spec.IPs = [new() { Address = "203.0.113.10" }];
        using var egress = new EgressMetrics(new Store<Space>([space]), new Store<EgressGateway>([gateway]));
        using var isolation = new IsolationMetrics(new Store<Space>([space]), () => 0);
        AgentMetrics.Updated("difference", TimeSpan.FromMilliseconds(1), new Ruleset());
        AgentMetrics.AddDropped(TableNames.RefusedEgress, 1);
        AgentMetrics.Restored.Add(1);
        AgentEgressMetrics.SetPorts(new Dictionary<IPAddress, int> { [IPAddress.Loopback] = 0 });
        AgentEgressMetrics.AddDropped("guard", 1);
        AgentEgressMetrics.Moves.Add(1);
        AgentEgressMetrics.Restored.Add(1);
        StatusMetrics.Set(
            "n1",
            [new PartReport("Egress", ConditionTypes.EgressReady, Reasons.Ready, "ready")],
            new NodeKernel { ConnectionsPercent = 10 });
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        var text = await client.GetStringAsync(new Uri($"http://localhost:{health.Port}/metrics"), Token);

        var exported = Exported().Matches(text).Select(match => match.Groups[1].Value).ToHashSet();
        var named = (await AlertsAsync()).SelectMany(alert => Named().Matches((string)alert["expr"]!))
            .Select(match => match.Value).Distinct().ToList();
        Assert.NotEmpty(named);
        Assert.Empty(named.Except(exported));
        // These labels distinguish the alerts of a rule.
        Assert.Matches(@"(?m)^dynospace_egress_held\{(?=.*space=""acme"").*address=""203\.0\.113\.10"".*\} 0$", text);
        Assert.Matches(@"(?m)^dynospace_nodeagent_ready\{(?=.*node=""n1"").*part=""Egress"".*\} 1$", text);
        Assert.Matches(@"(?m)^dynospace_egress_node\{node=""n1""\} 1$", text);
    }

    [Fact]
    public async Task Every_alert_says_what_is_wrong_and_has_a_row_that_says_what_to_do()
    {
        var page = await File.ReadAllTextAsync(RepositoryFolder.Combine("docs", "egress.md"), Token);
        var alerts = await AlertsAsync();

        Assert.Equal(
            alerts.Select(alert => (string)alert["alert"]!).Order(StringComparer.Ordinal),
            Documented().Matches(page).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));
        Assert.All(alerts, alert =>
        {
            Assert.Contains((string)alert["labels"]!["severity"]!, new[] { "critical", "warning" });
            Assert.NotEmpty((string)alert["annotations"]!["summary"]!);
            Assert.NotEmpty((string)alert["annotations"]!["description"]!);
        });
    }

    [Fact]
    public async Task They_are_rendered_only_when_asked_for_and_as_they_stand_in_the_file()
    {
        var (_, without) = await HelmChart.RunAsync("template", "d", HelmChart.Folder);
        Assert.DoesNotContain("monitoring.coreos.com", without, StringComparison.Ordinal);

        var (code, output) = await HelmChart.RunAsync(
            "template", "d", HelmChart.Folder, "--namespace", "sys", "--show-only", "templates/monitoring.yaml",
            "--set", "monitoring.alerts=true,monitoring.podMonitors=true,monitoring.labels.release=prometheus",
            "--set", "nodeAgent.enabled=true");

        Assert.True(code == 0, output);
        var documents = YamlReader.ReadAll(output).ToList();
        Assert.Equal(
            ["PodMonitor/dynospace-operator", "PodMonitor/dynospace-node-agent", "PrometheusRule/dynospace"],
            documents.Select(document => $"{(string)document["kind"]!}/{(string)document["metadata"]!["name"]!}"));
        Assert.All(documents, document => Assert.Equal(
            "prometheus", (string)document["metadata"]!["labels"]!["release"]!));
        Assert.True(JsonNode.DeepEquals(documents[2]["spec"], await FileAsync()), "the rule is not the file");
    }

    private static async Task<JsonNode> FileAsync() => YamlReader.ReadAll(
        await File.ReadAllTextAsync(Path.Combine(HelmChart.Folder, "alerts.yaml"), Token)).Single();

    private static async Task<IReadOnlyList<JsonNode>> AlertsAsync() =>
    [
        .. (await FileAsync())["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray()).OfType<JsonNode>(),
    ];

    [GeneratedRegex(@"\bdynospace_[a-z_]+")]
    private static partial Regex Named();

    [GeneratedRegex("^# TYPE (dynospace_[a-z_]+) ", RegexOptions.Multiline)]
    private static partial Regex Exported();

    [GeneratedRegex(@"^\| `(Dynospace\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Documented();

    private sealed class Store<T>(T[] items) : IStore<T>
        where T : class
    {
        public bool HasSynced => true;

        public int Count => items.Length;

        public T? Get(ObjectKey key) => throw new NotSupportedException();

        public IReadOnlyCollection<T> List() => items;

        public IReadOnlyCollection<T> ByIndex(string indexName, string indexKey) => throw new NotSupportedException();
    }
}
