using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DevCluster.Simulator;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.NodeAgent.Policies;
using Dynospace.Reachability.Addresses;
using Dynospace.Runtime.Transport;
using Dynospace.Testing.Networks;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.Benchmarks.Policies;

/// <summary>
/// How long a policy's change takes until packets meet it: a policy is written to an API server that holds the whole
/// cluster, the agent follows it, and datagrams between two pods show when the change holds.
/// </summary>
internal sealed class PolicyEffect : IAsyncDisposable
{
    private const int Rounds = 100;
    private const int Writers = 16;

    /// <summary>Outside of what the policies of the cluster admit, so that one policy decides.</summary>
    private const int Port = 700;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(0.5);
    private static readonly TimeSpan Arrival = TimeSpan.FromMilliseconds(5);

    private readonly DevClusterServer _server;
    private readonly Kubernetes _client;
    private readonly PacketNode _node;
    private readonly IPAddress _from;
    private readonly IPEndPoint _to;
    private readonly Socket _receiver;
    private readonly CancellationTokenSource _stop = new();
    private Task _agent = Task.CompletedTask;

    private PolicyEffect(DevClusterServer server, PacketNode node, PolicyCluster cluster)
    {
        (_server, _node, _from, _to) = (server, node, cluster.Client, new IPEndPoint(cluster.Server, Port));
        var file = Path.GetTempFileName();
        File.WriteAllText(file, server.Kubeconfig());
        _client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(file));
        File.Delete(file);
        _receiver = node.At(cluster.Server).OpenUdp(cluster.Server, Port);
    }

    public static async Task<PolicyEffect> StartAsync(PacketNode node, PolicyCluster cluster)
    {
        var server = await DevClusterServer.StartAsync(
            new DevClusterOptions { ControlPlane = null }, TimeProvider.System, NullLoggerFactory.Instance, default);
        var effect = new PolicyEffect(server, node, cluster);
        await effect.FillAsync(cluster);
        var agent = new PolicyAgent(
            new PolicyAgentOptions(PolicyCluster.Node, CidrSet.Empty, BesideOthers: false, TimeSpan.FromMinutes(5)),
            new ApiTransport(effect._client, new ApiTransportOptions(), TimeProvider.System),
            () => node.Namespace.Run(() => KernelAccess.Open(Ruleset.TableName)),
            TimeProvider.System,
            NullLoggerFactory.Instance);
        effect._agent = agent.RunAsync(effect._stop.Token);
        await agent.Applied;
        return effect;
    }

    /// <summary>
    /// Times from the request to the API server: until a new connection is admitted, and until neither a new nor the
    /// open one is.
    /// </summary>
    public async Task<(IReadOnlyList<TimeSpan> Admitted, IReadOnlyList<TimeSpan> Refused)> MeasureAsync()
    {
        List<TimeSpan> admitted = [], refused = [];
        for (var round = 0; round < Rounds; round++)
        {
            admitted.Add(await TimeAsync(
                _client.NetworkingV1.CreateNamespacedNetworkPolicyAsync(Admission(), "ns0"), NewPasses));
            using var open = Open();
            Trace.Assert(Passes(open), "a datagram of an admitted connection was lost");
            _receiver.SendTo(new byte[1], open.LocalEndPoint!);
            refused.Add(await TimeAsync(
                _client.NetworkingV1.DeleteNamespacedNetworkPolicyAsync("measured", "ns0"),
                () => !Passes(open) && !NewPasses()));
        }

        return (admitted, refused);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _agent.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _receiver.Dispose();
        _client.Dispose();
        await _server.DisposeAsync();
        _stop.Dispose();
    }

    private static V1NetworkPolicy Admission() => new()
    {
        Metadata = new() { Name = "measured" },
        Spec = new()
        {
            PodSelector = new(),
            PolicyTypes = ["Ingress"],
            Ingress = [new() { Ports = [new() { Protocol = "UDP", Port = Port }] }],
        },
    };

    private async Task FillAsync(PolicyCluster cluster)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Writers };
        await Parallel.ForEachAsync(PolicyCluster.Namespaces(), parallel, async (item, token) =>
        {
            await _client.CoreV1.CreateNamespaceAsync(item, cancellationToken: token);
            await _client.CoreV1.CreateNamespacedServiceAccountAsync(
                new V1ServiceAccount { Metadata = new() { Name = "default" } }, item.Metadata.Name,
                cancellationToken: token);
        });
        await Parallel.ForEachAsync(cluster.AllPods(), parallel, async (pod, token) =>
        {
            var (status, place) = (pod.Status, pod.Metadata.NamespaceProperty);
            pod.Status = null!;
            pod.Spec.Containers[0].Image = "i";
            var made = await _client.CoreV1.CreateNamespacedPodAsync(pod, place, cancellationToken: token);
            made.Status = status;
            made.Status.PodIP = status.PodIPs[0].Ip;
            await _client.CoreV1.ReplaceNamespacedPodStatusAsync(
                made, made.Metadata.Name, place, cancellationToken: token);
        });
        await Parallel.ForEachAsync(cluster.AllPolicies(), parallel, async (policy, token) =>
            await _client.NetworkingV1.CreateNamespacedNetworkPolicyAsync(
                policy, policy.Metadata.NamespaceProperty, cancellationToken: token));
    }

    private static async Task<TimeSpan> TimeAsync(Task request, Func<bool> holds)
    {
        var clock = Stopwatch.StartNew();
        while (!holds())
        {
            if (clock.Elapsed > Patience)
            {
                throw new TimeoutException("the change of a policy had no effect");
            }

            await Task.Delay(Pause);
        }

        var elapsed = clock.Elapsed;
        await request;
        return elapsed;
    }

    private bool NewPasses()
    {
        using var socket = Open();
        return Passes(socket);
    }

    /// <summary>A veth hands a datagram on almost at once.</summary>
    private bool Passes(Socket socket)
    {
        socket.SendTo(new byte[1], _to);
        if (!_receiver.Poll(Arrival, SelectMode.SelectRead))
        {
            return false;
        }

        _receiver.Receive(new byte[1]);
        return true;
    }

    private Socket Open() => _node.At(_from).OpenUdp(_from);
}
