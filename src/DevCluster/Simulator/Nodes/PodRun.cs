using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;

namespace DevCluster.Simulator.Nodes;

/// <summary>What the node remembers of one pod.</summary>
internal sealed class PodRun
{
    private readonly IReadOnlyList<string> _annotations;
    private readonly List<ContainerRun> _ephemeral = [];

    /// <param name="annotations">Those by which the pod asks for faults.</param>
    public PodRun(StoredObject pod, DateTimeOffset startedAt, IReadOnlyList<string> annotations)
    {
        _annotations = annotations;
        Node = pod.Content.Text("spec", "nodeName")!;
        StartedAt = startedAt;
        var spec = pod.Content.Map("spec");
        Init = [.. spec.Items("initContainers").Select(container => Run(container, true))];
        Main = [.. spec.Items("containers").Select(container => Run(container, false))];
    }

    public string Node { get; }

    public DateTimeOffset StartedAt { get; }

    public IReadOnlyList<ContainerRun> Init { get; }

    public IReadOnlyList<ContainerRun> Main { get; }

    public IEnumerable<ContainerRun> All => Init.Concat(Main);

    /// <summary>Containers that were added to look into it.</summary>
    public IReadOnlyList<ContainerRun> Ephemeral => _ephemeral;

    /// <summary>Why its network could not be made.</summary>
    public string? SandboxProblem { get; set; }

    /// <summary>Its own address; null until the volumes are mounted, and on the host network.</summary>
    public string? OwnAddress { get; set; }

    /// <summary>The status that was last written.</summary>
    public JsonObject? Reported { get; set; }

    /// <summary>When the node syncs the pod again by itself; null if nothing is pending.</summary>
    public DateTimeOffset? WakeAt { get; set; }

    /// <summary>The time for which a timer is set, so that two syncs do not set two.</summary>
    public DateTimeOffset? TimerAt { get; set; }

    /// <summary>What keeps the volumes from being mounted.</summary>
    public string? VolumeProblem { get; set; }

    /// <summary>Why the pod failed as a whole: <c>DeadlineExceeded</c>.</summary>
    public (string Reason, string Message)? Failure { get; set; }

    /// <summary>When its containers were asked to stop.</summary>
    public DateTimeOffset? StoppingSince { get; set; }

    /// <summary>The node has stopped the pod and asked for its removal; finalizers may still keep it.</summary>
    public bool IsFinished { get; set; }

    public bool IsBlocked =>
        VolumeProblem is not null || All.Any(container => container.Reason == "CreateContainerConfigError");

    public bool IsInitialized => Init.All(container => container.IsDone);

    public ContainerRun EphemeralOf(string name)
    {
        var found = _ephemeral.Find(container => container.Name == name);
        if (found is null)
        {
            _ephemeral.Add(found = new ContainerRun(name, isInit: false, isSidecar: false, isEphemeral: true));
        }

        return found;
    }

    public SimulatedBehavior BehaviorOf(JsonObject pod, JsonObject container) =>
        SimulatedBehavior.FromPod(pod, container, _annotations);

    /// <summary>Asks for another sync, no later than the given time.</summary>
    public void Wake(DateTimeOffset at)
    {
        if (WakeAt is null || at < WakeAt)
        {
            WakeAt = at;
        }
    }

    private static ContainerRun Run(JsonObject container, bool isInit) =>
        new(container.Text("name") ?? "", isInit, isInit && ContainerRun.IsSidecarSpec(container));
}
