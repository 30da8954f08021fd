// DynoNetwork: assigns addresses to the dynos of a node, with routes and tunnels to those of other nodes.

using System.Net.Sockets;
using Dynospace.Api;
using Dynospace.Linux.Filtering;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.NodeAgent.Status;
using Dynospace.Reachability.Addresses;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Logging;

namespace Dynospace.NodeAgent.DynoNetwork;

/// <summary>
/// Provides the network of the pods of this node: claims the node's block, and keeps tunnel, routes, table and CNI
/// configuration in step with nodes and claims. When disabled, it removes the configuration at once, and the rest when
/// the last pod with an address of the block is gone.
/// </summary>
/// <param name="open">Opens access to the kernel.</param>
/// <param name="openLinks">Opens the monitor of links and routes.</param>
public sealed class DynoNetworkAgent(
    DynoNetworkOptions options,
    IApiTransport transport,
    Func<KernelAccess> open,
    Func<INetworkMonitor> openLinks,
    TimeProvider clock,
    ILoggerFactory loggers) : IAgentPart
{
    private const string Name = "DynoNetwork";

    private static readonly ObjectKey ApplyKey = ObjectKey.ClusterScoped("apply");
    private static readonly ObjectKey CompareKey = ObjectKey.ClusterScoped("compare");

    private static readonly TimeSpan CompareEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MonitorPatience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan FenceRecheck = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestAdd = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Retirement = TimeSpan.FromSeconds(1);

    /// <summary>The maximum time that <c>ptp</c> takes from reserving an address to creating its link.</summary>
    private static readonly TimeSpan AddPause = TimeSpan.FromSeconds(10);

    private readonly ILogger<DynoNetworkAgent> _logger = loggers.CreateLogger<DynoNetworkAgent>();
    private readonly NodeNetworkObject _own = new(transport, options.Node);
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile PartReport _report = new(
        Name, ConditionTypes.DynoNetworkReady, Reasons.Progressing, "Dyno network: the cluster is not known yet");

    private volatile AddressRange? _block;
    private volatile CidrSet _blocks = CidrSet.Empty;

    /// <inheritdoc/>
    public PartReport Report => _report;

    /// <summary>The block of the IPv4 addresses of this node's pods; null while none is claimed.</summary>
    public AddressRange? Block => _block;

    /// <summary>The ranges of the addresses of this node's pods; empty while no block is claimed.</summary>
    public CidrSet Blocks => _blocks;

    /// <summary>Why a pod with an address in these ranges must not start yet; null if it may.</summary>
    public Func<CidrSet, string?> Unfenced { get; init; } = _ => null;

    /// <summary>Called when <see cref="Blocks"/> become known.</summary>
    public Action OnBlock { get; init; } = () => { };

    /// <summary>Completes when the network is first set up or removed.</summary>
    public Task Settled => _settled.Task;

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var queue = new WorkQueue("dyno network", new WorkQueueOptions { MaximumDelay = Retry }, clock);
        var caches = new NetworkCaches(
            transport, options.Node, Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST"),
            () => queue.AddAfter(ApplyKey, Breath), clock, loggers);
        var informing = caches.Informers.RunAsync(stop.Token);
        try
        {
            await caches.Informers.WaitForSyncAsync(missing => Say(Reasons.Progressing, missing), clock, stop.Token);
            using var kernel = await OpenAsync(open, stop.Token);
            using var links = await OpenAsync(openLinks, stop.Token);
            var enforcer = new NetworkEnforcer(kernel, options, _logger);
            var claimant = new BlockClaimant(
                transport, _own, options, () => (uint)Random.Shared.Next(), _logger);
            var watching = Task.Factory.StartNew(
                () => Watch(links, kernel.Monitor, queue, stop.Token),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            try
            {
                queue.Add(ApplyKey);
                queue.AddAfter(CompareKey, CompareEvery);
                await WorkAsync(new Work(queue, caches, kernel, enforcer, claimant), stop.Token);
            }
            finally
            {
                await stop.CancelAsync();
                await watching;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await informing;
            _settled.TrySetCanceled(CancellationToken.None);
        }
    }

    private async Task<T> OpenAsync<T>(Func<T> open, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return open();
            }
            catch (Exception e) when (e is NftablesException or SocketException)
            {
                Say(Reasons.NodeObstacle, Explain(e));
            }

            await Task.Delay(Retry, clock, cancellationToken);
        }
    }

    private async Task WorkAsync(Work work, CancellationToken cancellationToken)
    {
        while (await work.Queue.DequeueAsync(cancellationToken) is { } key)
        {
            try
            {
                if (key == CompareKey)
                {
                    work.Queue.AddAfter(CompareKey, CompareEvery);
                }

                await (options.IsEnabled
                    ? ApplyAsync(work, cancellationToken)
                    : TakeAwayAsync(work, cancellationToken));
                work.Queue.Forget(key);
            }
            catch (Exception e) when (e is NftablesException or SocketException or IOException
                or UnauthorizedAccessException or ApiException or HttpRequestException or TimeoutException)
            {
                Say(Reasons.NodeObstacle, Explain(e));
                work.Queue.AddRateLimited(key);
            }
            finally
            {
                work.Queue.Done(key);
            }
        }
    }

    private async Task ApplyAsync(Work work, CancellationToken cancellationToken)
    {
        var seen = Observe(work);
        var handedOut = work.Enforcer.BlockInForce();
        if (handedOut is not null && seen.Node is not null && !NetworkPlanner.IsChosen(options, seen.Node, handedOut)
            && seen.Kernel.Used(handedOut).Count == 0)
        {
            // A pod added at the same time is found by the next check, and the block stays.
            work.Enforcer.Retire();
            Forget();
            Say(Reasons.Progressing, $"no pod has an address of {handedOut}, which the options do not name any more");
            work.Queue.AddAfter(ApplyKey, Retirement);
            return;
        }

        // If pods use a block that is no longer assigned, no other block may replace it.
        var inForce = handedOut ?? seen.Kernel.UsedBlock;
        seen = seen with { InForce = inForce };
        var obstacle = seen.Node is null
            ? $"the cluster has no Node {options.Node}: set the option node"
            : NetworkPlanner.Obstacle(options, seen);
        // An existing network is maintained in spite of later obstacles, because pods use it.
        if (obstacle is not null && (inForce is null || seen.Node?.Address is null))
        {
            Say(Reasons.NodeObstacle, obstacle);
            return;
        }

        if (handedOut is null)
        {
            work.Enforcer.TryFolders();
        }

        if (await ClaimAsync(work, seen, inForce, cancellationToken) is not { } block)
        {
            return;
        }

        var plan = NetworkPlanner.Plan(options, WithPorts(seen, work, block.Range), block);
        Know(plan);
        var unfenced = work.Enforcer.IsHandedOut(plan.Configuration) ? null : Unfenced(_blocks);
        var changed = work.Enforcer.Apply(plan, isHandedOut: unfenced is null);
        if (unfenced is not null)
        {
            Say(Reasons.Progressing, unfenced);
            work.Queue.AddAfter(ApplyKey, FenceRecheck);
            return;
        }

        if (changed)
        {
            _logger.LogInformation("The dyno network of {Node} stands: {Block}", options.Node, block);
        }

        work.Enforcer.FreeUnused(
            plan.Ranges.Ranges.SelectMany(seen.Kernel.Used).Select(address => address.ToString()).ToHashSet(),
            clock.GetUtcNow() - LongestAdd);
        obstacle ??= NetworkPlanner.Unreached(options, seen);
        Say(
            obstacle is null ? Reasons.Ready : Reasons.NodeObstacle,
            obstacle ?? $"pods get a /30 of {block}, {block.SlotCount} of them, "
                + (plan.Block6 is null ? "IPv4 only" : $"and a /126 of {plan.Block6}"));
        _settled.TrySetResult();
    }

    /// <summary>The node's block; null if it has none, which is reported.</summary>
    private async Task<NodeBlock?> ClaimAsync(
        Work work, NetworkObservation seen, AddressRange? inForce, CancellationToken cancellationToken)
    {
        if (_block is { } known && seen.Claims.Any(claim => claim.Node == options.Node && claim.Block == known))
        {
            return new NodeBlock(known);
        }

        var result = await work.Claimant.EnsureAsync(
            inForce, options.FromPodRange ? NetworkPlanner.PodRange(seen.Node!) : null, cancellationToken);
        if (result.Block is null)
        {
            // Another node has the addresses: new pods do not get one, and running pods are left alone.
            work.Enforcer.Retire();
            Forget();
            Say(Reasons.NodeObstacle, result.Problem!);
            work.Queue.AddAfter(ApplyKey, Retry);
            return null;
        }

        _block = result.Block.Range;
        return result.Block;
    }

    private void Know(NetworkPlan plan)
    {
        if (!plan.Ranges.Equals(_blocks))
        {
            _blocks = plan.Ranges;
            OnBlock();
        }
    }

    private void Forget() => (_block, _blocks) = (null, CidrSet.Empty);

    private async Task TakeAwayAsync(Work work, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(options.ConfigurationFolder))
        {
            // Rules and routes stay while pods may get addresses that need them.
            Say(
                Reasons.NodeObstacle,
                $"the folder {options.ConfigurationFolder} is not there, and its CNI configuration may still hand out "
                + "addresses: in the chart, set nodeAgent.dynoNetwork.enabled to false rather than leave it out");
            return;
        }

        var block = _block ?? work.Enforcer.BlockInForce() ?? KernelFacts.Read(work.Kernel.Network).OwnBlock
            ?? await ClaimedAsync(cancellationToken);
        _block = block;
        work.Enforcer.Retire();
        // Read this late because a pod may have got its address a moment ago.
        var seen = Observe(work);
        if (block is not null && seen.Kernel.Used(block) is { Count: > 0 } used)
        {
            if (seen.Node?.Address is not null)
            {
                var plan = NetworkPlanner.Plan(options, WithPorts(seen, work, block), new NodeBlock(block));
                work.Enforcer.Apply(plan, isHandedOut: false);
            }

            Say(
                Reasons.Progressing,
                $"it is switched off, new pods have the network that was there before, and {used.Count} pods still "
                + $"have addresses of {block}: its routes and rules go with the last of them");
            _settled.TrySetResult();
            return;
        }

        if (work.Enforcer.HasReservationSince(clock.GetUtcNow() - AddPause))
        {
            Say(Reasons.Progressing, "it is switched off, and a pod may be about to get its address");
            work.Queue.AddAfter(ApplyKey, Retirement);
            return;
        }

        work.Enforcer.Remove();
        if (block is not null)
        {
            await _own.DeleteAsync(cancellationToken);
            Forget();
            _logger.LogInformation("The dyno network of {Node} is taken away", options.Node);
        }

        _report = new PartReport(
            Name, ConditionTypes.DynoNetworkReady, Reasons.Ready, "Dyno network: nothing of it is on this node");
        _settled.TrySetResult();
    }

    private async Task<AddressRange?> ClaimedAsync(CancellationToken cancellationToken) =>
        (await _own.FindAsync(cancellationToken))?.Spec.Block is { } text
        && AddressRange.TryParse(text, out var block, out _) ? block : null;

    private NetworkObservation Observe(Work work)
    {
        var nodes = work.Caches.Nodes;
        return new NetworkObservation
        {
            Node = nodes.FirstOrDefault(node => node.Name == options.Node),
            Nodes = nodes,
            Claims = work.Caches.Claims,
            ServiceRanges = work.Caches.ServiceRanges,
            Kernel = KernelFacts.Read(work.Kernel.Network),
            Files = NetworkEnforcer.ReadFiles(options.ConfigurationFolder),
            MissingPlugins =
            [
                .. CniConfiguration.Plugins.Where(plugin => !File.Exists(Path.Combine(options.PluginFolder, plugin))),
            ],
            OtherNetwork = CniConfiguration.OtherNetwork(work.Caches.Pods),
        };
    }

    private NetworkObservation WithPorts(NetworkObservation seen, Work work, AddressRange block) => seen with
    {
        HostPorts = NetworkCaches.HostPorts(
            work.Caches.Pods, NetworkPlan.RangesOf(block, NetworkPlanner.Block6(options, seen.Node!, block))),
    };

    private void Say(Reason reason, string message)
    {
        var report = new PartReport(Name, ConditionTypes.DynoNetworkReady, reason, $"Dyno network: {message}");
        if (report != _report)
        {
            _logger.Log(
                reason == Reasons.NodeObstacle ? LogLevel.Warning : LogLevel.Information,
                "{Node}: {Message}", options.Node, report.Message);
        }

        _report = report;
    }

    private static void Watch(
        INetworkMonitor links, INftablesMonitor tables, WorkQueue queue, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            // Waits for one socket and checks the other each time the wait ends.
            var isSeen = links.Wait(MonitorPatience) && !links.Take().IsEmpty;
            isSeen |= tables.Wait(TimeSpan.Zero)
                && tables.Take() is { Writers: > 0 } or { IsComplete: false };
            if (isSeen)
            {
                queue.AddAfter(ApplyKey, Breath);
            }
        }
    }

    private static string Explain(Exception e) => e switch
    {
        NftablesException { IsForbidden: true } or SocketException { NativeErrorCode: 1 or 13 } =>
            "the kernel refuses a change: the agent needs the capability NET_ADMIN and the host network",
        NftablesException => $"nftables refuses the rules (version 1.0.6 and Linux 5.10 are needed): {e.Message}",
        SocketException { NativeErrorCode: 95 } =>
            $"the kernel cannot make the tunnel (module vxlan): {e.Message}; set dynoNetwork.tunnel to false if all "
            + "nodes share a link",
        UnauthorizedAccessException or IOException =>
            $"a file of the node cannot be written: {e.Message}; make it writable, or set "
                + "dynoNetwork.configurationFolder or dynoNetwork.stateFolder to a folder that is",
        _ => e.Message,
    };

    /// <summary>The objects of one run.</summary>
    private sealed record Work(
        WorkQueue Queue,
        NetworkCaches Caches,
        KernelAccess Kernel,
        NetworkEnforcer Enforcer,
        BlockClaimant Claimant);
}
