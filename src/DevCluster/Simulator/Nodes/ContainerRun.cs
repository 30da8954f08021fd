using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Simulator.Runtime;

namespace DevCluster.Simulator.Nodes;

/// <summary>The node's state of one container between two syncs of its pod.</summary>
internal sealed class ContainerRun(string name, bool isInit, bool isSidecar, bool isEphemeral = false)
{
    public string Name { get; } = name;

    public bool IsInit { get; } = isInit;

    /// <summary>Whether it is an init container with restartPolicy Always.</summary>
    public bool IsSidecar { get; } = isSidecar;

    public ContainerPhase Phase { get; set; }

    /// <summary>The reason why it waits or ended.</summary>
    public string Reason { get; set; } = "ContainerCreating";

    public string? Message { get; set; }

    /// <summary>The image that runs, which may be older than the one in the spec.</summary>
    public string? Image { get; set; }

    public DateTimeOffset? StartAt { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset FinishedAt { get; set; }

    public DateTimeOffset? EndsAt { get; set; }

    public DateTimeOffset ReadyAt { get; set; }

    /// <summary>Whether a probe determines readiness. A process that is about to crash never passes it.</summary>
    public bool IsProbed { get; set; }

    public DateTimeOffset? BackoffUntil { get; set; }

    public TimeSpan Backoff { get; set; }

    public int ExitCode { get; set; }

    public int Restarts { get; set; }

    /// <summary>The termination message; null for none.</summary>
    public string? LastWords { get; set; }

    /// <summary>The termination before the current run, as shown in the status.</summary>
    public JsonObject? LastTermination { get; set; }

    public bool HasStarted => Phase is ContainerPhase.Running or ContainerPhase.Terminated;

    /// <summary>Whether it must be stopped.</summary>
    public bool IsUp => Phase is ContainerPhase.Starting or ContainerPhase.Running;

    public bool IsReady(SimulatedBehavior behavior, DateTimeOffset now) =>
        Phase == ContainerPhase.Running
        && !behavior.IsUnready
        && !(IsProbed && behavior.ExitCode is not (null or 0))
        && now >= ReadyAt;

    /// <summary>Whether this init container lets the next one start.</summary>
    public bool IsDone =>
        IsSidecar ? Phase == ContainerPhase.Running : Phase == ContainerPhase.Terminated && ExitCode == 0;

    public void Wait(string reason, string? message = null)
    {
        Phase = ContainerPhase.Waiting;
        Reason = reason;
        Message = message;
    }

    public void End(int exitCode, string reason, DateTimeOffset now)
    {
        Phase = ContainerPhase.Terminated;
        ExitCode = exitCode;
        Reason = reason;
        Message = null;
        LastWords = null;
        FinishedAt = now;
        EndsAt = null;
    }

    /// <summary>The identity of this run for a runtime.</summary>
    public ContainerRunId IdOfRun(string podUid) => new(podUid, Name, Restarts);

    /// <summary>Applies the state reported by a runtime; true if the run has ended.</summary>
    public bool Follow(ContainerState state, DateTimeOffset now)
    {
        if (state.ExitCode is { } code)
        {
            End(code, state.Reason ?? (code == 0 ? "Completed" : "Error"), now);
            LastWords = state.LastWords;
            return true;
        }

        if (Phase == ContainerPhase.Starting && state.HasStarted)
        {
            Phase = ContainerPhase.Running;
            StartedAt = now;
        }

        ReadyAt = !state.IsReady ? DateTimeOffset.MaxValue : ReadyAt > now ? now : ReadyAt;
        return false;
    }

    /// <summary>Whether it restarts, by the restart policies of the pod and of the container.</summary>
    public bool StartsAgain(string podPolicy) => !isEphemeral && (IsSidecar || StartsAgainBy(podPolicy));

    private bool StartsAgainBy(string podPolicy) => (podPolicy, IsInit) switch
    {
        ("Always", false) => true,
        ("Never", _) => false,
        _ => ExitCode != 0,
    };

    public JsonObject TerminatedState()
    {
        var state = new JsonObject
        {
            ["exitCode"] = ExitCode,
            ["reason"] = Reason,
            ["startedAt"] = Timestamps.Format(StartedAt),
            ["finishedAt"] = Timestamps.Format(FinishedAt),
            ["containerID"] = Identity(Name, Restarts),
        };
        if (LastWords is not null)
        {
            state["message"] = LastWords;
        }

        return state;
    }

    public string Identity(string containerName, int restart) =>
        "simulated://" + ImageIdentity.Digest($"{containerName}/{restart}/{StartedAt.Ticks}");

    public static bool IsSidecarSpec(JsonObject container) => container.Text("restartPolicy") == "Always";
}

/// <summary>The phase of a container's life cycle.</summary>
internal enum ContainerPhase
{
    Waiting,

    /// <summary>Passed to the runtime, which has not started the program yet.</summary>
    Starting,
    Running,
    Terminated,
}
