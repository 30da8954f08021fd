using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Nodes;

/// <summary>
/// Moves one pod as far as it gets at this moment: volumes, address, init containers, containers, or its end.
/// </summary>
internal sealed class PodProgress(ControlPlaneContext cluster, PodAddresses addresses)
{
    private readonly PodReferences _references = new(cluster);
    private readonly ContainerLifecycle _containers = new(cluster);
    private readonly PodTermination _termination = new(cluster);

    /// <summary>Moves a pod on; true when it is being deleted and nothing runs any more.</summary>
    public bool Advance(StoredObject pod, PodRun run, EventRecorder events)
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
        if (run.VolumeProblem is null)
        {
            AdvanceContainers(pod, run, events);
        }

        return false;
    }

    private void Mount(StoredObject pod, PodRun run, EventRecorder events)
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

    private void AdvanceContainers(StoredObject pod, PodRun run, EventRecorder events)
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
        foreach (var container in run.All.Where(container => container.Phase == ContainerPhase.Running))
        {
            container.End(0, "Completed", now);
        }

        return true;
    }
}
