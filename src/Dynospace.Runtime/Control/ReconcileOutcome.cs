namespace Dynospace.Runtime.Control;

/// <summary>How a reconcile ended, as the metric's tag <c>result</c> says.</summary>
internal enum ReconcileOutcome
{
    Success,
    Recheck,
    Retry,
    Terminal,
    Defect,
    Interrupted,
}
