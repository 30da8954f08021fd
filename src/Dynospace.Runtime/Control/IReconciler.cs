namespace Dynospace.Runtime.Control;

/// <summary>Moves one object towards its spec, whatever woke it up.</summary>
public interface IReconciler
{
    /// <summary>
    /// Reconciles one object. Throw <see cref="RetryableReconcileException"/> to be called again with back-off,
    /// <see cref="TerminalReconcileException"/> not to be; any other exception is a defect, logged and retried with back-off.
    /// </summary>
    Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken);
}
