using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Simulator.Controllers;
using DevCluster.Simulator.Runtime;

namespace DevCluster.Simulator.Nodes;

/// <summary>Advances one container: created, starting, running, ended, restarted.</summary>
internal sealed class ContainerLifecycle(ControlPlaneContext cluster)
{
    private static readonly TimeSpan ForgivenAfter = TimeSpan.FromMinutes(10);

    private readonly PodReferences _references = new(cluster);
    private readonly PodMaterials _materials = new(cluster);
    private readonly INodeRuntime? _runtime = cluster.Options.Runtime;

    public void Advance(StoredObject pod, PodRun run, ContainerRun container, JsonObject spec, EventWriter events)
    {
        var behavior = run.BehaviorOf(pod.Content, spec);
        var policy = pod.Content.Text("spec", "restartPolicy") ?? "Always";

        // With zero delays a container passes through several phases in one sync.
        while (Step(pod, run, container, spec, behavior, policy, events))
        {
        }
    }

    private bool Step(
        StoredObject pod,
        PodRun run,
        ContainerRun container,
        JsonObject spec,
        SimulatedBehavior behavior,
        string policy,
        EventWriter events)
    {
        switch (container.Phase)
        {
            case ContainerPhase.Waiting:
                return Start(pod, run, container, spec, behavior, events)
                    && (_runtime is not null || Ends(pod, container, spec, behavior, policy, run));
            case ContainerPhase.Starting:
                return Begins(pod, container, events);
            case ContainerPhase.Running:
                return Ends(pod, container, spec, behavior, policy, run) || Replaced(pod, container, spec);
            default:
                return container.StartsAgain(policy) && Restart(pod, container, events);
        }
    }

    private bool Start(
        StoredObject pod,
        PodRun run,
        ContainerRun container,
        JsonObject spec,
        SimulatedBehavior behavior,
        EventWriter events)
    {
        var now = cluster.Now;
        if (container.BackoffUntil > now)
        {
            run.Wake(container.BackoffUntil.Value);
            return false;
        }

        if (Obstacle(pod, spec, behavior) is var (reason, message))
        {
            if (container.Reason != reason)
            {
                events.Warning(pod, "Failed", $"Error: {message}", FieldPath(container));
            }

            container.Wait(reason, message);
            return false;
        }

        container.StartAt ??= now + (container.IsInit ? TimeSpan.Zero : cluster.Options.StartupDelay);
        if (container.StartAt > now)
        {
            container.Wait(run.Init.Count > 0 && !container.IsInit ? "PodInitializing" : "ContainerCreating");
            run.Wake(container.StartAt.Value);
            return false;
        }

        Run(container, spec, now);
        if (_runtime is not null)
        {
            // Its probes determine readiness.
            container.ReadyAt = DateTimeOffset.MaxValue;
            container.Phase = ContainerPhase.Starting;
            container.Reason = "ContainerCreating";
            _runtime.Start(StartOf(pod, run, container, spec, behavior));
        }
        else if (container.ReadyAt > now)
        {
            run.Wake(container.ReadyAt);
        }

        events.Normal(
            pod, "Pulled", $"Container image \"{container.Image}\" already present on machine", FieldPath(container));
        events.Normal(pod, "Created", "Container created", FieldPath(container));
        if (_runtime is null)
        {
            events.Normal(pod, "Started", "Container started", FieldPath(container));
        }

        return true;
    }

    /// <summary>Whether the runtime has started the container's program or failed to do so.</summary>
    private bool Begins(StoredObject pod, ContainerRun container, EventWriter events)
    {
        var state = _runtime!.StateOf(container.IdOfRun(pod.Uid));
        if (state.HasStarted)
        {
            events.Normal(pod, "Started", "Container started", FieldPath(container));
        }

        container.Follow(state, cluster.Now);
        return container.Phase != ContainerPhase.Starting;
    }

    private void Run(ContainerRun container, JsonObject spec, DateTimeOffset now)
    {
        container.Phase = ContainerPhase.Running;
        container.StartedAt = now;
        container.Image = spec.Text("image") ?? "";
        container.EndsAt = null;
        container.Message = null;
        container.Reason = "";
        container.IsProbed = spec.Has("readinessProbe") || spec.Has("startupProbe");
        container.ReadyAt = container.IsProbed ? now + cluster.Options.ReadinessDelay : now;
    }

