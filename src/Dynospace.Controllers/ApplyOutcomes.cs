using Dynospace.Api;
using Dynospace.Runtime.Applying;

namespace Dynospace.Controllers;

/// <summary>Says in a plan's terms how its application went.</summary>
internal static class ApplyOutcomes
{
    public static ApplyOutcome Of(ApplyReport report)
    {
        if (report.Foreign.Count > 0)
        {
            return new ApplyOutcome(new Problem(Reasons.NameTaken, string.Join("; ", report.Foreign.Select(f => f.Explanation))), IsRetrying: false);
        }

        if (report.PermanentFailures.FirstOrDefault() is { } permanent)
        {
            return new ApplyOutcome(ProblemOf(permanent), IsRetrying: false);
        }

        if (report.RetryableFailure is { } retryable)
        {
            return new ApplyOutcome(ProblemOf(retryable), IsRetrying: true);
        }

        return report.Terminating.Count > 0
            ? new ApplyOutcome(new Problem(Reasons.NamespaceTerminating, "The namespace is being deleted; nothing can be created in it."), IsRetrying: true)
            : ApplyOutcome.Success;
    }

    private static Problem ProblemOf(ApplyFailure failure) => new(Reasons.ApplyFailed, $"{failure.Reference}: {failure.Message}");
}
