using Dynospace.Runtime.Applying;

namespace Dynospace.Runtime.Control;

/// <summary>Moves one object towards its spec, whatever woke it up.</summary>
public interface IReconciler
{
    /// <summary>
    /// Reconciles one object. A <see cref="RetryableReconcileException"/> is retried with back-off; any other exception
    /// is a defect, which is logged and also retried.
    /// </summary>
    Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken);
}

/// <summary>The result of a successful reconcile.</summary>
/// <param name="RecheckAfter">When to reconcile again even if nothing changes; null for never.</param>
public readonly record struct ReconcileResult(TimeSpan? RecheckAfter)
{
    /// <summary>Nothing to do until something changes.</summary>
    public static ReconcileResult Done => default;

    /// <summary>Reconcile again after a delay; null for <see cref="Done"/>.</summary>
    public static ReconcileResult After(TimeSpan? delay) => new(delay);
}

/// <summary>A reconcile that failed and is retried with back-off, at a pace that depends on the failure.</summary>
public sealed class RetryableReconcileException : Exception
{
    /// <summary>Makes the exception for a failure of the applier.</summary>
    public RetryableReconcileException(ObjectKey key, ApplyFailure failure)
        : base($"{key}: {failure}")
    {
        Key = key;
        Failure = failure;
        RetryAfter = failure.RetryAfter;
    }

    /// <summary>Makes the exception for any other reason.</summary>
    public RetryableReconcileException(ObjectKey key, string reason, Exception? innerException = null)
        : base($"{key}: {reason}", innerException)
    {
        Key = key;
    }

    /// <summary>Which object.</summary>
    public ObjectKey Key { get; }

    /// <summary>The applier's failure, which it has already logged; null for another reason.</summary>
    public ApplyFailure? Failure { get; }

    /// <summary>How long the server asks to wait; the back-off may be longer.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
