namespace Dynospace.Runtime.Applying;

/// <summary>Brings the cluster to what a plan wants with as few writes as possible: none when it is so already.</summary>
public interface IApplier
{
    /// <summary>
    /// Applies the desired objects stage by stage and prunes what the owner no longer wants. Failures are in the report, not thrown: only
    /// cancellation is. A stage that fails withholds the later ones and the pruning.
    /// </summary>
    Task<ApplyReport> ApplyAsync(ApplySet set, CancellationToken cancellationToken);

    /// <summary>Writes a status unless it is so already; true when written. A failure is thrown as <c>RetryableReconcileException</c> or <c>TerminalReconcileException</c>; a target that is gone is none.</summary>
    Task<bool> ApplyStatusAsync(StatusUpdate update, CancellationToken cancellationToken);

    /// <summary>Deletes exactly this object, by uid; null when it is gone or going.</summary>
    Task<ApplyFailure?> DeleteAsync(LiveObject live, CancellationToken cancellationToken);

    /// <summary>Deletes exactly the object with this uid; null when it is gone or a namesake took its place.</summary>
    /// <param name="gracePeriod">How long its processes may take to end; null for what the object itself says.</param>
    Task<ApplyFailure?> DeleteAsync(
        ObjectReference reference, string? uid, TimeSpan? gracePeriod, CancellationToken cancellationToken);

    /// <summary>Adds or removes a finalizer; null when it is so already or the object is gone.</summary>
    Task<ApplyFailure?> SetFinalizerAsync(LiveObject live, string finalizer, bool present, CancellationToken cancellationToken);
}
