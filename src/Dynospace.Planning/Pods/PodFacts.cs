// Pods: the facts of a pod that plans need, read without decoding the rest.

using System.Text.Json;

namespace Dynospace.Planning.Pods;

/// <summary>The cached part of a pod. A whole pod is ten times as large, and there is one for each dyno.</summary>
public sealed record PodFacts
{
    /// <summary>The namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The pod's name.</summary>
    public required string Name { get; init; }

    /// <summary>The pod's UID.</summary>
    public required string Uid { get; init; }

    /// <summary>When it was created; null if not stated.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The resource version of these facts.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>The UID of its controlling owner; null if it has none.</summary>
    public string? OwnerUid { get; init; }

    /// <summary>The name of the Dyno that owns it; null for a pod that is not a dyno.</summary>
    public string? Dyno { get; init; }

    /// <summary>
    /// The digest of the labels by which policies and Services select it: see <see cref="PodLabels"/>. 0 for a pod that
    /// is not a dyno.
    /// </summary>
    public ulong LabelDigest { get; init; }

    /// <summary>Whether it is a dyno with the label by which the DNS of its space finds it.</summary>
    public bool HasName { get; init; }

    /// <summary>The facts of a trial's canary; null for any other pod.</summary>
    public CanaryFacts? Canary { get; init; }

    /// <summary>The hash of the template that it was made from.</summary>
    public string? TemplateHash { get; init; }

    /// <summary>The fixed IPs that a dyno's pod was made with, separated by a comma; null for none.</summary>
    public string? OutboundIPs { get; init; }

    /// <summary>Why its gate still delays it; null if it does not, or if there is no gate.</summary>
    public string? GateMessage { get; init; }

    /// <summary>The init container whose image cannot be pulled; null for none.</summary>
    public string? WithoutImage { get; init; }

    /// <summary>The release that it runs.</summary>
    public long? Release { get; init; }

    /// <summary>The phase.</summary>
    public PodPhase Phase { get; init; }

    /// <summary>The pod's own reason, such as <c>Evicted</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>The pod's own message, or the scheduler's if it fits no node.</summary>
    public string? Message { get; init; }

    /// <summary>Whether it is ready.</summary>
    public bool IsReady { get; init; }

    /// <summary>Whether the scheduler found no node.</summary>
    public bool IsUnschedulable { get; init; }

    /// <summary>Whether it is being deleted.</summary>
    public bool IsTerminating { get; init; }

    /// <summary>The address.</summary>
    public string? IP { get; init; }

    /// <summary>The address of the other family; null if the cluster has one family.</summary>
    public string? OtherIP { get; init; }

    /// <summary>Its addresses, one of each family that it has; empty before it has one.</summary>
    public IReadOnlyList<string> Addresses => (IP, OtherIP) switch
    {
        ({ Length: > 0 }, { Length: > 0 }) => [IP, OtherIP],
        ({ Length: > 0 }, _) => [IP],
        (_, { Length: > 0 }) => [OtherIP],
        _ => [],
    };

    /// <summary>Whether it uses its node's network and has no address of its own.</summary>
    public bool IsInHostNetwork { get; init; }

    /// <summary>Whether it uses a DNS that its spec names instead of the cluster's.</summary>
    public bool HasOwnDns { get; init; }

    /// <summary>The finalizers that delay its deletion; usually empty.</summary>
    public IReadOnlyList<string> Finalizers { get; init; } = [];

    /// <summary>The node.</summary>
    public string? Node { get; init; }

    /// <summary>The state of its container; null before the kubelet reports it.</summary>
    public ContainerFacts? Container { get; init; }

    /// <summary>The labels of a pod that is not a dyno, for the selectors of data services; empty for dynos.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => Phase is PodPhase.Succeeded or PodPhase.Failed;

    /// <summary>The facts of a pod in JSON.</summary>
    public static PodFacts Parse(JsonElement pod) => PodParser.Parse(pod);
}

/// <summary>The phases of a pod.</summary>
public enum PodPhase
{
    /// <summary>The node is lost, or the phase is not known.</summary>
    Unknown,

    /// <summary>Not all containers run yet.</summary>
    Pending,

    /// <summary>At least one container runs or restarts.</summary>
    Running,

    /// <summary>All containers ended with exit code 0.</summary>
    Succeeded,

    /// <summary>All containers ended, at least one with an error; or the pod was evicted.</summary>
    Failed,
}

/// <summary>The state of a dyno's container.</summary>
public sealed record ContainerFacts
{
    /// <summary>Whether its process runs.</summary>
    public bool IsRunning { get; init; }

    /// <summary>When the running process was started; null if none runs.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Whether its process has ended and was not started again yet.</summary>
    public bool HasEnded { get; init; }

    /// <summary>Whether its start-up probe succeeded.</summary>
    public bool IsStarted { get; init; }

    /// <summary>Why it waits, such as <c>CrashLoopBackOff</c>.</summary>
    public string? WaitingReason { get; init; }

    /// <summary>The kubelet's message to <see cref="WaitingReason"/>.</summary>
    public string? WaitingMessage { get; init; }

    /// <summary>How its process ended last; null if it never did.</summary>
    public TerminationFacts? LastTermination { get; init; }

    /// <summary>The number of restarts.</summary>
    public int Restarts { get; init; }
}

/// <summary>How a process ended.</summary>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Reason">The kubelet's reason, such as <c>OOMKilled</c>.</param>
/// <param name="RunTime">How long it ran; null if not reported.</param>
public sealed record TerminationFacts(int ExitCode, string? Reason, TimeSpan? RunTime)
{
    /// <summary>When it ended; null if not reported.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The end of its log; only of a release phase that failed.</summary>
    public string? LastWords { get; init; }
}

/// <summary>Facts of the pods of a trial only.</summary>
/// <param name="Role">One of <see cref="Api.CanaryRoles"/>.</param>
/// <param name="CreatedAt">When it was created.</param>
public sealed record CanaryFacts(string Role, DateTimeOffset? CreatedAt);

/// <summary>The names of containers in the pods of dynos and canaries.</summary>
public static class ContainerNames
{
    /// <summary>The container of a dyno's process.</summary>
    public const string Dyno = "dyno";

    /// <summary>The container of a canary.</summary>
    public const string Canary = "canary";

    /// <summary>The init container that delays a dyno until its packets leave from its fixed IP.</summary>
    public const string Gate = "gate";

    /// <summary>The container that records the input of a run.</summary>
    public const string Recorder = "recorder";

    /// <summary>The init container that installs the recorder.</summary>
    public const string RecorderSetup = "recorder-setup";
}
