// Runtime: what a node needs of whatever runs its containers.

using System.Text.Json.Nodes;

namespace DevCluster.Simulator.Runtime;

/// <summary>
/// Runs pods for real in place of the simulation. The control plane's thread alone calls it, and no call waits: what
/// takes long is done aside, and <see cref="PodChanged"/> says when it is.
/// </summary>
public interface INodeRuntime
{
    /// <summary>Something happened to the pod with this uid. Raised on any thread.</summary>
    event Action<string>? PodChanged;

    /// <summary>A node has come; nothing happens to one that is known.</summary>
    void AddNode(RuntimeNode node);

    /// <summary>Gives a pod its network at the first call; says how far it is.</summary>
    SandboxState Prepare(PodSandbox sandbox);

    /// <summary>Starts a container; nothing happens if this run of it was started already.</summary>
    void Start(ContainerStart start);

    /// <summary>What a run of a container does at this moment.</summary>
    ContainerState StateOf(ContainerRunId run);

    /// <summary>Asks a run to end, or kills it.</summary>
    void Stop(ContainerRunId run, bool isKilled);

    /// <summary>Ends all that is left of a pod and takes its network away.</summary>
    void Remove(string podUid);
}

/// <summary>A node as the cluster knows it.</summary>
/// <param name="Address">Its address on the network of nodes.</param>
/// <param name="PodRange">The addresses of its pods, a CIDR.</param>
public sealed record RuntimeNode(string Name, string Address, string PodRange)
{
    /// <summary>Its IPv6 address; null for none.</summary>
    public string? Address6 { get; init; }

    /// <summary>The IPv6 addresses of its pods, a CIDR; null for none.</summary>
    public string? PodRange6 { get; init; }
}

/// <summary>What a pod's containers share.</summary>
/// <param name="Address">The pod's address, in a /30 of its own; null on the node's network.</param>
/// <param name="Pod">The pod.</param>
public sealed record PodSandbox(string PodUid, string Node, string? Address, JsonObject Pod)
{
    /// <summary>Its IPv6 address, in a /126 of its own; null for none.</summary>
    public string? Address6 { get; init; }
}

/// <summary>How far a pod's network is.</summary>
/// <param name="IsReady">Whether containers may start.</param>
/// <param name="Problem">Why it failed; it is tried again.</param>
public sealed record SandboxState(bool IsReady, string? Problem);

/// <summary>One run of a container: a restart is another.</summary>
public sealed record ContainerRunId(string PodUid, string Container, int Attempt);

/// <summary>A container to start.</summary>
/// <param name="Run">Which run.</param>
/// <param name="Node">The node.</param>
/// <param name="Pod">The pod.</param>
/// <param name="Spec">The container as the pod's spec has it.</param>
/// <param name="Environment">Its variables, with Secrets and ConfigMaps read.</param>
/// <param name="Folders">What is mounted.</param>
/// <param name="Behavior">How it is to misbehave.</param>
public sealed record ContainerStart(
    ContainerRunId Run,
    string Node,
    JsonObject Pod,
    JsonObject Spec,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyList<MountedFolder> Folders,
    ProgramBehavior Behavior);

/// <summary>A volume where a container sees it.</summary>
/// <param name="Volume">The name of the volume; containers of a pod share a folder that is empty at first.</param>
/// <param name="Path">Where.</param>
/// <param name="Files">The content; null for a folder that is empty at first and writable.</param>
public sealed record MountedFolder(string Volume, string Path, IReadOnlyDictionary<string, byte[]>? Files)
{
    /// <summary>Whether the container cannot write to it.</summary>
    public bool IsReadOnly { get; init; }
}

/// <summary>What the annotation <c>devcluster.dev/simulate</c> asks of a program.</summary>
/// <param name="ExitCode">The code to end with; null for what the program does by itself.</param>
/// <param name="KeepsRunning">Whether it runs on where others end.</param>
/// <param name="IgnoresTermination">Whether SIGTERM means nothing to it.</param>
public sealed record ProgramBehavior(int? ExitCode, bool KeepsRunning, bool IgnoresTermination)
{
    /// <summary>Whether it asks for anything.</summary>
    public bool IsOrdinary => ExitCode is null && !KeepsRunning && !IgnoresTermination;
}

/// <summary>What a run of a container does.</summary>
/// <param name="IsReady">Whether its probes say that it is ready; without probes true while it runs.</param>
/// <param name="ExitCode">How it ended; null while it starts or runs.</param>
/// <param name="Reason">Why it ended, where the code does not say it.</param>
public sealed record ContainerState(bool IsReady, int? ExitCode, string? Reason = null)
{
    /// <summary>Whether its program has begun: only then can it be entered, attached to and asked to end.</summary>
    public bool HasStarted { get; init; }

    /// <summary>The end of its log, if the container wants that as its termination message; otherwise null.</summary>
    public string? LastWords { get; init; }
}
