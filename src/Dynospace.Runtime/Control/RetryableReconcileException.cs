using Dynospace.Runtime.Applying;

namespace Dynospace.Runtime.Control;

/// <summary>A reconcile that failed for a reason that passes; it is repeated with back-off.</summary>
public sealed class RetryableReconcileException : Exception
{
    /// <summary>Makes the exception of a failure of the applier.</summary>
    public RetryableReconcileException(ObjectKey key, ApplyFailure failure)
        : base($"{key}: {failure}")
    {
        Key = key;
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

    /// <summary>When the server wants to be asked again; the back-off may be longer.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
