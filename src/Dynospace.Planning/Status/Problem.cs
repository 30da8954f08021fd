using Dynospace.Api;

namespace Dynospace.Planning.Status;

/// <summary>Why something is not as the spec asks: a reason, and a sentence with field, value and remedy.</summary>
public sealed record Problem(Reason Reason, string Message);

/// <summary>How applying a plan went.</summary>
/// <param name="Problem">What the API server refused; null when all was applied.</param>
/// <param name="IsRetrying">Whether the request failed on its way, so that the failure says nothing about the
/// object.</param>
public sealed record ApplyOutcome(Problem? Problem, bool IsRetrying)
{
    /// <summary>Whether the API server refuses the object itself, which no time heals.</summary>
    public bool IsPermanent { get; init; }

    /// <summary>All was applied.</summary>
    public static ApplyOutcome Success { get; } = new(null, false);
}

/// <summary>How far an object is from its spec.</summary>
public enum Progress
{
    /// <summary>The object is as its spec asks.</summary>
    Done,

    /// <summary>The object is on its way and needs no help.</summary>
    Moving,

    /// <summary>
    /// Something is missing that may come at any time: on its way for a grace, then stalled until it heals.
    /// </summary>
    Waiting,

    /// <summary>The object does not get there unless something else changes.</summary>
    Stalled,
}

/// <summary>What Ready, Reconciling and Stalled say of an object: the sum of its other conditions.</summary>
public sealed record ReadyState(Progress Progress, Reason Reason, string Message)
{
    /// <summary>It passes by itself.</summary>
    public static ReadyState Moving(Problem problem) => new(Progress.Moving, problem.Reason, problem.Message);

    /// <summary>It stays until the spec or the cluster is changed.</summary>
    public static ReadyState Stalled(Problem problem) => new(Progress.Stalled, problem.Reason, problem.Message);

    /// <summary>The nature of the reason decides.</summary>
    public static ReadyState FromProblem(Problem problem) => problem.Reason.Nature switch
    {
        ReasonNature.Normal or ReasonNature.Passing => Moving(problem),
        ReasonNature.MayPass => new(Progress.Waiting, problem.Reason, problem.Message),
        _ => Stalled(problem),
    };

    /// <summary>A refusal that no time heals stalls at once, whatever the nature of its reason.</summary>
    public static ReadyState FromFailure(ApplyOutcome outcome, Problem problem) =>
        outcome.IsPermanent ? Stalled(problem) : FromProblem(problem);
}
