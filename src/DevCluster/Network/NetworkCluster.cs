// Network: runs the pods of a dev cluster as processes in network namespaces of this machine.

using System.Net;
using System.Net.Sockets;
using DevCluster.Network.Kernel;
using DevCluster.Network.Pods;
using DevCluster.Network.Services;
using DevCluster.Network.Wiring;
using DevCluster.Simulator;
using DevCluster.Simulator.Controllers;
using Dynospace.Linux.Filtering;
using Microsoft.Extensions.Logging;

namespace DevCluster.Network;

/// <summary>
/// A dev cluster with a real network: nodes, pods and outside places are network namespaces of this machine, isolated
/// from the machine's own network. Disposing the cluster removes them; the next start removes those of a killed
/// process.
/// </summary>
public sealed class NetworkCluster : IAsyncDisposable
{
    private const int ApiServerPort = 6443;

    private static readonly string[] Needed = ["nsenter", "unshare", "setpriv", "mount", "chroot"];

    private readonly CancellationTokenSource _stop = new();
    private readonly RunIdentity _run;
    private readonly Fabric _fabric;
    private readonly PodRuntime _runtime;
    private readonly List<EchoListeners> _listeners = [];
    private readonly Dictionary<string, Netns> _places = new(StringComparer.Ordinal);
    private Task _translating = Task.CompletedTask;
    private DevClusterServer? _server;

    private NetworkCluster(
        NetworkOptions options, SecondFamily? second, TimeProvider clock, ILoggerFactory loggers)
    {
        _run = new RunIdentity();
        Directory.CreateDirectory(Path.Combine(_run.Folder, PodRuntime.NamesFolder));
        _fabric = new Fabric(
            _run,
            options.ApiServerAddress,
            options.PublicNetwork,
            second,
            options.UsesPlugins ? PodPlugins.Find() : null);
        _runtime = new PodRuntime(_fabric, _run, options.Programs, clock, loggers.CreateLogger<PodRuntime>())
        {
            NodeAdded = node => AddNodeAsync(node, options),
            KnownHosts =
            [
                .. options.Places.Where(place => place.Name.All(char.IsAsciiLetterLower))
                    .Select(place => $"{place.Addresses[0]}\t{place.Name}"),
            ],
        };
    }

    /// <summary>The API server.</summary>
    public DevClusterServer Server => _server!;

    /// <summary>The address of the API server for nodes and pods.</summary>
    public Uri InsideAddress { get; private set; } = new("https://192.168.240.2:6443");

    /// <summary>The folder for files of this run; it is deleted with the cluster.</summary>
    public string Folder => _run.Folder;

    /// <summary>Whether the kernel of this machine has IPv6.</summary>
    public static bool HasBothFamilies => Netns.HasIPv6;

    /// <summary>The reason why this machine cannot run a network cluster; null if it can.</summary>
    public static string? Obstacle()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "network namespaces are needed, which only Linux has";
        }

        if (Environment.UserName != "root")
        {
            return "network namespaces are needed, which only root can make";
        }

        List<string> missing = [.. Needed.Where(program => Commands.Find(program) is null)];
        if (missing.Count > 0)
        {
            return $"the programs {string.Join(", ", missing)} are needed: install the package util-linux";
        }

        try
        {
            Nftables.Open().Dispose();
            return null;
        }
        catch (NftablesException e)
        {
            return e.Message;
        }
    }

    /// <summary>Starts a cluster.</summary>
    /// <param name="server">Options of the API server, to which the network settings are added.</param>
    /// <exception cref="NetworkException">The network cannot be created.</exception>
    /// <exception cref="IOException">The port of the API server is in use.</exception>
    public static async Task<NetworkCluster> StartAsync(
        DevClusterOptions server,
        NetworkOptions options,
        TimeProvider clock,
        ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(options);
        if (Obstacle() is { } obstacle)
        {
            throw new NetworkException(obstacle);
        }

        if (Leftovers.Remove() is var left && left > 0)
        {
            loggers.CreateLogger<NetworkCluster>().LogInformation(
                "{Count} network namespaces of an earlier run were removed", left);
        }

        var second = HasBothFamilies ? server.ControlPlane?.SecondFamily : null;
        var cluster = new NetworkCluster(options, second, clock, loggers);
        try
        {
            var controlPlane = (server.ControlPlane ?? new ControlPlaneOptions()) with { SecondFamily = second };
            await cluster.StartPartsAsync(
                server with { ControlPlane = controlPlane }, options, clock, loggers, cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The network namespace of an outside place.</summary>
    public Netns Place(string name) => _places[name];

    /// <summary>The network namespace of a node; null until it is created.</summary>
    public Netns? Node(string name) => _fabric.Node(name);

    /// <summary>Disconnects a node as if the machine had failed, or reconnects it.</summary>
    /// <exception cref="NetworkException">There is no such node.</exception>
    public void SetNodeLink(string name, bool isUp) => _fabric.SetNodeLink(name, isUp);

    /// <summary>The network namespace of a pod, or of its node for hostNetwork; null if the pod does not run.</summary>
    public async Task<Netns?> PodAsync(string uid) =>
        await _runtime.NetworkOfAsync(uid) is var (network, _) ? network : null;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        await _translating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _runtime.DisposeAsync();
        _listeners.ForEach(listener => listener.Dispose());
        _fabric.Dispose();
        var folder = _run.Folder;
        MemoryLimits.Remove(Path.GetFileName(folder));
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        _stop.Dispose();
    }

    private async Task StartPartsAsync(
        DevClusterOptions server,
        NetworkOptions options,
        TimeProvider clock,
        ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        _fabric.Start();
        foreach (var place in options.Places.Where(place => HasBothFamilies || !place.IsIPv6))
        {
            AddPlace(place);
        }

        var inside = new IPEndPoint(IPAddress.Parse(options.ApiServerAddress), ApiServerPort);
        InsideAddress = new Uri($"https://{inside}");
        var listener = _fabric.Wire.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(inside);
            socket.Listen(512);
            return socket;
        });
        _server = await DevClusterServer.StartAsync(
            server with
            {
                Pods = new PodConnections(_runtime, clock),
                Listeners = [listener],
                ControlPlane = (server.ControlPlane ?? new ControlPlaneOptions()) with
                {
                    Runtime = _runtime,
                    ApiServerAddress = options.ApiServerAddress,
                    ApiServerPort = ApiServerPort,
                },
            },
            clock,
            loggers,
            cancellationToken);
        options.Started?.Invoke(this);
        _translating = new ServiceTranslator(
            _server.Registry,
            _fabric,
            Path.Combine(_run.Folder, PodRuntime.NamesFolder, "names"),
            loggers.CreateLogger<ServiceTranslator>()).RunAsync(_stop.Token);
    }

    private void AddPlace(OutsidePlace place)
    {
        var made = _fabric.AddPlace(place);
        _places[place.Name] = made;
        _listeners.AddRange(place.Addresses.Select(
            address => new EchoListeners(made, place.Name, IPAddress.Parse(address), place.Tcp, place.Udp)));
    }

    private async Task AddNodeAsync(NodePlace node, NetworkOptions options)
    {
        // The runtime adds several nodes at a time.
        lock (_listeners)
        {
            _listeners.Add(new EchoListeners(
                node.Namespace, node.Name, HasBothFamilies ? IPAddress.IPv6Any : IPAddress.Any, options.NodePorts, []));
        }

        if (options.NodeAdded is { } added)
        {
            await added(node);
        }
    }
}
