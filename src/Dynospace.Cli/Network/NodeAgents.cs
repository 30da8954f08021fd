using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DevCluster.Network;
using DevCluster.Network.Programs;
using DevCluster.Network.Wiring;
using DevCluster.Simulator.Controllers;
using Dynospace.Cli.Dev;
using Dynospace.Cli.Terminal;
using Dynospace.Hosting;
using Dynospace.Runtime.Transport;
using k8s;
using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Network;

/// <summary>
/// Runs the node agent for each node, as a process in the node's network: the same program as on a real node. A node
/// takes no pods before its agent has written its rules.
/// </summary>
internal sealed class NodeAgents(ProgramHost host, string? logFile, TimeProvider clock, ILogger logger)
    : IAsyncDisposable
{
    private const int HealthPort = 9870;

    /// <summary>The addresses of pods. Those that no known pod has are closed.</summary>
    private const string PodRange = "172.16.0.0/12";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly TaskCompletionSource<NetworkCluster> _cluster =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly List<(Process Process, Task Logging)> _running = [];
    private readonly Lock _lock = new();
    private readonly List<Task> _granting = [];
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private Task<AgentRights>? _rights;
    private Kubernetes? _client;

    /// <summary>Provides the cluster, once its API server runs.</summary>
    public void Connect(NetworkCluster cluster) => _cluster.TrySetResult(cluster);

    /// <summary>Starts the agent of a node and waits until it is ready.</summary>
    public async Task StartAsync(NodePlace node)
    {
        var cluster = await _cluster.Task;
        var rights = await RightsAsync(cluster);
        var kubeconfig = WriteKubeconfig(cluster, node.Name, await rights.TokenAsync(node.Name, _stop.Token));
        var command = host.OutsideCommand;
        var start = new ProcessStartInfo(
            "nsenter",
            [
                $"--net={node.Namespace.Path}",
                "--",
                .. command,
                HiddenCommands.Agent,
                $"--kubeconfig={kubeconfig}",
                $"--node={node.Name}",
                string.Create(CultureInfo.InvariantCulture, $"--healthPort={HealthPort}"),
                "--policies.enforce=true",
                $"--policies.closedRanges={PodRange}{(node.PodRange6 is null ? "" : $",{SecondFamily.Local.Pods}")}",
                "--egress.enabled=true",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        lock (_lock)
        {
            _granting.Add(rights.GrantAsync(node.Name, node.PodRange, _stop.Token));
            _running.Add((process, Task.WhenAll(
                LogAsync(node.Name, process.StandardOutput), LogAsync(node.Name, process.StandardError))));
        }

        if (!await ReadyAsync(node, process))
        {
            logger.LogError("The agent of node {Node} does not become ready", node.Name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _cluster.TrySetCanceled();
        await _stop.CancelAsync();
        await Task.WhenAll(_granting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var (process, logging) in _running)
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            await process.WaitForExitAsync();
            await logging;
            process.Dispose();
        }

        _client?.Dispose();
        _writing.Dispose();
        _stop.Dispose();
    }

    /// <summary>Installed once, by an administrator, as the chart is.</summary>
    private Task<AgentRights> RightsAsync(NetworkCluster cluster)
    {
        lock (_lock)
        {
            return _rights ??= InstallAsync(cluster);
        }
    }

    private async Task<AgentRights> InstallAsync(NetworkCluster cluster)
    {
        var file = Path.Combine(cluster.Folder, "agents.kubeconfig");
        AdminKubeconfig.Write(file, cluster.Server.Kubeconfig());
        _client = ApiClient.Create(new ClusterConnection(file, null).Read());
        var transport = new ApiTransport(
            _client, new ApiTransportOptions { UserAgent = CliEnvironment.ClientName }, clock);
        var rights = new AgentRights(_client, transport, clock);
        await rights.InstallAsync(_stop.Token);
        return rights;
    }

    private static string WriteKubeconfig(NetworkCluster cluster, string node, string token)
    {
        var file = Path.Combine(cluster.Folder, $"{node}.kubeconfig");
        var outside = cluster.Server.Address.ToString().TrimEnd('/');
        var inside = cluster.InsideAddress.ToString().TrimEnd('/');
        AdminKubeconfig.Write(file, cluster.Server.KubeconfigFor(node, token)
            .Replace(outside, inside, StringComparison.Ordinal));
        return file;
    }

    private static async Task<bool> ReadyAsync(NodePlace node, Process process)
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, token) =>
            {
                var socket = node.Namespace.Run(
                    () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                await socket.ConnectAsync(IPAddress.Loopback, HealthPort, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Patience && !process.HasExited)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri($"http://localhost:{HealthPort}/readyz"));
                if (answer.IsSuccessStatusCode)
                {
                    return true;
                }
            }
            catch (HttpRequestException)
            {
                // The agent does not listen yet.
            }

            await Task.Delay(Pause);
        }

        return false;
    }

    private async Task LogAsync(string node, StreamReader stream)
    {
        while (await stream.ReadLineAsync() is { } line)
        {
            if (logFile is null)
            {
                continue;
            }

            await _writing.WaitAsync();
            try
            {
                await File.AppendAllTextAsync(logFile, $"{node} {line}\n");
            }
            finally
            {
                _writing.Release();
            }
        }
    }
}
