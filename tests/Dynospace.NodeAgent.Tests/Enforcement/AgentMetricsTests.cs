using System.Net;
using System.Text.RegularExpressions;
using Dynospace.Api;
using Dynospace.Api.Nodes;
using Dynospace.Hosting;
using Dynospace.NodeAgent.Egress;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.NodeAgent.Policies;
using Dynospace.NodeAgent.Status;

namespace Dynospace.NodeAgent.Tests.Enforcement;

/// <summary>
/// The names that the docs give are those that Prometheus sees: the exporter puts the meter's in front.
/// </summary>
public sealed partial class AgentMetricsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_on_the_agent_names_its_metrics_as_they_are_exported()
    {
        await using var health = await HealthEndpoint.StartAsync(0, () => null, Token);
        AgentMetrics.Updated("difference", TimeSpan.FromMilliseconds(1), new Ruleset());
        AgentMetrics.SetMisunderstood(0);
        AgentMetrics.AddDropped(TableNames.RefusedEgress, 1);
        AgentMetrics.Restored.Add(1);
        AgentMetrics.Cut.Add(1);
        GatewayMetrics.SetHeld(0);
        GatewayMetrics.SetPorts(new Dictionary<IPAddress, int> { [IPAddress.Loopback] = 0 });
        GatewayMetrics.AddDropped("guard", 1);
        GatewayMetrics.AddFast("out", 1);
        GatewayMetrics.Moves.Add(1);
        GatewayMetrics.Restored.Add(1);
        StatusMetrics.Set(
            "n1",
            [new PartReport("Egress", ConditionTypes.EgressReady, Reasons.Ready, "ready")],
            new NodeKernel { ConnectionsPercent = 10 });
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        var text = await client.GetStringAsync(new Uri($"http://localhost:{health.Port}/metrics"), Token);

        var page = await File.ReadAllTextAsync(RepositoryFolder.Combine("docs", "node-agent.md"), Token);
        Assert.Equal(
            Names(Documented(), page.Replace("…", "dynospace_nodeagent_policies", StringComparison.Ordinal)),
            Names(Exported(), text));
    }

    private static string[] Names(Regex regex, string text) =>
    [
        .. regex.Matches(text).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal),
    ];

    [GeneratedRegex("`(dynospace_nodeagent_[a-z_]+)`")]
    private static partial Regex Documented();

    [GeneratedRegex("^# TYPE (dynospace_nodeagent_[a-z_]+) ", RegexOptions.Multiline)]
    private static partial Regex Exported();
}
