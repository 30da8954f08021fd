using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Simulator.Controllers;
using DevCluster.Simulator.Runtime;

namespace DevCluster.Simulator.Nodes;

/// <summary>Stops the containers of a pod that is being deleted.</summary>
internal sealed class PodTermination(ControlPlaneContext cluster)
{
    private const int KilledBySignal = 137;

    /// <summary>Stops containers as far as possible now; true when none runs any more.</summary>
    public bool Advance(StoredObject pod, PodRun run, EventWriter events)
    {
        var now = cluster.Now;
        if (run.StoppingSince is null)
        {
            run.StoppingSince = now;
            foreach (var container in run.All.Where(container => container.IsUp))
            {
                events.Normal(pod, "Killing", $"Stopping container {container.Name}");
            }
        }

        var specs = pod.Content.Map("spec").Items("initContainers").Concat(pod.Content.Map("spec").Items("containers"));
        foreach (var (container, spec) in run.All.Zip(specs).Where(pair => pair.First.IsUp))
        {
            if (cluster.Options.Runtime is { } runtime)
            {
                Stop(runtime, pod, run, container, spec);
            }
            else
            {
                Stop(pod, run, container, run.BehaviorOf(pod.Content, spec), now);
            }
        }

        return !run.All.Any(container => container.IsUp);
    }

    private void Stop(
        StoredObject pod, PodRun run, ContainerRun container, SimulatedBehavior behavior, DateTimeOffset now)
    {
        var deadline = Deadline(pod, run);
        var gentle = run.StoppingSince!.Value + cluster.Options.TerminationDelay;
        var isKilled = behavior.IgnoresTermination || gentle > deadline;
        var end = isKilled ? deadline : gentle;
        if (end > now)
        {
            run.Wake(end);
        }
        else if (isKilled)
        {
            container.End(KilledBySignal, "Error", now);
        }
        else
        {
            container.End(0, "Completed", now);
        }
    }

    /// <summary>Ends a process: first the preStop hook, then SIGTERM, and SIGKILL after the grace period.</summary>
    private void Stop(INodeRuntime runtime, StoredObject pod, PodRun run, ContainerRun container, JsonObject spec)
    {
        var now = cluster.Now;
        var id = container.IdOfRun(pod.Uid);
        if (container.Follow(runtime.StateOf(id), now))
        {
            return;
        }

        var deadline = Deadline(pod, run);
        var hook = TimeSpan.FromSeconds(spec.Number("lifecycle", "preStop", "sleep", "seconds") ?? 0);
        var gentle = run.StoppingSince!.Value + hook;
        if (now >= deadline)
        {
            // The runtime reports the end, which syncs the pod again.
            runtime.Stop(id, isKilled: true);
        }
        else if (now >= gentle)
        {
            runtime.Stop(id, isKilled: false);
            run.Wake(deadline);
        }
        else
        {
            run.Wake(gentle < deadline ? gentle : deadline);
        }
    }

    // The grace period may be shortened while it runs, so it is read from the pod each time.
    private static DateTimeOffset Deadline(StoredObject pod, PodRun run)
    {
        var grace = pod.Content.Number("metadata", "deletionGracePeriodSeconds")
            ?? pod.Content.Number("spec", "terminationGracePeriodSeconds")
            ?? 30;
        return run.StoppingSince!.Value + TimeSpan.FromSeconds(grace);
    }
}
