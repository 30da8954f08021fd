using System.Net;
using System.Net.Sockets;
using DevCluster.Schema.Yaml;
using DevCluster.Simulator;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using Dynospace.Testing.Networks;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using static Dynospace.NodeAgent.Tests.Policies.RulesetTests;

namespace Dynospace.NodeAgent.Tests.Enforcement;

/// <summary>An API server with pods a, b and server, whose packets go through one node.</summary>
internal sealed class AgentCluster : IAsyncDisposable
{
    private readonly DevClusterServer _server;
    private readonly string _kubeconfig = Path.GetTempFileName();

    private AgentCluster(DevClusterServer server)
    {
        _server = server;
        File.WriteAllText(_kubeconfig, server.Kubeconfig());
        Configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(_kubeconfig);
        Client = new Kubernetes(Configuration);
    }

    public KubernetesClientConfiguration Configuration { get; }

    public Kubernetes Client { get; }

    public int Port => _server.Address.Port;

    public static async Task<AgentCluster> StartAsync(CancellationToken cancellationToken)
    {
        var cluster = new AgentCluster(await DevClusterServer.StartAsync(
            new DevClusterOptions { ControlPlane = null }, TimeProvider.System, NullLoggerFactory.Instance,
            cancellationToken));
        await cluster.Client.CoreV1.CreateNamespaceAsync(
            new V1Namespace { Metadata = new() { Name = "shop" } }, cancellationToken: cancellationToken);
        await cluster.Client.CoreV1.CreateNamespacedServiceAccountAsync(
            new V1ServiceAccount { Metadata = new() { Name = "default" } },
            "shop",
            cancellationToken: cancellationToken);
        foreach (var (name, ip) in new[] { ("a", "10.0.0.2"), ("b", "10.0.0.6"), ("server", "10.0.0.10") })
        {
            await cluster.AddPodAsync(Pod(name, ip, name), cancellationToken);
        }

        return cluster;
    }

    public async Task AddPodAsync(V1Pod pod, CancellationToken cancellationToken)
    {
        var made = await Client.CoreV1.CreateNamespacedPodAsync(
            pod with
            {
                Spec = pod.Spec with { Containers = [new V1Container { Name = "c", Image = "i" }] },
                Status = null!,
            },
            "shop", cancellationToken: cancellationToken);
        made.Status = pod.Status;
        await Client.CoreV1.ReplaceNamespacedPodStatusAsync(
            made, made.Metadata.Name, "shop", cancellationToken: cancellationToken);
    }

    public Task SetPolicyAsync(string name, string spec, CancellationToken cancellationToken) =>
        Client.NetworkingV1.PatchNamespacedNetworkPolicyAsync(
            new V1Patch(
                KubernetesJson.Serialize(
                    Policy(name, spec) with { ApiVersion = "networking.k8s.io/v1", Kind = "NetworkPolicy" }),
                V1Patch.PatchType.ApplyPatch),
            name, "shop", fieldManager: "test", force: true, cancellationToken: cancellationToken);

    public ApiTransport Transport() => new(Client, new ApiTransportOptions(), TimeProvider.System);

    /// <summary>Adds the kinds of <c>crds/</c>.</summary>
    public async Task AddDefinitionsAsync(CancellationToken cancellationToken)
    {
        foreach (var file in Directory.GetFiles(RepositoryFolder.Combine("crds"), "dynospace.dev_*.yaml"))
        {
            await Transport().CreateAsync(
                ResourceKind.For<V1CustomResourceDefinition>(),
                YamlReader.ReadAll(await File.ReadAllTextAsync(file, cancellationToken)).Single().AsObject(),
                new WriteQuery(), cancellationToken);
        }
    }

    /// <summary>Adds a node.</summary>
    /// <returns>Its uid.</returns>
    public async Task<string> AddNodeAsync(string name, CancellationToken cancellationToken) =>
        (await Client.CoreV1.CreateNodeAsync(
            new V1Node { Metadata = new() { Name = name } }, cancellationToken: cancellationToken)).Metadata.Uid;

