namespace Dynospace.Runtime.Events;

/// <summary>Who reports, and how much is remembered.</summary>
public sealed record EventRecorderOptions
{
    /// <summary>The reporting component, as in <c>example-operator</c>.</summary>
    public required string Component { get; init; }

    /// <summary>The reporting process.</summary>
    public required string Instance { get; init; }

    /// <summary>How many events wait at most; further ones are dropped and counted.</summary>
    public int QueueCapacity { get; init; } = 1_000;

    /// <summary>Of how many events repeats are recognised.</summary>
    public int RememberedEvents { get; init; } = 4_096;

    /// <summary>How long after an event an equal one counts as a repeat.</summary>
    public TimeSpan RepeatWindow { get; init; } = TimeSpan.FromMinutes(10);
}
