// Runtime: the interface between a node and the runtime of its containers.

using System.Text.Json.Nodes;

namespace DevCluster.Simulator.Runtime;

/// <summary>
/// Runs pods for real in place of the simulation. Only the control plane's thread calls it, and no call blocks: slow
/// work runs in the background, and <see cref="PodChanged"/> reports its completion.
/// </summary>
public interface INodeRuntime
{
    /// <summary>Raised when the pod with this uid changes, on any thread.</summary>
    event Action<string>? PodChanged;

    /// <summary>Adds a node; does nothing for a known one.</summary>
    void AddNode(RuntimeNode node);

    /// <summary>Starts to create a pod's network on the first call, and returns the progress.</summary>
    SandboxState Prepare(PodSandbox sandbox);

    /// <summary>Starts a container; does nothing if this run was already started.</summary>
    void Start(ContainerStart start);

    /// <summary>The current state of a run.</summary>
    ContainerState StateOf(ContainerRunId run);

    /// <summary>Asks a run to terminate, or kills it.</summary>
    void Stop(ContainerRunId run, bool isKilled);

    /// <summary>Ends the remaining processes of a pod and removes its network.</summary>
    void Remove(string podUid);
}

/// <summary>A node as the cluster knows it.</summary>
/// <param name="Address">The address on the node network.</param>
/// <param name="PodRange">The CIDR of its pods.</param>
public sealed record RuntimeNode(string Name, string Address, string PodRange)
{
    /// <summary>The IPv6 address; null for none.</summary>
    public string? Address6 { get; init; }

    /// <summary>The IPv6 CIDR of its pods; null for none.</summary>
    public string? PodRange6 { get; init; }
}

/// <summary>The environment that a pod's containers share.</summary>
/// <param name="Address">The pod's address, in its own /30; null for hostNetwork.</param>
/// <param name="Pod">The pod.</param>
public sealed record PodSandbox(string PodUid, string Node, string? Address, JsonObject Pod)
{
    /// <summary>The IPv6 address, in its own /126; null for none.</summary>
    public string? Address6 { get; init; }
}

/// <summary>The progress of creating a pod's network.</summary>
/// <param name="IsReady">Whether containers may start.</param>
/// <param name="Problem">Why it failed; the creation is retried.</param>
public sealed record SandboxState(bool IsReady, string? Problem);

/// <summary>One run of a container; each restart is a new run.</summary>
public sealed record ContainerRunId(string PodUid, string Container, int Attempt);

/// <summary>A container to start.</summary>
/// <param name="Run">The run.</param>
/// <param name="Node">The node.</param>
/// <param name="Pod">The pod.</param>
/// <param name="Spec">The container in the pod's spec.</param>
/// <param name="Environment">Its variables, with values of Secrets and ConfigMaps resolved.</param>
/// <param name="Folders">The volume mounts.</param>
/// <param name="Behavior">The requested faults.</param>
public sealed record ContainerStart(
    ContainerRunId Run,
    string Node,
    JsonObject Pod,
    JsonObject Spec,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyList<MountedFolder> Folders,
    ProgramBehavior Behavior);

/// <summary>A volume mount of a container.</summary>
/// <param name="Volume">The name of the volume; an emptyDir is shared by the containers of a pod.</param>
/// <param name="Path">The mount path.</param>
/// <param name="Files">The content; null for an emptyDir.</param>
public sealed record MountedFolder(string Volume, string Path, IReadOnlyDictionary<string, byte[]>? Files)
{
    /// <summary>Whether the container cannot write to it.</summary>
    public bool IsReadOnly { get; init; }
}

/// <summary>The behavior that the annotation <c>devcluster.dev/simulate</c> requests.</summary>
/// <param name="ExitCode">The exit code; null if the program decides.</param>
/// <param name="KeepsRunning">Whether it continues where it would normally exit.</param>
/// <param name="IgnoresTermination">Whether it ignores SIGTERM.</param>
public sealed record ProgramBehavior(int? ExitCode, bool KeepsRunning, bool IgnoresTermination)
{
    /// <summary>Whether no special behavior is requested.</summary>
    public bool IsOrdinary => ExitCode is null && !KeepsRunning && !IgnoresTermination;
}

/// <summary>The state of a run.</summary>
/// <param name="IsReady">Whether its probes succeed; without probes, whether it runs.</param>
/// <param name="ExitCode">The exit code; null while it starts or runs.</param>
/// <param name="Reason">Why it ended, if the exit code does not show it.</param>
public sealed record ContainerState(bool IsReady, int? ExitCode, string? Reason = null)
{
    /// <summary>Whether its program has started: exec, attach and SIGTERM are possible only then.</summary>
    public bool HasStarted { get; init; }

    /// <summary>The end of its log, if it serves as the termination message; otherwise null.</summary>
    public string? LastWords { get; init; }
}
