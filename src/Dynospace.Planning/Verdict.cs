using Dynospace.Api;

namespace Dynospace.Planning;

/// <summary>The sum of an object's conditions.</summary>
internal sealed record Verdict(Progress Progress, Reason Reason, string Message)
{
    public static Verdict Moving(Problem problem) => new(Progress.Moving, problem.Reason, problem.Message);

    public static Verdict Stalled(Problem problem) => new(Progress.Stalled, problem.Reason, problem.Message);

    /// <summary>What cannot be applied stalls unless its reason is one that passes.</summary>
    public static Verdict OfRefusal(Problem problem) => problem.Reason.IsPassing ? Moving(problem) : Stalled(problem);

    /// <summary>A failure to apply stalls unless it is expected to pass.</summary>
    public static Verdict Of(ApplyOutcome outcome, Problem problem) => outcome.IsRetrying ? Moving(problem) : Stalled(problem);
}
