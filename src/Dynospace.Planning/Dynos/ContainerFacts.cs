namespace Dynospace.Planning.Dynos;

/// <summary>What a dyno's container does.</summary>
public sealed record ContainerFacts
{
    /// <summary>Whether its process runs.</summary>
    public bool IsRunning { get; init; }

    /// <summary>Whether its process ended and was not started again yet.</summary>
    public bool HasEnded { get; init; }

    /// <summary>Whether its start-up probe succeeded.</summary>
    public bool IsStarted { get; init; }

    /// <summary>Why it waits, such as <c>CrashLoopBackOff</c>.</summary>
    public string? WaitingReason { get; init; }

    /// <summary>The kubelet's message to <see cref="WaitingReason"/>.</summary>
    public string? WaitingMessage { get; init; }

    /// <summary>How its process ended last; null when it never did.</summary>
    public TerminationFacts? LastTermination { get; init; }

    /// <summary>How often it was started again.</summary>
    public int Restarts { get; init; }
}
