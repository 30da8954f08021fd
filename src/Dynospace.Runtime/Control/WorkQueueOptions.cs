namespace Dynospace.Runtime.Control;

/// <summary>The back-off of a work queue: base, doubled for each failure in a row, up to the maximum.</summary>
public sealed record WorkQueueOptions
{
    /// <summary>The wait after the first failure; short, since most are conflicts that pass at once.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The longest wait.</summary>
    public TimeSpan MaximumDelay { get; init; } = TimeSpan.FromMinutes(2);
}