    private (string Reason, string Message)? Obstacle(StoredObject pod, JsonObject spec, SimulatedBehavior behavior)
    {
        if (behavior.FailsToPull)
        {
            return ("ImagePullBackOff", $"Back-off pulling image \"{spec.Text("image")}\"");
        }

        return _references.EnvironmentProblem(pod, spec) is { } problem
            ? ("CreateContainerConfigError", problem)
            : null;
    }

    private ContainerStart StartOf(
        StoredObject pod, PodRun run, ContainerRun container, JsonObject spec, SimulatedBehavior behavior) => new(
        container.IdOfRun(pod.Uid),
        run.Node,
        pod.Content,
        spec,
        _materials.Environment(pod, run, spec),
        _materials.Folders(pod, run, spec),
        new ProgramBehavior(behavior.ExitCode, behavior.KeepsRunning, behavior.IgnoresTermination));

    private bool Ends(
        StoredObject pod,
        ContainerRun container,
        JsonObject spec,
        SimulatedBehavior behavior,
        string policy,
        PodRun run)
    {
        if (_runtime is not null)
        {
            return container.Follow(_runtime.StateOf(container.IdOfRun(pod.Uid)), cluster.Now);
        }

        var isMeantToEnd = (container.IsInit && !container.IsSidecar) || (policy != "Always" && !container.IsSidecar);
        if (behavior.KeepsRunning || (behavior.ExitCode is null && !isMeantToEnd))
        {
            container.EndsAt = null;
            return false;
        }

        var now = cluster.Now;
        container.EndsAt ??= now + cluster.Options.RunToCompletion;
        if (container.EndsAt > now)
        {
            run.Wake(container.EndsAt.Value);
            return false;
        }

        var code = behavior.ExitCode ?? 0;
        container.End(code, code == 0 ? "Completed" : "Error", now);
        container.LastWords = code != 0 && spec.Text("terminationMessagePolicy") == "FallbackToLogsOnError"
            ? $"the node is simulated, so {pod.Namespace}/{pod.Name} runs no process and writes no log"
            : null;
        return true;
    }

    private bool Replaced(StoredObject pod, ContainerRun container, JsonObject spec)
    {
        if (container.Image == spec.Text("image"))
        {
            return false;
        }

        _runtime?.Stop(container.IdOfRun(pod.Uid), isKilled: true);

        container.End(0, "Completed", cluster.Now);
        container.LastTermination = container.TerminatedState();
        container.Restarts++;
        container.Wait("ContainerCreating");
        container.StartAt = cluster.Now;
        return true;
    }

    private bool Restart(StoredObject pod, ContainerRun container, EventWriter events)
    {
        var options = cluster.Options;
        container.LastTermination = container.TerminatedState();
        if (container.FinishedAt - container.StartedAt > ForgivenAfter)
        {
            container.Backoff = TimeSpan.Zero;
        }

        // As in the kubelet, the first restart is immediate and the delay of each later one doubles.
        var wait = container.Restarts == 0
            ? TimeSpan.Zero
            : container.Backoff == TimeSpan.Zero ? options.CrashBackoff : container.Backoff;
        container.Backoff = wait == TimeSpan.Zero
            ? TimeSpan.Zero
            : TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, options.CrashBackoffLimit.Ticks));
        container.Restarts++;
        container.StartAt = cluster.Now + wait;
        container.BackoffUntil = container.StartAt;
        if (wait == TimeSpan.Zero)
        {
            container.Wait("ContainerCreating");
            return true;
        }

        var identity = $"{pod.Name}_{pod.Namespace}({pod.Uid})";
        container.Wait(
            "CrashLoopBackOff",
            $"back-off {DurationFormats.Print(wait)} restarting failed container={container.Name} pod={identity}");
        events.Warning(
            pod,
            "BackOff",
            $"Back-off restarting failed container {container.Name} in pod {identity}",
            FieldPath(container));
        return true;
    }

    private static string FieldPath(ContainerRun container) =>
        container.IsInit ? $"spec.initContainers{{{container.Name}}}" : $"spec.containers{{{container.Name}}}";
}
