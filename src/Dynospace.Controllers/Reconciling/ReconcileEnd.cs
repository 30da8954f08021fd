using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Control;

namespace Dynospace.Controllers.Reconciling;

/// <summary>How a reconcile ends: what can pass by itself is tried again with back-off, all else waits for a change or the recheck.</summary>
internal static class ReconcileEnd
{
    public static ReconcileResult Of(ObjectKey key, ApplyReport report, TimeSpan? recheckAfter) =>
        report.RetryableFailure is { } failure
            ? throw new RetryableReconcileException(key, failure)
            : ReconcileResult.After(recheckAfter);

    public static ReconcileResult Of(ObjectKey key, IReadOnlyCollection<ApplyFailure> failures, TimeSpan? recheckAfter) =>
        Of(key, new ApplyReport { Failures = [.. failures] }, recheckAfter);
}
