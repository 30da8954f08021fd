using System.CommandLine;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Dynospace.Benchmarks.Load;
using Dynospace.Benchmarks.Processes;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Models;
using Changes = Dynospace.Runtime.Transport.WatchEventType;

namespace Dynospace.Benchmarks.Servers;

/// <summary>
/// A node that runs nothing, beside an API server without nodes: it binds each pod, says that it runs and is ready, and
/// takes it away when it is deleted. In a process of its own, so that its work is nobody else's.
/// </summary>
internal sealed class SimulatedNode(Cluster cluster)
{
    private const string Name = "simulated-1";
    private const string Play = "node";
    private const string Ready = "ready";
    private const string Then = "2026-01-01T00:00:00Z";

    /// <summary>Requests under way at once. What happens to one pod happens in order.</summary>
    private const int Workers = 8;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Channel<JsonElement>[] _work =
        [.. Enumerable.Range(0, Workers).Select(_ => Channel.CreateUnbounded<JsonElement>())];

    private int _addresses;

    /// <summary>The child's side: <c>node KUBECONFIG</c>.</summary>
    public static Command Command()
    {
        var file = new Argument<string>("kubeconfig");
        var command = new Command(Play, "Plays a node until standard input ends.") { file };
        command.Hidden = true;
        command.SetAction(async (parsed, token) =>
        {
            using var cluster = new Cluster(parsed.GetValue(file)!);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
            var node = new SimulatedNode(cluster);
            await node.RegisterAsync(stop.Token);
            var run = node.RunAsync(stop.Token);
            await Console.Out.WriteLineAsync(Ready);
            await Console.In.ReadToEndAsync(stop.Token);
            await stop.CancelAsync();
            await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        return command;
    }

    public static async Task<ChildProcess> StartAsync(string kubeconfigFile, CancellationToken cancellationToken)
    {
        var child = ChildProcess.StartAssembly(typeof(SimulatedNode).Assembly, [Play, kubeconfigFile]);
        await child.LineAsync(Ready, cancellationToken);
        return child;
    }

    private async Task RegisterAsync(CancellationToken cancellationToken)
    {
        var node = await cluster.Client.CoreV1.CreateNodeAsync(
            new V1Node { Metadata = new() { Name = Name } }, cancellationToken: cancellationToken);
        node.Spec.Taints = null; // the API server's own, which a controller that is not here takes off
        node = await cluster.Client.CoreV1.ReplaceNodeAsync(node, Name, cancellationToken: cancellationToken);
        var room = new Dictionary<string, ResourceQuantity>
        {
            ["cpu"] = new("10000"),
            ["memory"] = new("64Ti"),
            ["pods"] = new("200000"),
        };
        node.Status = new()
        {
            Capacity = room,
            Allocatable = room,
            Addresses = [new() { Type = "InternalIP", Address = "192.168.241.2" }],
            Conditions = [new() { Type = "Ready", Status = "True" }],
        };
        await cluster.Client.CoreV1.ReplaceNodeStatusAsync(node, Name, cancellationToken: cancellationToken);
    }

    private Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_work.Select(channel => WorkAsync(channel.Reader, cancellationToken))
            .Append(WatchAsync(cancellationToken)));

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            using var page = await cluster.Transport.ListAsync(Cluster.Pods, new ListQuery(), cancellationToken);
            foreach (var pod in page.Items)
            {
                Queue(pod);
            }

            try
            {
                var query = new WatchQuery { ResourceVersion = page.ResourceVersion };
                await foreach (var change in cluster.Transport.WatchAsync(Cluster.Pods, query, cancellationToken))
                {
                    if (change.Type is not (Changes.Deleted or Changes.Bookmark))
                    {
                        Queue(change.Object);
                    }
                }
            }
            catch (Exception e) when (e is ApiException or IOException or HttpRequestException)
            {
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    private void Queue(JsonElement pod) =>
        _work[(uint)Text(pod, "metadata", "uid")!.GetHashCode(StringComparison.Ordinal) % Workers].Writer.TryWrite(
            pod.Clone());

    private async Task WorkAsync(ChannelReader<JsonElement> pods, CancellationToken cancellationToken)
    {
        await foreach (var pod in pods.ReadAllAsync(cancellationToken))
        {
            try
            {
                await StepAsync(pod, cancellationToken);
            }
            catch (ApiException e) when (e.IsNotFound || e.Code == HttpStatusCode.Conflict)
            {
                // It is gone, or another pod by now.
            }
            catch (k8s.Autorest.HttpOperationException)
            {
                // It was bound or deleted meanwhile; the next event says so.
            }
        }
    }

    private Task StepAsync(JsonElement pod, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(Text(pod, "metadata", "namespace"), Text(pod, "metadata", "name")!);
        var (node, isDeleted) = (Text(pod, "spec", "nodeName"), Text(pod, "metadata", "deletionTimestamp") is not null);
        if (node is null)
        {
            var binding = new V1Binding
            {
                Metadata = new() { Name = key.Name },
                Target = new() { Kind = "Node", Name = Name },
            };
            return isDeleted
                ? Task.CompletedTask
                : cluster.Client.CoreV1.CreateNamespacedPodBindingAsync(
                    binding, key.Name, key.Namespace, cancellationToken: cancellationToken);
        }

        var uid = Text(pod, "metadata", "uid");
        return node != Name ? Task.CompletedTask
            : isDeleted ? cluster.Transport.DeleteAsync(
                Cluster.Pods, key, new DeleteQuery { Uid = uid, GracePeriod = TimeSpan.Zero }, cancellationToken)
            : Text(pod, "status", "phase") == "Pending" ? cluster.Transport.PatchAsync(
                Cluster.Pods,
                key,
                PatchFormat.Merge,
                Running(pod, uid!),
                new WriteQuery { FieldManager = Name, Subresource = "status" },
                cancellationToken)
            : Task.CompletedTask;
    }

    private JsonObject Running(JsonElement pod, string uid)
    {
        var number = Interlocked.Increment(ref _addresses);
        var address = $"172.{16 + (number >> 16)}.{(number >> 8) & 255}.{number & 255}";
        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["uid"] = uid },
            ["status"] = new JsonObject
            {
                ["phase"] = "Running",
                ["hostIP"] = "192.168.241.2",
                ["podIP"] = address,
                ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address }),
                ["startTime"] = Then,
                ["conditions"] = new JsonArray(
                    [
                        .. new[] { "PodScheduled", "Initialized", "ContainersReady", "Ready" }.Select(
                            type => (JsonNode)new JsonObject
                            {
                                ["type"] = type,
                                ["status"] = "True",
                                ["lastTransitionTime"] = Then,
                            }),
                    ]),
                ["containerStatuses"] = new JsonArray(
                    [
                        .. pod.GetProperty("spec").GetProperty("containers").EnumerateArray().Select(
                            container => (JsonNode)new JsonObject
                            {
                                ["name"] = container.GetProperty("name").GetString(),
                                ["image"] = container.GetProperty("image").GetString(),
                                ["imageID"] = "",
                                ["ready"] = true,
                                ["started"] = true,
                                ["restartCount"] = 0,
                                ["state"] = new JsonObject
                                {
                                    ["running"] = new JsonObject { ["startedAt"] = Then },
                                },
                            }),
                    ]),
            },
        };
    }

    private static string? Text(JsonElement pod, string part, string name) =>
        pod.TryGetProperty(part, out var parent) && parent.TryGetProperty(name, out var text) ? text.GetString() : null;
}
