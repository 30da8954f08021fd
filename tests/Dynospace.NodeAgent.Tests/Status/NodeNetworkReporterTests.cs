using Dynospace.Api;
using Dynospace.Api.Nodes;
using Dynospace.NodeAgent.Status;
using Dynospace.NodeAgent.Tests.Enforcement;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.NodeAgent.Tests.Status;

public sealed class NodeNetworkReporterTests
{
    private static readonly PartReport Enforced =
        new("Policies", ConditionTypes.PoliciesEnforced, Reasons.Ready, "NetworkPolicies are enforced on this node");

    private static readonly PartReport Refused =
        new(
            "Policies",
            ConditionTypes.PoliciesEnforced,
            Reasons.NodeObstacle,
            "Policies: Calico enforces policies here");

    private NodeKernel? _kernel;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_status_follows_the_parts_and_is_written_only_when_it_changes()
    {
        await using var cluster = await AgentCluster.StartAsync(Token);
        await cluster.AddDefinitionsAsync(Token);
        var uid = await cluster.AddNodeAsync("n1", Token);
        IReadOnlyList<PartReport> reports = [Refused];
        var own = new NodeNetworkObject(cluster.Transport(), "n1");
        var reporter = Reporter(own, () => reports);

        await reporter.ReportAsync(Token);

        var first = await FindAsync(own);
        Assert.Equal((uid, "Node"), (first.Metadata.OwnerReferences[0].Uid, first.Metadata.OwnerReferences[0].Kind));
        Assert.Null(first.Spec.Block);
        Assert.Equal("Policies", first.Status!.Parts);
        Assert.Equal(
            [
                ("PoliciesEnforced", "False", "NodeObstacle", "Policies: Calico enforces policies here"),
                ("Ready", "False", "NodeObstacle", "Policies: Calico enforces policies here"),
            ],
            Conditions(first));

        await reporter.ReportAsync(Token);
        await Reporter(own, () => reports).ReportAsync(Token);
        Assert.Equal(first.Metadata.ResourceVersion, (await FindAsync(own)).Metadata.ResourceVersion);

        reports = [Enforced];
        await reporter.ReportAsync(Token);
        Assert.Equal(
            [
                ("PoliciesEnforced", "True", "Ready", "NetworkPolicies are enforced on this node"),
                ("Ready", "True", "Ready", "Every part works"),
            ],
            Conditions(await FindAsync(own)));

        reports = [];
        await reporter.ReportAsync(Token);
        Assert.Equal([("Ready", "True", "Ready", "No part is switched on")], Conditions(await FindAsync(own)));
    }

    /// <summary>A merge keeps what it does not name.</summary>
    [Fact]
    public async Task What_is_measured_replaces_what_was_measured_before()
    {
        await using var cluster = await AgentCluster.StartAsync(Token);
        await cluster.AddDefinitionsAsync(Token);
        await cluster.AddNodeAsync("n1", Token);
        var own = new NodeNetworkObject(cluster.Transport(), "n1");
        var reporter = Reporter(own, () => [Enforced]);

        _kernel = new NodeKernel
        {
            Nftables = "1.0.6",
            VxlanGroupPolicy = true,
            Settings = new Dictionary<string, string> { ["ipv4/conf/eth0/rp_filter"] = "1" },
            ForeignChains = [new() { Table = "ip filter", Name = "FORWARD", Hook = "forward", Policy = "drop" }],
        };
        await reporter.ReportAsync(Token);
        Assert.Equal("1.0.6", (await FindAsync(own)).Status!.Kernel!.Nftables);

        _kernel = new NodeKernel { Release = "6.18", ForeignChains = [] };
        await reporter.ReportAsync(Token);
        var kernel = (await FindAsync(own)).Status!.Kernel!;
        Assert.Equal(
            ("6.18", null, null, null), (kernel.Release, kernel.Nftables, kernel.VxlanGroupPolicy, kernel.Settings));
        Assert.Empty(kernel.ForeignChains!);

        // An agent that has not measured yet contradicts nothing.
        _kernel = null;
        await Reporter(own, () => [Enforced]).ReportAsync(Token);
        Assert.Equal("6.18", (await FindAsync(own)).Status!.Kernel!.Release);
    }

    [Fact]
    public async Task An_agent_without_its_definition_goes_on()
    {
        await using var cluster = await AgentCluster.StartAsync(Token);
        await cluster.AddNodeAsync("n1", Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var running = Reporter(new NodeNetworkObject(cluster.Transport(), "n1"), () => [Enforced]).RunAsync(stop.Token);
        await Assert.ThrowsAsync<ApiException>(
            () => Reporter(new NodeNetworkObject(cluster.Transport(), "n1"), () => [Enforced]).ReportAsync(Token));

        Assert.False(running.IsFaulted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public void The_time_of_a_condition_is_that_of_its_last_change()
    {
        var (then, later) = (DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddHours(1));

        var first = NodeNetworkStatuses.Next(null, [Refused], null, 1, then);
        var second = NodeNetworkStatuses.Next(first, [Refused with { Message = "another" }], null, 1, later);
        var third = NodeNetworkStatuses.Next(second, [Enforced], null, 1, later);

        Assert.All(second.Conditions!, condition => Assert.Equal(then.UtcDateTime, condition.LastTransitionTime));
        Assert.All(third.Conditions!, condition => Assert.Equal(later.UtcDateTime, condition.LastTransitionTime));
        Assert.False(NodeNetworkStatuses.AreEqual(first, second));
        Assert.True(NodeNetworkStatuses.AreEqual(second, NodeNetworkStatuses.Next(second, [Refused with
        {
            Message = "another",
        }], null, 1, later)));
    }

    private NodeNetworkReporter Reporter(NodeNetworkObject own, Func<IReadOnlyList<PartReport>> reports) =>
        new(own, reports, () => _kernel, TimeProvider.System, NullLogger<NodeNetworkReporter>.Instance);

    private static async Task<NodeNetwork> FindAsync(NodeNetworkObject own) =>
        await own.FindAsync(Token) ?? throw new InvalidOperationException("there is no NodeNetwork");

    private static IEnumerable<(string, string, string, string)> Conditions(NodeNetwork network) =>
        network.Status!.Conditions!.Select(condition =>
            (condition.Type, condition.Status, condition.Reason, condition.Message));
}
