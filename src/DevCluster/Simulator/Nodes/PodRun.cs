using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;

namespace DevCluster.Simulator.Nodes;

/// <summary>The node's state of one pod.</summary>
internal sealed class PodRun
{
    private readonly IReadOnlyList<string> _annotations;
    private readonly List<ContainerRun> _ephemeral = [];

    /// <param name="annotations">The annotations by which the pod requests faults.</param>
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

    /// <summary>The ephemeral containers.</summary>
    public IReadOnlyList<ContainerRun> Ephemeral => _ephemeral;

    /// <summary>Why its network could not be created.</summary>
    public string? SandboxProblem { get; set; }

    /// <summary>The pod's own address; null until the volumes are mounted, and for hostNetwork.</summary>
    public string? OwnAddress { get; set; }

    /// <summary>The status that was last written.</summary>
    public JsonObject? Reported { get; set; }

    /// <summary>When the node syncs the pod next without a change; null if nothing is pending.</summary>
    public DateTimeOffset? WakeAt { get; set; }

    /// <summary>The time for which a timer is set, so that two syncs do not set two.</summary>
    public DateTimeOffset? TimerAt { get; set; }

    /// <summary>Why a volume cannot be mounted.</summary>
    public string? VolumeProblem { get; set; }

    /// <summary>Why the pod as a whole failed: <c>DeadlineExceeded</c>.</summary>
    public (string Reason, string Message)? Failure { get; set; }

    /// <summary>When the node began to stop its containers.</summary>
    public DateTimeOffset? StoppingSince { get; set; }

    /// <summary>Whether the node has stopped the pod and requested its removal; finalizers may still keep it.</summary>
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

    /// <summary>Requests another sync, no later than the given time.</summary>
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
