using Dynospace.Linux.Filtering;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.NodeAgent.Tests.Packets;
using Dynospace.Reachability.Addresses;
using Dynospace.Runtime.Transport;
using Dynospace.Testing.Networks;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using static Dynospace.NodeAgent.Tests.Policies.RulesetTests;

namespace Dynospace.NodeAgent.Tests.Enforcement;

/// <summary>The agent as a whole: an API server on one side, packets on the other.</summary>
public sealed class PolicyAgentTests
{


    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_api_says_is_what_packets_meet()
    {
        NetworkNamespace.Require();
        await using var cluster = await AgentCluster.StartAsync(Token);
        using var node = new EnforcedNode();
        var (a, b, _) = (node.Place("10.0.0.2"), node.Place("10.0.0.6"), node.Place("10.0.0.10"));
        node.Listen("10.0.0.10", 80);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var agent = Agent(cluster, () => EnforcedNode.OpenKernel(node.Node));
        var running = agent.RunAsync(stop.Token);
        await agent.Applied;
        Assert.Null(agent.Problem);

        await cluster.SetPolicyAsync("server", EnforcedNode.FromA, Token);
        await UntilAsync(async () => !await node.OpensAsync(b, EnforcedNode.Server));
        Assert.True(await node.OpensAsync(a, EnforcedNode.Server));

        // What another program does is noticed and undone without anything from the API.
        node.Node.Namespace.Nft("flush ruleset");
        await UntilAsync(async () => !await node.OpensAsync(b, EnforcedNode.Server));

        await cluster.Client.NetworkingV1.DeleteNamespacedNetworkPolicyAsync(
            "server", "shop", cancellationToken: Token);
        await UntilAsync(() => node.OpensAsync(b, EnforcedNode.Server));

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.False(node.Enforcer.Drops().Count == 0, "the table stands after the agent ended");
    }

    [Fact]
    public async Task Beside_a_network_that_enforces_nothing_is_written()
    {
        NetworkNamespace.Require();
        await using var cluster = await AgentCluster.StartAsync(Token);
        var calico = Pod("calico-node-x", "10.0.0.14");
        calico.Metadata.OwnerReferences =
            [new V1OwnerReference { ApiVersion = "apps/v1", Kind = "DaemonSet", Name = "calico-node", Uid = "u" }];
        await cluster.AddPodAsync(calico, Token);
        using var node = new NetworkNamespace();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var agent = Agent(cluster, () => node.Run(() => KernelAccess.Open("dynospace_policies")));
        var running = agent.RunAsync(stop.Token);

        await UntilAsync(() => Task.FromResult(
            agent.Problem?.StartsWith("Calico (pod shop/calico-node-x) enforces", StringComparison.Ordinal) == true));

        Assert.Empty(node.Nft("list ruleset"));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Without_nftables_the_agent_says_so_and_waits()
    {
        await using var cluster = await AgentCluster.StartAsync(Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var agent = Agent(
            cluster, () => throw new NftablesException("neither libnftables.so.1 nor the program nft is there"));
        var running = agent.RunAsync(stop.Token);

        await UntilAsync(() => Task.FromResult(
            agent.Problem?.Contains("libnftables.so.1", StringComparison.Ordinal) == true));

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task An_nftables_that_is_too_old_is_named_and_no_rule_is_half_written()
    {
        NetworkNamespace.Require();
        await using var cluster = await AgentCluster.StartAsync(Token);
        using var node = new NetworkNamespace();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var isOld = true;
        var agent = Agent(cluster, () => node.Run(() =>
        {
            var kernel = KernelAccess.Open("dynospace_policies");
            return kernel with { Nftables = new OldNftables(kernel.Nftables, () => isOld) };
        }));
        var running = agent.RunAsync(stop.Token);

        await UntilAsync(() => Task.FromResult(
            agent.Problem?.Contains("version 1.0.6 and Linux 5.10 are needed", StringComparison.Ordinal) == true));
        Assert.Empty(node.Nft("list ruleset"));
        Assert.False(agent.Applied.IsCompleted);

        isOld = false;
        await agent.Applied.WaitAsync(Token);
        Assert.Contains("table inet dynospace_policies", node.Nft("list ruleset"), StringComparison.Ordinal);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static PolicyAgent Agent(AgentCluster cluster, Func<KernelAccess> open) => new(
        new PolicyAgentOptions("n1", CidrSet.Empty, BesideOthers: false, TimeSpan.FromMinutes(5)),
        new ApiTransport(cluster.Client, new ApiTransportOptions(), TimeProvider.System),
        open, TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>The test's own limit ends it.</summary>
    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromMinutes(5));
        while (!await condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }
}