    /// <summary>Adds a node with its status.</summary>
    public async Task AddNodeAsync(V1Node node, CancellationToken cancellationToken)
    {
        var made = await Client.CoreV1.CreateNodeAsync(node, cancellationToken: cancellationToken);
        made.Status = node.Status;
        await Client.CoreV1.ReplaceNodeStatusAsync(made, made.Metadata.Name, cancellationToken: cancellationToken);
    }

    public Task DeleteNodeAsync(string name, CancellationToken cancellationToken) =>
        Client.CoreV1.DeleteNodeAsync(name, cancellationToken: cancellationToken);

    /// <summary>Says how many pods a node's kubelet runs.</summary>
    public async Task SetPodCapacityAsync(string name, int pods, CancellationToken cancellationToken)
    {
        var node = await Client.CoreV1.ReadNodeAsync(name, cancellationToken: cancellationToken);
        node.Status.Capacity = new Dictionary<string, ResourceQuantity> { ["pods"] = new($"{pods}") };
        await Client.CoreV1.ReplaceNodeStatusAsync(node, name, cancellationToken: cancellationToken);
    }

    /// <summary>Adds a pod with a port of its node, UDP.</summary>
    public Task AddHostPortPodAsync(
        string name, string node, string address, int hostPort, int port, CancellationToken cancellationToken) =>
        AddHostPortPodAsync(name, node, [address], hostPort, port, cancellationToken);

    /// <inheritdoc cref="AddHostPortPodAsync(string, string, string, int, int, CancellationToken)"/>
    public async Task AddHostPortPodAsync(
        string name,
        string node,
        IReadOnlyList<string> addresses,
        int hostPort,
        int port,
        CancellationToken cancellationToken)
    {
        var made = await Client.CoreV1.CreateNamespacedPodAsync(
            new V1Pod
            {
                Metadata = new() { Name = name },
                Spec = new()
                {
                    NodeName = node,
                    Containers =
                    [
                        new V1Container
                        {
                            Name = "c",
                            Image = "i",
                            Ports = [new() { ContainerPort = port, HostPort = hostPort, Protocol = "UDP" }],
                        },
                    ],
                },
            },
            "shop", cancellationToken: cancellationToken);
        made.Status = new V1PodStatus
        {
            Phase = "Running",
            PodIP = addresses[0],
            PodIPs = [.. addresses.Select(address => new V1PodIP { Ip = address })],
        };
        await Client.CoreV1.ReplaceNamespacedPodStatusAsync(made, name, "shop", cancellationToken: cancellationToken);
    }

    /// <summary>A kubeconfig that works inside a network namespace, by the relay.</summary>
    public string KubeconfigBy(ApiRelay relay)
    {
        var text = File.ReadAllText(_kubeconfig);
        File.WriteAllText(_kubeconfig, text.Replace($":{Port}", $":{relay.Port}", StringComparison.Ordinal));
        return _kubeconfig;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        File.Delete(_kubeconfig);
        await _server.DisposeAsync();
    }
}

/// <summary>Brings connections from inside a network namespace to the API server outside.</summary>
internal sealed class ApiRelay : IDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();

    public ApiRelay(NetworkNamespace place, int port)
    {
        _listener = place.Run(() =>
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return listener;
        });
        _ = AcceptAsync(port);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync(int port)
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = RelayAsync(client, port);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The end.
        }
    }

    private async Task RelayAsync(TcpClient client, int port)
    {
        using var outside = new TcpClient();
        using (client)
        {
            try
            {
                await outside.ConnectAsync(IPAddress.Loopback, port, _stop.Token);
                var (inner, outer) = (client.GetStream(), outside.GetStream());
                await Task.WhenAny(inner.CopyToAsync(outer, _stop.Token), outer.CopyToAsync(inner, _stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // One side ended.
            }
        }
    }
}
