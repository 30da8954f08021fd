using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Control;

namespace Dynospace.Controllers.Reconciling;

/// <summary>
/// How a reconcile ends: every failure is retried with back-off, at its own pace; everything else waits for a change or
/// the recheck.
/// </summary>
public static class ReconcileEnd
{
    public static ReconcileResult FromReport(ObjectKey key, ApplyReport report, TimeSpan? recheckAfter) =>
        report.FirstToRetry is { } failure
            ? throw new RetryableReconcileException(key, failure)
            : ReconcileResult.After(Earliest(recheckAfter, report.RecheckAfter));

    /// <summary>The earliest of several times to look again; null for never.</summary>
    public static TimeSpan? Earliest(params IEnumerable<TimeSpan?> times) => times.Min();

    public static ReconcileResult FromReport(
        ObjectKey key, IReadOnlyCollection<ApplyFailure> failures, TimeSpan? recheckAfter) =>
        FromReport(key, new ApplyReport { Failures = [.. failures] }, recheckAfter);
}
