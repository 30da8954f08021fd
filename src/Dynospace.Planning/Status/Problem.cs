using Dynospace.Api;

namespace Dynospace.Planning.Status;

/// <summary>Why the state differs from the spec: a reason, and a sentence with field, value and remedy.</summary>
public sealed record Problem(Reason Reason, string Message);

/// <summary>The result of applying a plan.</summary>
/// <param name="Problem">The failure; null if everything was applied.</param>
/// <param name="IsRetrying">
/// Whether the request itself failed and is retried, so that the failure does not concern the object.
/// </param>
public sealed record ApplyOutcome(Problem? Problem, bool IsRetrying)
{
    /// <summary>Whether the API server permanently refuses the object itself.</summary>
    public bool IsPermanent { get; init; }

    /// <summary>Everything was applied.</summary>
    public static ApplyOutcome Success { get; } = new(null, false);
}

/// <summary>How far an object is from its spec.</summary>
public enum Progress
{
    /// <summary>The object is as its spec asks.</summary>
    Done,

    /// <summary>The object makes progress without help.</summary>
    Moving,

    /// <summary>
    /// Something is missing that may appear at any time: Reconciling for a grace period, then Stalled until it is
    /// resolved.
    /// </summary>
    Waiting,

    /// <summary>The object makes no progress unless something else changes.</summary>
    Stalled,
}

/// <summary>The summary of an object's other conditions, for Ready, Reconciling and Stalled.</summary>
public sealed record ReadyState(Progress Progress, Reason Reason, string Message)
{
    /// <summary>A problem that resolves itself.</summary>
    public static ReadyState Moving(Problem problem) => new(Progress.Moving, problem.Reason, problem.Message);

    /// <summary>A problem that stays until the spec or the cluster is changed.</summary>
    public static ReadyState Stalled(Problem problem) => new(Progress.Stalled, problem.Reason, problem.Message);

    /// <summary>The state that the nature of the problem's reason implies.</summary>
    public static ReadyState FromProblem(Problem problem) => problem.Reason.Nature switch
    {
        ReasonNature.Normal or ReasonNature.Passing => Moving(problem),
        ReasonNature.MayPass => new(Progress.Waiting, problem.Reason, problem.Message),
        _ => Stalled(problem),
    };

    /// <summary>
    /// The state after a failure. A permanent refusal is Stalled at once, regardless of the nature of its reason.
    /// </summary>
    public static ReadyState FromFailure(ApplyOutcome outcome, Problem problem) =>
        outcome.IsPermanent ? Stalled(problem) : FromProblem(problem);
}
