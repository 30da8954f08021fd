using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Printing;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Tables;

/// <summary>The columns of pods.</summary>
internal static class PodColumns
{
    public static IReadOnlyList<TableColumn> All { get; } =
    [
        Columns.Name,
        Columns.Text("Ready", content => PodSummary.FromPod(content).Ready),
        Columns.Text("Status", content => PodSummary.FromPod(content).Status),
        Columns.Text("Restarts", (content, now) => PodSummary.FromPod(content).RestartsAt(now)),
        Columns.AgeText,
        Columns.Wide(
            Columns.Text(
                "IP",
                content => content.Items("status", "podIPs") is [var first, ..]
                    ? first.CellOr(Columns.None, "ip")
                    : Columns.None)),
        Columns.Wide(Columns.Text("Node", content => content.CellOr(Columns.None, "spec", "nodeName"))),
        Columns.Wide(
            Columns.Text(
                "Nominated Node", content => content.CellOr(Columns.None, "status", "nominatedNodeName"))),
        Columns.Wide(Columns.Text("Readiness Gates", ReadinessGates)),
    ];

    private static string ReadinessGates(JsonObject pod)
    {
        var gates = pod.Items("spec", "readinessGates");
        var open = gates.Count(gate => pod.Condition(gate.Cell("conditionType")).Cell("status") == "True");
        return gates.Count == 0 ? Columns.None : $"{open}/{gates.Count}";
    }
}

/// <summary>
/// The summary of a pod in <c>kubectl get pods</c>, derived from its containers as in the real printer.
/// </summary>
internal sealed class PodSummary
{
    private readonly JsonObject _pod;
    private int _readyContainers;
    private int _containers;
    private long _restarts;
    private DateTimeOffset? _lastRestart;

    private PodSummary(JsonObject pod)
    {
        _pod = pod;
        Status = InitialStatus();
        _containers = pod.Items("spec", "containers").Count;
        var sidecars = pod.Items("spec", "initContainers")
            .Where(container => container.Cell("restartPolicy") == "Always")
                .Select(container => container.Cell("name")).ToHashSet(StringComparer.Ordinal);
        _containers += sidecars.Count;
        var isInitializing = ReadInitContainers(sidecars);
        if (!isInitializing || pod.Condition("Initialized").Cell("status") == "True")
        {
            ReadContainers(sidecars);
        }

        ReadDeletion();
    }

    public string Ready => $"{_readyContainers}/{_containers}";

    public string Status { get; private set; }

    public static PodSummary FromPod(JsonObject pod) => new(pod);

    public string RestartsAt(DateTimeOffset now) =>
        _restarts != 0 && _lastRestart is { } last
            ? $"{_restarts} ({HumanAge.Format(now - last)} ago)"
            : $"{_restarts}";

    private string InitialStatus()
    {
        var isGated = _pod.Condition("PodScheduled").Cell("reason") == "SchedulingGated";
        return isGated ? "SchedulingGated" : _pod.CellOr(_pod.Cell("status", "phase"), "status", "reason");
    }

    /// <summary>Stops at the first unfinished init container; returns whether there is one.</summary>
    private bool ReadInitContainers(HashSet<string> sidecars)
    {
        var statuses = _pod.Items("status", "initContainerStatuses");
        for (var i = 0; i < statuses.Count; i++)
        {
            var status = statuses[i];
            CountRestarts(status);
            var terminated = status.At("state", "terminated");
            if (terminated is not null && terminated.NumberOrZero("exitCode") == 0)
            {
                continue;
            }

            if (sidecars.Contains(status.Cell("name")) && status.IsTrue("started"))
            {
                _readyContainers += status.IsTrue("ready") ? 1 : 0;
                continue;
            }

            var waiting = status.Cell("state", "waiting", "reason");
            Status = terminated is not null ? "Init:" + TerminationOf(terminated)
                : waiting.Length > 0 && waiting != "PodInitializing" ? "Init:" + waiting
                : $"Init:{i}/{_pod.Count("spec", "initContainers")}";
            return true;
        }

        return false;
    }

    private void ReadContainers(HashSet<string> sidecars)
    {
        // Regular init containers no longer count once the pod is initialized.
        (_restarts, _lastRestart) = (0, null);
        foreach (var sidecar in _pod.Items("status", "initContainerStatuses")
            .Where(status => sidecars.Contains(status.Cell("name"))))
        {
            CountRestarts(sidecar);
        }

        var hasRunning = false;
        string? failure = null;
        foreach (var status in _pod.Items("status", "containerStatuses").Reverse())
        {
            CountRestarts(status);
            var terminated = status.At("state", "terminated");
            if (status.Cell("state", "waiting", "reason") is { Length: > 0 } waiting)
            {
                Status = waiting;
            }
            else if (terminated is not null)
            {
                Status = TerminationOf(terminated);
                failure = terminated.NumberOrZero("exitCode") != 0 ? Status : failure;
            }
            else if (status.IsTrue("ready") && status.At("state", "running") is not null)
            {
                hasRunning = true;
                _readyContainers++;
            }
        }

        if (Status == "Completed")
        {
            Status = hasRunning && _pod.Condition("Ready").Cell("status") == "True" ? "Running"
                : failure ?? (hasRunning ? "NotReady" : Status);
        }
    }

    private void ReadDeletion()
    {
        if (_pod.At("metadata", "deletionTimestamp") is null)
        {
            return;
        }

        if (_pod.Cell("status", "reason") == "NodeLost")
        {
            Status = "Unknown";
        }
        else if (_pod.Cell("status", "phase") is not ("Succeeded" or "Failed"))
        {
            Status = "Terminating";
        }
    }

    private void CountRestarts(JsonObject status)
    {
        _restarts += status.NumberOrZero("restartCount");
        if (HumanAge.TryParse(status.At("lastState", "terminated", "finishedAt"), out var finished)
            && !(finished <= _lastRestart))
        {
            _lastRestart = finished;
        }
    }

    private static string TerminationOf(JsonNode terminated) =>
        terminated.Cell("reason") is { Length: > 0 } reason ? reason
        : terminated.NumberOrZero("signal") is not 0 and var signal ? $"Signal:{signal}"
        : $"ExitCode:{terminated.NumberOrZero("exitCode")}";
}
