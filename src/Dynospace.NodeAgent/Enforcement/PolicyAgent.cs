// Enforcement: keeps the kernel's tables in line with the cluster's policies, and ends connections that they deny.

using System.Net.Sockets;
using Dynospace.Api;
using Dynospace.Linux.Filtering;
using Dynospace.NodeAgent.Policies;
using Dynospace.NodeAgent.Status;
using Dynospace.Reachability.Addresses;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Logging;

namespace Dynospace.NodeAgent.Enforcement;

/// <summary>The options of policy enforcement.</summary>
/// <param name="Node">The name of this node.</param>
/// <param name="ClosedRanges">Ranges in which traffic of addresses without a known pod is dropped.</param>
/// <param name="BesideOthers">Whether to run next to a network that enforces policies itself.</param>
/// <param name="CompareEvery">The interval of periodic comparisons with a kernel dump.</param>
public sealed record PolicyAgentOptions(
    string Node, CidrSet ClosedRanges, bool BesideOthers, TimeSpan CompareEvery);

/// <summary>
/// Enforces the cluster's NetworkPolicies on this node: follows the API, keeps the table in the kernel in step, and
/// reverts changes by other programs. Failures are retried with back-off; until then the last written rules apply.
/// </summary>
/// <param name="open">Opens access to the kernel.</param>
public sealed class PolicyAgent(
    PolicyAgentOptions options,
    IApiTransport transport,
    Func<KernelAccess> open,
    TimeProvider clock,
    ILoggerFactory loggers) : IAgentPart
{
    private static readonly ObjectKey ApplyKey = ObjectKey.ClusterScoped("apply");
    private static readonly ObjectKey LookKey = ObjectKey.ClusterScoped("look");
    private static readonly ObjectKey CompareKey = ObjectKey.ClusterScoped("compare");
    private static readonly ObjectKey CutKey = ObjectKey.ClusterScoped("cut");
    private static readonly ObjectKey SecondCutKey = ObjectKey.ClusterScoped("cut again");
    private static readonly ObjectKey CountKey = ObjectKey.ClusterScoped("count");

    private static readonly TimeSpan SecondCut = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ObstacleRecheck = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MonitorPatience = TimeSpan.FromMilliseconds(500);

    private readonly ILogger<PolicyAgent> _logger = loggers.CreateLogger<PolicyAgent>();
    private readonly TaskCompletionSource _applied = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, long> _counted = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);
    private volatile string? _problem = "the cluster is not known yet";
    private volatile CidrSet? _closed;
    private volatile WorkQueue? _queue;
    private volatile Reason _reason = Reasons.Progressing;

    /// <summary>Why policies are not enforced correctly; null if they are.</summary>
    public string? Problem => _problem;

    /// <inheritdoc/>
    public PartReport Report => _problem is { } problem
        ? new PartReport("Policies", ConditionTypes.PoliciesEnforced, _reason, $"Policies: {problem}")
        : new PartReport(
            "Policies", ConditionTypes.PoliciesEnforced, Reasons.Ready, "NetworkPolicies are enforced on this node");

    /// <summary>
    /// The addresses of this node's pods, once known. Traffic of an address in them without a known pod is dropped, so
    /// that policies already apply to a pod's first packet.
    /// </summary>
    public Func<CidrSet> OwnBlocks { get; init; } = () => CidrSet.Empty;

    /// <summary>Why a pod in these ranges would start without its policies; null if it would not.</summary>
    public string? Unfenced(CidrSet blocks) => blocks.Equals(_closed)
        ? null
        : $"new pods wait until their policies are enforced: {_problem ?? "the rules are being written"}";

    /// <summary>Checks at once whether the block changed.</summary>
    public void Wake() => _queue?.Add(ApplyKey);

    /// <summary>Completes when the rules are first written.</summary>
    public Task Applied => _applied.Task;

    /// <summary>Enforces until cancelled; the rules stay in the kernel.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var queue = new WorkQueue("policies", new WorkQueueOptions { MaximumDelay = ObstacleRecheck }, clock);
        _queue = queue;
        var caches = new PolicyCaches(transport, () => queue.Add(ApplyKey), clock, loggers);
        var informing = caches.Informers.RunAsync(stop.Token);
        try
        {
            await caches.Informers.WaitForSyncAsync(missing => _problem = missing, clock, stop.Token);
            using var kernel = await OpenAsync(caches, stop.Token);
            var watching = Task.Factory.StartNew(
                () => Watch(kernel.Monitor, queue, stop.Token), CancellationToken.None,
                TaskCreationOptions.LongRunning, TaskScheduler.Default);
            try
            {
                queue.Add(ApplyKey);
                queue.AddAfter(CompareKey, options.CompareEvery);
                queue.AddAfter(CountKey, CountEvery);
                await WorkAsync(Begin(queue, caches, kernel), stop.Token);
            }
            finally
            {
                await stop.CancelAsync();
                await watching;
            }
        }
        finally
        {
            _queue = null;
            await stop.CancelAsync();
            await informing;
            _applied.TrySetCanceled(CancellationToken.None);
        }
    }

    /// <summary>Waits until writing is allowed.</summary>
    private async Task<KernelAccess> OpenAsync(PolicyCaches caches, CancellationToken cancellationToken)
    {
        while (true)
        {
            KernelAccess? kernel = null;
            try
            {
                kernel = open();
                if (Refusal(caches, kernel) is not { } refusal)
                {
                    _logger.LogInformation(
                        "Policies are enforced on {Node} by {Nftables}", options.Node, kernel.Nftables.Description);
                    return kernel;
                }

                SetProblem(refusal);
            }
            catch (Exception e) when (e is NftablesException or SocketException)
            {
                SetProblem(Explain(e));
            }

            kernel?.Dispose();
            await Task.Delay(ObstacleRecheck, clock, cancellationToken);
        }
    }

    /// <summary>Why this agent must not write here; null if it may.</summary>
    private string? Refusal(PolicyCaches caches, KernelAccess kernel)
    {
        if (options.BesideOthers)
        {
            return null;
        }

        var names = Obstacles.ChainNames(kernel.Nftables);
        var pods = caches.Pods.Where(pod => pod.Spec?.NodeName == options.Node);
        if (Obstacles.OtherEnforcer(pods, names) is not { } other)
        {
            return null;
        }

        var stands = names.Contains(Ruleset.TableName)
            ? " Rules of an earlier run stand and are not kept up to date: remove them with --remove."
            : "";
        return $"{other} enforces policies here. Two enforcers on one node hide each other's faults: switch one off, "
            + $"or set policies.besideOthers.{stands}";
    }

    private async Task WorkAsync(Work work, CancellationToken cancellationToken)
    {
        while (await work.Queue.DequeueAsync(cancellationToken) is { } key)
        {
            try
            {
                if (!OwnBlocks().Equals(work.Blocks))
                {
                    work = Begin(work.Queue, work.Caches, work.Kernel);
                    work.Caches.NoteAll();
                    // Must come first: any other key would write an empty table.
                    Do(work, ApplyKey);
                }

                Do(work, key);
                work.Queue.Forget(key);
            }
            catch (Exception e) when (e is NftablesException or SocketException)
            {
                SetProblem(Explain(e));
                work.Queue.AddRateLimited(key);
            }
            finally
            {
                work.Queue.Done(key);
            }
        }
    }

    /// <summary>The closed ranges of an index cannot change, so a new block requires a new index.</summary>
    private Work Begin(WorkQueue queue, PolicyCaches caches, KernelAccess kernel)
    {
        var blocks = OwnBlocks();
        var index = new PolicyIndex(options.Node, options.ClosedRanges.Union(blocks));
        return new Work(queue, caches, index, new Enforcer(kernel, index, _logger), kernel, blocks);
    }

    private void Do(Work work, ObjectKey key)
    {
        switch (key.Name)
        {
            case "apply":
                work.Caches.MoveTo(work.Index);
                work.Enforcer.Apply();
                Settled(work);
                break;
            case "look":
                work.Enforcer.LookForForeignChanges();
                break;
            case "compare":
                work.Queue.AddAfter(CompareKey, options.CompareEvery);
                work.Enforcer.Verify();
                Settled(work);
                break;
            case "cut":
            case "cut again":
                work.Enforcer.Cut();
                break;
            default:
                work.Queue.AddAfter(CountKey, CountEvery);
                Count(work.Enforcer.Drops());
                break;
        }

        // A connection whose first packet was in flight is not listed yet, so a second cut is due.
        if (work.Enforcer.OwesCut)
        {
            work.Queue.Add(CutKey);
            work.Queue.AddAfter(SecondCutKey, SecondCut);
        }
    }

    /// <summary>The rules are in place; checks for other obstacles to enforcement.</summary>
    private void Settled(Work work)
    {
        foreach (var (subject, problem) in work.Index.Problems)
        {
            if (_reported.Add(problem))
            {
                _logger.LogError(
                    "{Kind} {Key} cannot be understood; what it selects is closed: {Problem}",
                    subject.Kind, subject.Key, problem);
            }
        }

        _closed = work.Blocks;
        _reported.IntersectWith(work.Index.Problems.Values);
        AgentMetrics.SetMisunderstood(work.Index.Problems.Count);
        SetProblem(Bridge(work));
        _applied.TrySetResult();
    }

    private static string? Bridge(Work work) => Obstacles.UnseenBridge(
        work.Kernel.Network.Links.List(),
        work.Kernel.Network.Addresses.List(),
        work.Index.LocalAddresses,
        Obstacles.AreBridgedPacketsShown)
        is { } bridge
            ? $"pods on the bridge {bridge} reach each other unseen: load br_netfilter and set "
                + "net.bridge.bridge-nf-call-iptables and net.bridge.bridge-nf-call-ip6tables to 1"
            : null;

    private void SetProblem(string? problem)
    {
        if (problem is not null && problem != _problem)
        {
            _logger.LogWarning("Policies on {Node}: {Problem}", options.Node, problem);
        }

        _reason = Reasons.NodeObstacle;
        _problem = problem;
    }

    /// <summary>The kernel's counters restart when the table is replaced.</summary>
    private void Count(IReadOnlyDictionary<string, long> drops)
    {
        foreach (var (reason, packets) in drops)
        {
            var before = _counted.GetValueOrDefault(reason);
            var more = packets >= before ? packets - before : packets;
            if (more > 0 || !_counted.ContainsKey(reason))
            {
                AgentMetrics.AddDropped(reason, more);
            }

            _counted[reason] = packets;
        }
    }

    private static void Watch(INftablesMonitor monitor, WorkQueue queue, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (monitor.Wait(MonitorPatience))
            {
                queue.Add(LookKey);
                // Until the message is read, the same one would wake us repeatedly.
                cancellationToken.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(5));
            }
        }
    }

    private static string Explain(Exception e) => e switch
    {
        NftablesException { IsForbidden: true } =>
            "the kernel refuses to change nftables: the agent needs the capability NET_ADMIN and the host network",
        SocketException { NativeErrorCode: 1 or 13 } =>
            "the kernel refuses a netlink socket: the agent needs the capability NET_ADMIN and the host network",
        NftablesException => $"nftables refuses the rules (version 1.0.6 and Linux 5.10 are needed): {e.Message}",
        _ => $"netlink: {e.Message}",
    };

    /// <summary>The objects of one run.</summary>
    private sealed record Work(
        WorkQueue Queue,
        PolicyCaches Caches,
        PolicyIndex Index,
        Enforcer Enforcer,
        KernelAccess Kernel,
        CidrSet Blocks);
}
