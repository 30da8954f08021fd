using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Clusters.StandIn;

/// <summary>
/// Plays a node's kubelet over HTTP: gives pods addresses, says that they run, and ends them with grace. Nothing runs.
/// How a pod behaves follows from its image as on the dev cluster's simulated node, so that the same tests fit both.
/// </summary>
internal sealed class StandInKubelet : IAsyncDisposable
{
    private const string NodeName = "stand-in-1";

    private readonly ApiClient _api;
    private readonly bool _schedules;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, StandInPod> _pods = new();
    private Task _run = Task.CompletedTask;
    private int _addresses;

    private readonly Func<string, int?> _probe;

    private StandInKubelet(ApiClient api, bool schedules, Func<string, int?> probe) =>
        (_api, _schedules, _probe) = (api, schedules, probe);

    /// <param name="schedules">Whether it also binds pods, because nothing else does.</param>
    /// <param name="probe">With which exit code the probe of a trial ends in a namespace; null for one that runs
    /// on.</param>
    public static async Task<StandInKubelet> StartAsync(
        ApiClient api, bool schedules, CancellationToken cancellationToken, Func<string, int?>? probe = null)
    {
        var kubelet = new StandInKubelet(api, schedules, probe ?? (_ => null));
        await kubelet.RegisterAsync(cancellationToken);
        kubelet._run = Task.Run(() => kubelet.RunAsync(kubelet._stop.Token), CancellationToken.None);
        return kubelet;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_pods.Values.Select(pod => pod.Completion).Append(_run))
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RegisterAsync(CancellationToken cancellationToken)
    {
        var node = new V1Node
        {
            ApiVersion = "v1",
            Kind = "Node",
            Metadata = new()
            {
                Name = NodeName,
                Labels = new Dictionary<string, string> { ["topology.kubernetes.io/region"] = "oregon" },
            },
        };
        (await _api.CreateAsync(node, cancellationToken)).Require();
        var key = ObjectKey.ClusterScoped(NodeName);
        (await _api.PatchAsync(Kinds.Node, key, StandInStatus.OfNode(), "status", cancellationToken)).Require();
        // The API server taints new nodes as not ready, and the controller that would take that off again is not here.
        (await _api.PatchAsync(
            Kinds.Node,
            key,
            new JsonObject { ["spec"] = new JsonObject { ["taints"] = null } },
            null,
            cancellationToken)).Require();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var version = "0";
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var line in _api.WatchAsync(Kinds.Pod, version, cancellationToken))
                {
                    version = (string)line["object"]!["metadata"]!["resourceVersion"]!;
                    if ((string)line["type"]! is "ADDED" or "MODIFIED")
                    {
                        Observe(line["object"]!.AsObject(), cancellationToken);
                    }
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException
                && !cancellationToken.IsCancellationRequested)
            {
                // The server closed the stream.
            }
        }
    }

    private void Observe(JsonObject pod, CancellationToken cancellationToken)
    {
        var node = (string?)pod["spec"]!["nodeName"];
        if (node == NodeName || (node is null && _schedules))
        {
            _pods.GetOrAdd((string)pod["metadata"]!["uid"]!, _ => new StandInPod(_api, NextAddress, _probe))
                .Observe(pod, NodeName, cancellationToken);
        }
    }

    /// <summary>The second of the two usable addresses of a /30 each.</summary>
    private string NextAddress()
    {
        var block = Interlocked.Increment(ref _addresses);
        return $"172.16.{block / 64}.{(block % 64 * 4) + 2}";
    }
}
