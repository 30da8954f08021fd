using System.Net.Sockets;
using Dynospace.Hosting;
using Dynospace.Hosting.Options;
using Dynospace.Linux.Filtering;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.NodeAgent.Policies;
using Dynospace.Reachability.Addresses;
using Dynospace.Runtime.Transport;
using k8s;
using Microsoft.Extensions.Logging;

namespace Dynospace.NodeAgent.Hosting;

/// <summary>Runs the parts that are switched on.</summary>
internal static class AgentHost
{
    public static async Task RunAsync(
        AgentConfiguration configuration, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var logger = loggers.CreateLogger(typeof(AgentHost));
        if (!configuration.EnforcePolicies)
        {
            await IdleAsync(configuration, logger, cancellationToken);
            return;
        }

        using var client = new Kubernetes(configuration.Cluster.Configure());
        var transport = new ApiTransport(
            client, new ApiTransportOptions { UserAgent = "dynospace-node-agent" }, TimeProvider.System);
        var agent = new PolicyAgent(
            new PolicyAgentOptions(
                configuration.Node ?? Environment.MachineName,
                CidrSet.Of(configuration.ClosedRanges.Select(ReadRange)),
                configuration.BesideOthers,
                configuration.CompareEvery),
            transport,
            () => KernelAccess.Open(Ruleset.TableName),
            TimeProvider.System,
            loggers);
        await using var health = await HealthEndpoint.StartAsync(
            configuration.HealthPort, () => agent.Problem ?? transport.Trouble, cancellationToken);
        await agent.RunAsync(cancellationToken);
    }

    /// <summary>Removes the table of this node.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RemoveAsync()
    {
        try
        {
            Remove();
            await Console.Out.WriteLineAsync($"The table {Ruleset.Table} is not there any more.");
            return 0;
        }
        catch (Exception e) when (e is NftablesException or SocketException)
        {
            await Console.Error.WriteLineAsync($"The table {Ruleset.Table} cannot be removed: {e.Message}");
            return 1;
        }
    }

    private static void Remove()
    {
        using var nftables = Nftables.Open();
        nftables.Run(RulesetText.Removal);
    }

    /// <summary>
    /// No part is on. To switch a part off is to want its rules gone, unlike to stop the agent; ready says that they
    /// are.
    /// </summary>
    private static async Task IdleAsync(
        AgentConfiguration configuration, ILogger logger, CancellationToken cancellationToken)
    {
        string? problem = null;
        try
        {
            Remove();
            logger.LogInformation("No part of the agent is switched on; no rules of it are on this node");
        }
        catch (Exception e) when (e is NftablesException or SocketException)
        {
            problem = $"rules of an earlier run may stand, since nftables does not answer: {e.Message}";
            logger.LogWarning("{Problem}", problem);
        }

        await using var health = await HealthEndpoint.StartAsync(
            configuration.HealthPort, () => problem, cancellationToken);
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    private static AddressRange ReadRange(string text) => AddressRange.TryParse(text, out var range, out var problem)
        ? range
        : throw new OptionException($"{AgentConfiguration.PolicyPrefix}closedRanges: '{text}' {problem}.");
}
