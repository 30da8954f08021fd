// Hosting: runs the enabled parts of the agent, in a process or in a dev cluster.

using System.Net.Sockets;
using Dynospace.Hosting;
using Dynospace.Hosting.Options;
using Dynospace.Linux.Filtering;
using Dynospace.Linux.Namespaces;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.DynoNetwork;
using Dynospace.NodeAgent.Egress;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.NodeAgent.Inspection;
using Dynospace.NodeAgent.Policies;
using Dynospace.NodeAgent.Status;
using Dynospace.Reachability.Addresses;
using Dynospace.Runtime.Transport;
using k8s;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.NodeAgent.Hosting;

/// <summary>Runs the enabled parts.</summary>
internal static class AgentHost
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(
        AgentConfiguration configuration, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var logger = loggers.CreateLogger(typeof(AgentHost));
        var left = TakeAway(configuration, logger, before: null);
        if (Connect(configuration, logger) is not { } client)
        {
            await using var alone = await HealthEndpoint.StartAsync(
                configuration.HealthPort, () => left, cancellationToken);
            await TakeAwayRestAsync(cancellationToken);
            return;
        }

        using (client)
        {
            var transport = new ApiTransport(
                client, new ApiTransportOptions { UserAgent = "dynospace-node-agent" }, TimeProvider.System);
            var parts = Parts(configuration, transport, loggers);
            if (parts.Count == 0)
            {
                logger.LogInformation("No part of the agent is switched on; no rules of it are on this node");
            }

            var inspector = new KernelInspector(
                configuration.HasEgress, TimeProvider.System, loggers.CreateLogger<KernelInspector>());
            var reporter = new NodeNetworkReporter(
                new NodeNetworkObject(transport, NodeOf(configuration)), Reports, () => inspector.Kernel,
                TimeProvider.System,
                loggers.CreateLogger<NodeNetworkReporter>());
            await using var health = await HealthEndpoint.StartAsync(
                configuration.HealthPort,
                () => left ?? NodeNetworkStatuses.Problem(Reports()) ?? (parts.Count == 0 ? null : transport.Trouble),
                cancellationToken);
            await RunAllAsync(
                [
                    .. parts.Select<IAgentPart, Func<CancellationToken, Task>>(part => part.RunAsync),
                    inspector.RunAsync,
                    reporter.RunAsync,
                    TakeAwayRestAsync,
                ],
                cancellationToken);

            IReadOnlyList<PartReport> Reports() => [.. parts.Select(part => part.Report)];
        }

        // Retries the removal of state that was still in use or whose removal was refused.
        async Task TakeAwayRestAsync(CancellationToken token)
        {
            while (true)
            {
                await Task.Delay(left is null ? Timeout.InfiniteTimeSpan : RetryAfter, token);
                left = TakeAway(configuration, logger, left);
            }
        }
    }

    /// <summary>Removes everything that agents have written on this node.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RemoveAsync(AgentConfiguration configuration)
    {
        try
        {
            RemovePolicies();
            await Console.Out.WriteLineAsync($"The table {Ruleset.Table} is not there any more.");
            if (RemoveEgress() is { } used)
            {
                await Console.Error.WriteLineAsync(used);
                return 1;
            }

            await Console.Out.WriteLineAsync("Nothing of an egress gateway is there any more.");
            using var kernel = KernelAccess.Open(NetworkTable.Name);
            var network = new NetworkEnforcer(kernel, configuration.Network, NullLogger.Instance);
            if (network.RemoveIfUnused() is { } problem)
            {
                await Console.Error.WriteLineAsync(problem);
                return 1;
            }

            await Console.Out.WriteLineAsync("Nothing of a dyno network is there any more.");
            return 0;
        }
        catch (Exception e) when (e is NftablesException or SocketException or IOException
            or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"What agents have written cannot be removed: {e.Message}");
            return 1;
        }
    }

    private static List<IAgentPart> Parts(
        AgentConfiguration configuration, ApiTransport transport, ILoggerFactory loggers)
    {
        var options = configuration.Network with
        {
            Node = NodeOf(configuration),
            HasIPv6 = Sysctl.Read("ipv6/conf/all/disable_ipv6")?.Trim() == "0",
        };
        DynoNetworkAgent? network = null;
        var policies = configuration.EnforcePolicies
            ? new PolicyAgent(
                new PolicyAgentOptions(
                    options.Node,
                    CidrSet.FromRanges(configuration.ClosedRanges.Select(ReadRange)),
                    configuration.BesideOthers,
                    configuration.CompareEvery),
                transport,
                () => KernelAccess.Open(Ruleset.TableName),
                TimeProvider.System,
                loggers)
            {
                OwnBlocks = () => options.IsEnabled && network is not null ? network.Blocks : CidrSet.Empty,
            }
            : null;
        if (options.IsEnabled || HasLeftovers(options))
        {
            network = new DynoNetworkAgent(
                options, transport, () => KernelAccess.Open(NetworkTable.Name), () => new NetworkMonitorSocket(),
                TimeProvider.System, loggers)
            {
                Unfenced = blocks => policies?.Unfenced(blocks),
                OnBlock = () => policies?.Wake(),
            };
        }

        var egress = configuration.HasEgress
            ? new EgressAgent(
                options.Node, configuration.EgressLeaseNamespace, transport,
                () => KernelAccess.Open(EgressTable.Name), () => new NetworkMonitorSocket(), TimeProvider.System,
                loggers)
            {
                IsNative = configuration.HasNativeRouting,
            }
            : null;
        return [.. new IAgentPart?[] { network, policies, egress }.OfType<IAgentPart>()];
    }

    /// <summary>The first part that fails ends the others and the program.</summary>
    private static async Task RunAllAsync(
        IReadOnlyList<Func<CancellationToken, Task>> runs, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = runs.Select(run => run(stop.Token)).ToList();
        await Task.WhenAny(running);
        await stop.CancelAsync();
        await Task.WhenAll(running);
    }

    /// <summary>Connects to the API server, if an enabled part needs it.</summary>
    private static Kubernetes? Connect(AgentConfiguration configuration, ILogger logger)
    {
        try
        {
            return ApiClient.Create(configuration.Cluster.Configure());
        }
        catch (OptionException e) when (!configuration.EnforcePolicies && !configuration.HasEgress
            && !configuration.Network.IsEnabled)
        {
            logger.LogInformation(
                "No part of the agent is switched on, and its status is not written: {Why}", e.Message);
            return null;
        }
    }

    /// <summary>
    /// Disabling a part removes its rules, unlike stopping the agent; readiness reports their removal.
    /// </summary>
    /// <param name="before">The result of the last attempt: the same one is not logged again.</param>
    /// <returns>Why the rules may still exist; null if they are removed.</returns>
    private static string? TakeAway(AgentConfiguration configuration, ILogger logger, string? before)
    {
        var left = (configuration.EnforcePolicies ? null : TakeAwayPolicies())
            ?? (configuration.HasEgress ? null : TakeAwayEgress(logger));
        if (left is not null && left != before)
        {
            logger.LogWarning("A part that is switched off is not removed: {Problem}", left);
        }

        return left;
    }

    private static string? TakeAwayPolicies()
    {
        try
        {
            RemovePolicies();
            return null;
        }
        catch (Exception e) when (e is NftablesException or SocketException)
        {
            return $"rules of an earlier run may stand, since nftables does not answer: {e.Message}";
        }
    }

    /// <summary>Like <see cref="TakeAwayPolicies"/>; without leftovers it has no requirements.</summary>
    private static string? TakeAwayEgress(ILogger logger)
    {
        try
        {
            return RemoveEgress();
        }
        catch (Exception e) when (e is NftablesException or SocketException)
        {
            logger.LogInformation("Whether an egress gateway of an earlier run stands is not known: {Why}", e.Message);
            return null;
        }
    }

    /// <returns>Why it stays; null if it is gone.</returns>
    private static string? RemoveEgress()
    {
        using var applier = new EgressApplier(KernelAccess.Open(EgressTable.Name));
        return applier.RemoveIfUnused();
    }

    private static void RemovePolicies()
    {
        using var nftables = Nftables.Open();
        nftables.Run(RulesetText.Removal);
    }

    /// <summary>Whether parts of a dyno network exist on this node.</summary>
    private static bool HasLeftovers(DynoNetworkOptions options)
    {
        try
        {
            using var kernel = KernelAccess.Open(NetworkTable.Name);
            return new NetworkEnforcer(kernel, options, NullLogger.Instance).HasLeftovers();
        }
        catch (Exception e) when (e is NftablesException or SocketException)
        {
            return false;
        }
    }

    private static string NodeOf(AgentConfiguration configuration) => configuration.Node ?? Environment.MachineName;

    private static AddressRange ReadRange(string text) => AddressRange.TryParse(text, out var range, out var problem)
        ? range
        : throw new OptionException($"{AgentConfiguration.PolicyPrefix}closedRanges: '{text}' {problem}.");
}
