using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.Simulator.Nodes;

/// <summary>Builds <c>containerStatuses</c>.</summary>
internal static class ContainerStatusBuilder
{
    public static JsonArray Build(
        JsonObject pod, PodRun run, IReadOnlyList<ContainerRun> containers, string list, DateTimeOffset now)
    {
        var statuses = new JsonArray();
        foreach (var (container, spec) in containers.Zip(pod.Map("spec").Items(list)))
        {
            statuses.Add(Build(container, spec, run.BehaviorOf(pod, spec), now));
        }

        return statuses;
    }

    private static JsonObject Build(ContainerRun run, JsonObject spec, SimulatedBehavior behavior, DateTimeOffset now)
    {
        var hasStarted = run.HasStarted || run.Restarts > 0;
        var image = run.Image ?? spec.Text("image") ?? "";
        var status = new JsonObject
        {
            ["name"] = run.Name,
            ["state"] = State(run),
            ["lastState"] = run.LastTermination is null
                ? []
                : new JsonObject { ["terminated"] = run.LastTermination.DeepClone() },
            ["ready"] = IsReady(run, behavior, now),
            ["restartCount"] = run.Restarts,
            ["image"] = image,
            ["imageID"] = hasStarted ? ImageIdentity.FromName(image) : "",
        };
        if (hasStarted)
        {
            status["containerID"] = run.Identity(run.Name, run.Restarts);
        }

        status["started"] = run.Phase == ContainerPhase.Running && (!spec.Has("startupProbe") || now >= run.ReadyAt);
        return status;
    }

    // An init container counts as ready when it has completed.
    private static bool IsReady(ContainerRun run, SimulatedBehavior behavior, DateTimeOffset now) =>
        run.IsInit && !run.IsSidecar ? run.IsDone : run.IsReady(behavior, now);

    private static JsonObject State(ContainerRun run)
    {
        switch (run.Phase)
        {
            case ContainerPhase.Running:
                return new JsonObject
                {
                    ["running"] = new JsonObject { ["startedAt"] = Timestamps.Format(run.StartedAt) },
                };
            case ContainerPhase.Terminated:
                return new JsonObject { ["terminated"] = run.TerminatedState() };
            default:
                var waiting = new JsonObject { ["reason"] = run.Reason };
                if (run.Message is not null)
                {
                    waiting["message"] = run.Message;
                }

                return new JsonObject { ["waiting"] = waiting };
        }
    }
}

/// <summary>Stable image and container IDs, derived from names.</summary>
internal static class ImageIdentity
{
    public static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>The <c>imageID</c> of an image: its own digest if the name contains one.</summary>
    public static string FromName(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal))
        {
            return image;
        }

        var tag = image.LastIndexOf(':');
        var repository = tag > image.LastIndexOf('/') ? image[..tag] : image;
        return $"{repository}@sha256:{Digest(image)}";
    }
}
