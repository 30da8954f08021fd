namespace Dynospace.Runtime.Control;

/// <summary>How a controller works.</summary>
public sealed record ControllerOptions
{
    /// <summary>How many objects are reconciled at once; never one object twice.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>After this a reconcile is cancelled and repeated with back-off, so that one that hangs does not cost a worker.</summary>
    public TimeSpan ReconcileTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The back-off of failing keys.</summary>
    public WorkQueueOptions Queue { get; init; } = new();
}
