using Dynospace.Api;

namespace Dynospace.Planning.Status;

/// <summary>Why something is not as the spec asks: a reason, and a sentence with field, value and remedy.</summary>
public sealed record Problem(Reason Reason, string Message);

/// <summary>How applying a plan went.</summary>
/// <param name="Problem">What the API server refused; null when all was applied.</param>
/// <param name="IsRetrying">Whether the failure is expected to pass, so that it is no stall.</param>
public sealed record ApplyOutcome(Problem? Problem, bool IsRetrying)
{
    /// <summary>All was applied.</summary>
    public static ApplyOutcome Success { get; } = new(null, false);
}

/// <summary>How far an object is from its spec.</summary>
internal enum Progress
{
    /// <summary>The object is as its spec asks.</summary>
    Done,

    /// <summary>The object is on its way and needs no help.</summary>
    Moving,

    /// <summary>The object does not get there unless something else changes.</summary>
    Stalled,
}

/// <summary>The sum of an object's conditions.</summary>
internal sealed record Verdict(Progress Progress, Reason Reason, string Message)
{
    public static Verdict Moving(Problem problem) => new(Progress.Moving, problem.Reason, problem.Message);

    public static Verdict Stalled(Problem problem) => new(Progress.Stalled, problem.Reason, problem.Message);

    /// <summary>A problem that keeps the plan from being applied stalls unless its reason is one that passes.</summary>
    public static Verdict OfRefusal(Problem problem) => problem.Reason.IsPassing ? Moving(problem) : Stalled(problem);

    /// <summary>A failure to apply stalls unless it is expected to pass.</summary>
    public static Verdict Of(ApplyOutcome outcome, Problem problem) => outcome.IsRetrying ? Moving(problem) : Stalled(problem);
}
