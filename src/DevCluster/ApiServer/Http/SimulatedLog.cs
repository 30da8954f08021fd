using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using Microsoft.AspNetCore.Http;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// The log of a simulated container: one line for each run, with its start time, filtered by the options of
/// <c>pods/log</c>.
/// </summary>
internal sealed class SimulatedLog
{
    private static readonly string[] ContainerLists = ["containers", "initContainers"];
    private static readonly string[] StatusLists = ["containerStatuses", "initContainerStatuses"];

    private readonly string _container;
    private readonly int _restarts;

    private SimulatedLog(string container, int restarts, string text) =>
        (_container, _restarts, Text) = (container, restarts, text);

    public string Text { get; }

    public static SimulatedLog FromPod(StoredObject pod, IQueryCollection query)
    {
        var names = Containers(pod).Select(container => container.Text("name") ?? "").ToList();
        var name = query["container"].ToString() is { Length: > 0 } asked ? asked : names[0];
        if (!names.Contains(name))
        {
            throw ApiErrors.BadRequest($"container {name} is not valid for pod {pod.Name}");
        }

        var status = StatusOf(pod, name);
        var isPrevious = Is(query, "previous");
        var startedAt = isPrevious
            ? status?.Text("lastState", "terminated", "startedAt")
            : status?.Text("state", "running", "startedAt")
                ?? status?.Text("state", "terminated", "startedAt")
                ?? status?.Text("lastState", "terminated", "startedAt");
        if (startedAt is null)
        {
            throw ApiErrors.BadRequest(isPrevious
                ? $"previous terminated container \"{name}\" in pod \"{pod.Name}\" not found"
                : $"container \"{name}\" in pod \"{pod.Name}\" is waiting to start: ContainerCreating");
        }

        // While a container waits to restart, its last run is both the current and the previous one.
        var restarts = RestartsOf(status);
        var run = isPrevious && status!["state"]?["waiting"] is null ? restarts : restarts + 1;
        var which = run > 1 ? $" (run {run})" : "";
        var line = $"the node is simulated, so {pod.Namespace}/{pod.Name} runs no process and writes no log{which}\n";
        var isAsked = query["tailLines"].ToString() != "0" && IsYounger(startedAt, query["sinceTime"].ToString());
        return new(
            name,
            restarts,
            isAsked ? (Is(query, "timestamps") ? $"{startedAt} {line}" : line) : "");
    }

    /// <summary>Whether the run of this log has ended.</summary>
    public bool HasEnded(StoredObject pod)
    {
        var status = StatusOf(pod, _container);
        return pod.Content.Text("status", "phase") is "Succeeded" or "Failed"
            || RestartsOf(status) != _restarts
            || status?.Text("state", "running", "startedAt") is null;
    }

    private static bool IsYounger(string time, string since) =>
        !DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, out var from)
        || DateTimeOffset.Parse(time, CultureInfo.InvariantCulture) >= from;

    private static bool Is(IQueryCollection query, string option) => query[option].ToString() is "true" or "1";

    private static int RestartsOf(JsonObject? status) => (int?)status?["restartCount"] ?? 0;

    private static JsonObject? StatusOf(StoredObject pod, string container) =>
        StatusLists
            .SelectMany(list => (pod.Content["status"]?[list] as JsonArray ?? []).OfType<JsonObject>())
            .FirstOrDefault(status => status.Text("name") == container);

    private static IEnumerable<JsonObject> Containers(StoredObject pod) =>
        ContainerLists
            .SelectMany(list => (pod.Content["spec"]?[list] as JsonArray ?? []).OfType<JsonObject>());
}
