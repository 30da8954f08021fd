using System.Text.Json.Nodes;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.Runtime;

namespace Dynospace.EndToEnd.Tests.Clusters.StandIn;

/// <summary>One pod's life on the stand-in: bound, started, ended. What one step writes is seen by the next.</summary>
internal sealed class StandInPod(ApiClient api, Func<string> nextAddress, Func<string, int?> probe)
{
    private readonly Lock _gate = new();
    private string? _address;
    private bool _isEnding;

    /// <summary>Ends when nothing is under way.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    public void Observe(JsonObject pod, string node, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Completion = After(Completion, () => StepAsync(pod, node, cancellationToken));
        }
    }

    private static async Task After(Task previous, Func<Task> next)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await next();
    }

    private Task StepAsync(JsonObject pod, string node, CancellationToken cancellationToken)
    {
        if (pod["spec"]!["nodeName"] is null)
        {
            return pod["metadata"]!["deletionTimestamp"] is null
                ? BindAsync(pod, node, cancellationToken)
                : Task.CompletedTask;
        }

        if (pod["metadata"]!["deletionTimestamp"] is not null)
        {
            return _isEnding ? Task.CompletedTask : EndAsync(pod, cancellationToken);
        }

        return _address is null ? StartAsync(pod, cancellationToken) : Task.CompletedTask;
    }

    private async Task BindAsync(JsonObject pod, string node, CancellationToken cancellationToken)
    {
        var binding = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Binding",
            ["metadata"] = new JsonObject { ["name"] = KeyOf(pod).Name },
            ["target"] = new JsonObject { ["kind"] = "Node", ["name"] = node },
        };
        await api.SendAsync(
            HttpMethod.Post,
            Kinds.Pod.ObjectPath(KeyOf(pod), "binding"),
            binding,
            ApiClient.Json,
            ApiClient.Json,
            cancellationToken);
    }

    private async Task StartAsync(JsonObject pod, CancellationToken cancellationToken)
    {
        _address = nextAddress();
        await ReportAsync(pod, StandInStatus.Started(pod, _address), cancellationToken);
        if (StandInStatus.IsCanary(pod))
        {
            if (StandInStatus.IsProbe(pod) && probe(KeyOf(pod).Namespace!) is { } code)
            {
                await ReportAsync(pod, StandInStatus.Ended(pod, _address, code), cancellationToken);
            }
        }
        else if (StandInStatus.EndsByItself(pod))
        {
            await ReportAsync(
                pod, StandInStatus.Ended(pod, _address, StandInStatus.ExitCodeOf(pod) ?? 0), cancellationToken);
        }
    }

    private async Task EndAsync(JsonObject pod, CancellationToken cancellationToken)
    {
        _isEnding = true;
        if (StandInStatus.IsStubborn(pod))
        {
            await Task.Delay(
                TimeSpan.FromSeconds((long?)pod["metadata"]!["deletionGracePeriodSeconds"] ?? 30), cancellationToken);
        }

        if ((string?)pod["status"]?["phase"] is not ("Succeeded" or "Failed") && _address is not null)
        {
            await ReportAsync(
                pod, StandInStatus.Ended(pod, _address, StandInStatus.IsStubborn(pod) ? 137 : 0), cancellationToken);
        }

        var now = new JsonObject
        {
            ["gracePeriodSeconds"] = 0,
            ["preconditions"] = new JsonObject { ["uid"] = (string)pod["metadata"]!["uid"]! },
        };
        await api.SendAsync(
            HttpMethod.Delete,
            Kinds.Pod.ObjectPath(KeyOf(pod)),
            now,
            ApiClient.Json,
            ApiClient.Json,
            cancellationToken);
    }

    private Task<ApiAnswer> ReportAsync(JsonObject pod, JsonObject status, CancellationToken cancellationToken) =>
        api.PatchAsync(
            Kinds.Pod,
            KeyOf(pod),
            new JsonObject
            {
                ["metadata"] = new JsonObject { ["uid"] = (string)pod["metadata"]!["uid"]! },
                ["status"] = status,
            },
            "status",
            cancellationToken);

    private static ObjectKey KeyOf(JsonObject pod) => JsonObjects.KeyOf(pod);
}
