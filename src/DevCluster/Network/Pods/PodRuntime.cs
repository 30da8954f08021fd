// Pods: runs containers as processes, with files, logs, probes, terminals and connections.

using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using DevCluster.Network.Kernel;
using DevCluster.Network.Programs;
using DevCluster.Network.Wiring;
using DevCluster.Schema.Json;
using DevCluster.Simulator.Runtime;
using Microsoft.Extensions.Logging;

namespace DevCluster.Network.Pods;

/// <summary>
/// Runs pods: each in a network namespace with an address in a /30, each container as a process in its own namespaces.
/// Slow work runs on other threads, in order for each pod.
/// </summary>
internal sealed class PodRuntime(
    Fabric fabric, RunIdentity run, IProgramCatalog programs, TimeProvider clock, ILogger logger) : INodeRuntime,
    IAsyncDisposable
{
    /// <summary>The folder that holds the names of the cluster's DNS.</summary>
    public const string NamesFolder = "names";

    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Task<Netns>> _nodes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RunningPod> _pods = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task> _leaving = new(StringComparer.Ordinal);
    private readonly MemoryLimits _limits = new(Path.GetFileName(run.Folder));
    private readonly CancellationTokenSource _stop = new();
    private int _count;

    public event Action<string>? PodChanged;

    /// <summary>Called for each node when its network is ready.</summary>
    public Func<NodePlace, Task>? NodeAdded { get; init; }

    /// <summary>Additional lines of each container's <c>/etc/hosts</c>.</summary>
    public IReadOnlyList<string> KnownHosts { get; init; } = [];

    public void AddNode(RuntimeNode node) => _nodes.GetOrAdd(node.Name, _ => Task.Run(() => AddNodeAsync(node)));

    public SandboxState Prepare(PodSandbox sandbox)
    {
        if (_stop.IsCancellationRequested)
        {
            return new SandboxState(false, "the cluster ends");
        }

        var pod = _pods.GetOrAdd(sandbox.PodUid, _ => new RunningPod(sandbox, NextFolder()));
        pod.Network ??= Reported(pod, Task.Run(() => PrepareAsync(pod)));
        if (pod.Network.IsCompletedSuccessfully)
        {
            return new SandboxState(true, null);
        }

        if (pod.Network.IsFaulted)
        {
            var problem = pod.Network.Exception.InnerException?.Message;
            pod.Network = Reported(pod, Task.Run(async () =>
            {
                await Task.Delay(RetryPause, clock, pod.Stopped);
                return await PrepareAsync(pod);
            }));
            return new SandboxState(false, problem);
        }

        return new SandboxState(false, null);
    }

    public void Start(ContainerStart start)
    {
        if (_pods.TryGetValue(start.Run.PodUid, out var pod) && pod.Starting.TryAdd(start.Run, start))
        {
            pod.Enqueue(() => StartAsync(pod, start));
        }
    }

    public ContainerState StateOf(ContainerRunId run)
    {
        if (!_pods.TryGetValue(run.PodUid, out var pod))
        {
            return new ContainerState(false, null);
        }

        return pod.Containers.TryGetValue(run, out var container) ? container.State
            : pod.Failures.TryGetValue(run, out var failure) ? failure
            : new ContainerState(false, null);
    }

    public void Stop(ContainerRunId run, bool isKilled)
    {
        if (_pods.TryGetValue(run.PodUid, out var pod) && pod.Stopping.TryAdd((run, isKilled), true))
        {
            pod.Enqueue(() =>
            {
                if (pod.Containers.TryGetValue(run, out var container))
                {
                    container.Stop(isKilled);
                }

                return Task.CompletedTask;
            });
        }
    }

    public void Remove(string podUid)
    {
        if (_pods.TryRemove(podUid, out var pod))
        {
            pod.End();
            Remember(pod);
            _leaving[podUid] = Task.Run(async () =>
            {
                await RemoveAsync(pod);
                _leaving.TryRemove(podUid, out _);
            });
        }
    }

    /// <summary>The running or most recent run of a container; null if it never ran.</summary>
    public ContainerProcess? Find(string podUid, string? container, bool isPrevious = false)
    {
        var all = _pods.TryGetValue(podUid, out var pod) ? pod.Containers : _ended.GetValueOrDefault(podUid);
        return all?.Values
            .Where(process => container is null || process.Start.Run.Container == container)
            .OrderByDescending(process => process.Start.Run.Attempt)
            .Skip(isPrevious ? 1 : 0)
            .FirstOrDefault();
    }

    public PodProgram ProgramOf(ContainerProcess container) => ProgramOf(container.Start);

    private PodProgram ProgramOf(ContainerStart start) =>
        programs.Choose(start, Path.Combine(run.Folder, NamesFolder));

    /// <summary>The network and address of a pod; null if the pod does not run.</summary>
    public async Task<(Netns Network, IPAddress Address)?> NetworkOfAsync(string podUid) =>
        _pods.TryGetValue(podUid, out var pod) && pod.Network is { } network
            ? (await network, pod.Address ?? IPAddress.Loopback)
            : null;

    /// <summary>Ends all pods. The fabric removes their networks.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_pods.Values.Select(async pod =>
        {
            pod.End();
            await pod.IdleAsync();
            foreach (var container in pod.Containers.Values)
            {
                container.Dispose();
            }
        }));
        await Task.WhenAll(_leaving.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ((Task)Task.WhenAll(_nodes.Values)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private readonly ConcurrentDictionary<string, ConcurrentDictionary<ContainerRunId, ContainerProcess>> _ended =
        new(StringComparer.Ordinal);

    /// <summary>Keeps the logs of a finished pod while its object exists, for the newest hundred pods.</summary>
    private void Remember(RunningPod pod)
    {
        _ended[pod.Sandbox.PodUid] = pod.Containers;
        _order.Enqueue(pod.Sandbox.PodUid);
        while (_order.Count > 100 && _order.TryDequeue(out var oldest))
        {
            _ended.TryRemove(oldest, out _);
        }
    }

    private readonly ConcurrentQueue<string> _order = new();

    private async Task<Netns> AddNodeAsync(RuntimeNode node)
    {
        try
        {
            var network = fabric.AddNode(node);
            if (NodeAdded is { } added)
            {
                await added(new NodePlace(node.Name, network, node.PodRange) { PodRange6 = node.PodRange6 });
            }

            return network;
        }
        catch (NetworkException e)
        {
            logger.LogError("The network of node {Node} cannot be made: {Problem}", node.Name, e.Message);
            throw;
        }
    }

    private async Task<Netns> PrepareAsync(RunningPod pod)
    {
        try
        {
            var node = await _nodes[pod.Sandbox.Node];
            if (pod.Address is not { } address)
            {
                return node;
            }

            var name = $"pod-{pod.Sandbox.Pod.Text("metadata", "namespace")}.{pod.Sandbox.Pod.Text("metadata", "name")}"
                + $".{Path.GetFileName(pod.Folder)}";
            var network = await fabric.AddPodAsync(name, node, address, pod.Address6, _stop.Token);
            pod.Own = network;
            network.Set(Sysctls(pod));
            return network;
        }
        catch (Exception e) when (e is not (NetworkException or OperationCanceledException))
        {
            throw new NetworkException(e.Message, e);
        }
    }

    /// <summary>
    /// Reports the pod after the task itself completes: a report from inside the task could be handled before the task
    /// counts as completed, and the pod would wait forever.
    /// </summary>
    private Task<Netns> Reported(RunningPod pod, Task<Netns> network)
    {
        _ = ReportAsync();
        return network;

        async Task ReportAsync()
        {
            await ((Task)network).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            PodChanged?.Invoke(pod.Sandbox.PodUid);
        }
    }

    /// <summary>
    /// Allows privileged ports without a capability in the pod's own network, as container runtimes do.
    /// </summary>
    private static IEnumerable<(string Name, string Value)> Sysctls(RunningPod pod) =>
        pod.Sandbox.Pod.Map("spec").Items("securityContext", "sysctls")
            .Select(setting => (setting.Text("name") ?? "", setting.Text("value") ?? ""))
            .Where(setting => setting.Item1.StartsWith("net.", StringComparison.Ordinal))
            .Select(setting => (setting.Item1["net.".Length..].Replace('.', '/'), setting.Item2))
            .Prepend(("ipv4/ip_unprivileged_port_start", "0"));

    private async Task StartAsync(RunningPod pod, ContainerStart start)
    {
        if (pod.Stopped.IsCancellationRequested)
        {
            return;
        }

        try
        {
            var network = await pod.Network!;
            var node = await _nodes[pod.Sandbox.Node];
            var folder = Path.Combine(pod.Folder, $"{start.Run.Container}-{start.Run.Attempt}");
            var process = ContainerProcess.Launch(
                start,
                ProgramOf(start),
                network,
                folder,
                Path.Combine(pod.Folder, "volumes"),
                KnownHosts,
                _limits,
                clock);
            pod.Containers[start.Run] = process;
            _ = FollowAsync(pod, process, node);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Catches every exception: a start that fails silently would be awaited forever.
            logger.LogWarning("Container {Run} cannot be started: {Problem}", start.Run, e.Message);
            pod.Failures[start.Run] = new ContainerState(false, 128, "StartError");
            PodChanged?.Invoke(pod.Sandbox.PodUid);
        }
    }

    private async Task FollowAsync(RunningPod pod, ContainerProcess process, Netns node)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(pod.Stopped);
        var prober = new Prober(
            process, node, pod.Address, () => PodChanged?.Invoke(pod.Sandbox.PodUid), clock);
        await process.Started;
        PodChanged?.Invoke(pod.Sandbox.PodUid);
        var probing = prober.RunAsync(ended.Token);
        await process.Ended;
        PodChanged?.Invoke(pod.Sandbox.PodUid);
        await ended.CancelAsync();
        await probing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RemoveAsync(RunningPod pod)
    {
        await pod.IdleAsync();
        foreach (var container in pod.Containers.Values)
        {
            container.Stop(isKilled: true);
        }

        await Task.WhenAll(pod.Containers.Values.Select(container => container.Ended));
        foreach (var container in pod.Containers.Values)
        {
            container.Dispose();
        }

        try
        {
            if (pod.Own is { } network)
            {
                fabric.Remove(network);
            }

            if (Directory.Exists(pod.Folder))
            {
                Directory.Delete(pod.Folder, recursive: true);
            }

            pod.Dispose();
        }
        catch (Exception e) when (e is NetworkException or IOException or UnauthorizedAccessException)
        {
            logger.LogDebug("What is left of a pod goes at the end: {Problem}", e.Message);
        }
    }

    private string NextFolder() => Path.Combine(
        run.Folder, Interlocked.Increment(ref _count).ToString(CultureInfo.InvariantCulture));
}

/// <summary>A pod that is starting, running or ending.</summary>
internal sealed class RunningPod(PodSandbox sandbox, string folder) : IDisposable
{
    private readonly CancellationTokenSource _stopped = new();
    private readonly Lock _lock = new();
    private Task _last = Task.CompletedTask;

    public PodSandbox Sandbox => sandbox;

    public string Folder => folder;

    public IPAddress? Address { get; } = sandbox.Address is { } text ? IPAddress.Parse(text) : null;

    public IPAddress? Address6 { get; } = sandbox.Address6 is { } text ? IPAddress.Parse(text) : null;

    /// <summary>The network of the pod, or of its node; null before it is requested and after a failure.</summary>
    public Task<Netns>? Network { get; set; }

    /// <summary>The pod's own network; null for hostNetwork.</summary>
    public Netns? Own { get; set; }

    public ConcurrentDictionary<ContainerRunId, ContainerStart> Starting { get; } = new();

    public ConcurrentDictionary<(ContainerRunId Run, bool IsKilled), bool> Stopping { get; } = new();

    public ConcurrentDictionary<ContainerRunId, ContainerProcess> Containers { get; } = new();

    public ConcurrentDictionary<ContainerRunId, ContainerState> Failures { get; } = new();

    public CancellationToken Stopped => _stopped.Token;

    /// <summary>Runs work after all work queued before.</summary>
    public void Enqueue(Func<Task> work)
    {
        lock (_lock)
        {
            _last = AfterAsync(_last, work);
        }
    }

    /// <summary>Prevents further starts.</summary>
    public void End() => _stopped.Cancel();

    public void Dispose() => _stopped.Dispose();

    /// <summary>Waits for the queued work.</summary>
    public async Task IdleAsync()
    {
        Task last;
        lock (_lock)
        {
            last = _last;
        }

        await last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Network is { } network)
        {
            await ((Task)network).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task AfterAsync(Task before, Func<Task> work)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Run(work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
