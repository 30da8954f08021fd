using Dynospace.Runtime.Applying;

namespace Dynospace.Runtime.Control;

/// <summary>Moves one object towards its spec, whatever woke it up.</summary>
public interface IReconciler
{
    /// <summary>
    /// Reconciles one object. A <see cref="RetryableReconcileException"/> is retried with back-off; any other exception
    /// is a defect, which is logged and retried too.
    /// </summary>
    Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken);
}

/// <summary>What a reconcile that went well asks for.</summary>
/// <param name="RecheckAfter">When to look again though nothing changed; null for never.</param>
public readonly record struct ReconcileResult(TimeSpan? RecheckAfter)
{
    /// <summary>Nothing more until something changes.</summary>
    public static ReconcileResult Done => default;

    /// <summary>Look again after a while; null for <see cref="Done"/>.</summary>
    public static ReconcileResult After(TimeSpan? delay) => new(delay);
}

/// <summary>A reconcile that failed and is repeated with back-off, at the pace of its failure.</summary>
public sealed class RetryableReconcileException : Exception
{
    /// <summary>Makes the exception of a failure of the applier.</summary>
    public RetryableReconcileException(ObjectKey key, ApplyFailure failure)
        : base($"{key}: {failure}")
    {
        Key = key;
        Failure = failure;
        RetryAfter = failure.RetryAfter;
    }

    /// <summary>Makes the exception of any other reason.</summary>
    public RetryableReconcileException(ObjectKey key, string reason, Exception? innerException = null)
        : base($"{key}: {reason}", innerException)
    {
        Key = key;
    }

    /// <summary>Which object.</summary>
    public ObjectKey Key { get; }

    /// <summary>The applier's failure, which it has logged; null for another reason.</summary>
    public ApplyFailure? Failure { get; }

    /// <summary>When the server wants to be asked again; the back-off may be longer.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
