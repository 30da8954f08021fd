using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Simulator.Controllers;
using DevCluster.Simulator.Runtime;

namespace DevCluster.Simulator.Nodes;

/// <summary>
/// Advances one pod as far as possible now: volumes, address, init containers, containers, or termination.
/// </summary>
internal sealed class PodProgress(ControlPlaneContext cluster, PodAddresses addresses)
{
    private readonly PodReferences _references = new(cluster);
    private readonly ContainerLifecycle _containers = new(cluster);
    private readonly PodTermination _termination = new(cluster);

    /// <summary>Advances a pod; true if it is being deleted and none of its containers runs any more.</summary>
    public bool Advance(StoredObject pod, PodRun run, EventWriter events)
    {
        if (pod.Content.IsTerminating())
        {
            return _termination.Advance(pod, run, events);
        }

        if (pod.Content.Text("status", "phase") is "Succeeded" or "Failed" || IsPastDeadline(pod, run))
        {
            return false;
        }

        Mount(pod, run, events);
        if (run.VolumeProblem is null && HasNetwork(pod, run, events))
        {
            AdvanceContainers(pod, run, events);
            AdvanceEphemeral(pod, run, events);
        }

        return false;
    }

    private void Mount(StoredObject pod, PodRun run, EventWriter events)
    {
        if (run.OwnAddress is not null || run.All.Any(container => container.Phase != ContainerPhase.Waiting))
        {
            return;
        }

        var problem = _references.VolumeProblem(pod);
        if (problem is not null && problem != run.VolumeProblem)
        {
            events.Warning(pod, "FailedMount", problem);
        }

        run.VolumeProblem = problem;
        if (problem is null)
        {
            addresses.Assign(pod, run);
        }
        else if (run.Init.Count > 0)
        {
            foreach (var container in run.Main)
            {
                container.Wait("PodInitializing");
            }
        }
    }

    /// <summary>Requests the pod's network first, if pods really run.</summary>
    private bool HasNetwork(StoredObject pod, PodRun run, EventWriter events)
    {
        if (cluster.Options.Runtime is not { } runtime)
        {
            return true;
        }

        var state = runtime.Prepare(new PodSandbox(pod.Uid, run.Node, run.OwnAddress, pod.Content)
        {
            Address6 = run.OwnAddress is { } address ? cluster.Options.SecondFamily?.PodAddress(address) : null,
        });
        if (state.Problem is { } problem && problem != run.SandboxProblem)
        {
            events.Warning(pod, "FailedCreatePodSandBox", $"Failed to create pod sandbox: {problem}");
            run.SandboxProblem = problem;
        }

        return state.IsReady;
    }

    /// <summary>Advances ephemeral containers, which run once, and only if pods really run.</summary>
    private void AdvanceEphemeral(StoredObject pod, PodRun run, EventWriter events)
    {
        if (cluster.Options.Runtime is null)
        {
            return;
        }

        foreach (var spec in pod.Content.Map("spec").Items("ephemeralContainers"))
        {
            var container = run.EphemeralOf(spec.Text("name") ?? "");
            _containers.Advance(pod, run, container, spec, events);
        }
    }

    private void AdvanceContainers(StoredObject pod, PodRun run, EventWriter events)
    {
        var spec = pod.Content.Map("spec");
        foreach (var (container, containerSpec) in run.Init.Zip(spec.Items("initContainers")))
        {
            _containers.Advance(pod, run, container, containerSpec, events);
            if (!container.IsDone)
            {
                foreach (var later in run.All.Where(later => later.StartAt is null && later != container))
                {
                    later.Wait("PodInitializing");
                }

                return;
            }
        }

        foreach (var (container, containerSpec) in run.Main.Zip(spec.Items("containers")))
        {
            _containers.Advance(pod, run, container, containerSpec, events);
        }
    }

    private bool IsPastDeadline(StoredObject pod, PodRun run)
    {
        if (pod.Content.Number("spec", "activeDeadlineSeconds") is not { } seconds)
        {
            return false;
        }

        var now = cluster.Now;
        var deadline = run.StartedAt + TimeSpan.FromSeconds(seconds);
        if (deadline > now)
        {
            run.Wake(deadline);
            return false;
        }

        run.Failure = ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
        foreach (var container in run.All.Where(container => container.IsUp))
        {
            cluster.Options.Runtime?.Stop(container.IdOfRun(pod.Uid), isKilled: true);
            container.End(0, "Completed", now);
        }

        return true;
    }
}
