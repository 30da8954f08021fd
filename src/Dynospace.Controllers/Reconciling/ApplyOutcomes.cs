using Dynospace.Api;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;

namespace Dynospace.Controllers.Reconciling;

/// <summary>Expresses the result of an apply in the terms of a plan.</summary>
public static class ApplyOutcomes
{
    public static ApplyOutcome FromReport(ApplyReport report) => FromReport(report, _ => true);

    /// <summary>The outcome for some of the objects.</summary>
    public static ApplyOutcome FromReport(ApplyReport report, Func<ObjectReference, bool> isMeant)
    {
        var foreign = report.Foreign.Where(found => isMeant(found.Reference)).ToList();
        if (foreign.Count > 0)
        {
            return new ApplyOutcome(
                new Problem(Reasons.NameTaken, string.Join("; ", foreign.Select(found => found.Explanation))),
                IsRetrying: false);
        }

        if (report.Failures.Where(failure => isMeant(failure.Reference)).MaxBy(failure => failure.Class) is { } failure)
        {
            return new ApplyOutcome(ProblemOf(failure), IsRetrying: failure.Class == FailureClass.Transient)
            {
                IsPermanent = failure.Class == FailureClass.Permanent,
            };
        }

        return report.Terminating.Any(isMeant)
            ? new ApplyOutcome(
                new Problem(
                    Reasons.NamespaceTerminating, "The namespace is being deleted; nothing can be created in it."),
                IsRetrying: true)
            : ApplyOutcome.Success;
    }

    private static Problem ProblemOf(ApplyFailure failure) => new(
        failure.Reason == ApplyFailure.ChangedByAdmission ? Reasons.ChangedByAdmission : Reasons.ApplyFailed,
        $"{failure.Reference}: {failure.Message}");
}
