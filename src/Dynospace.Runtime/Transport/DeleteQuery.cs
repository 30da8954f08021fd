namespace Dynospace.Runtime.Transport;

/// <summary>How an object is deleted.</summary>
public sealed record DeleteQuery
{
    /// <summary>Only the object with this uid is deleted, not one that took its name since.</summary>
    public string? Uid { get; init; }

    /// <summary>What becomes of dependents.</summary>
    public DeletePropagation Propagation { get; init; } = DeletePropagation.Background;

    /// <summary>The grace period; null for the object's own.</summary>
    public TimeSpan? GracePeriod { get; init; }
}
