using System.Net;
using Dynospace.Runtime.Transport;

namespace Dynospace.Runtime.Applying;

/// <summary>What an apply did.</summary>
public sealed record ApplyReport
{
    /// <summary>Objects that were written.</summary>
    public IReadOnlyList<AppliedObject> Applied { get; init; } = [];

    /// <summary>Objects that were as desired already.</summary>
    public int Unchanged { get; init; }

    /// <summary>Objects that were deleted.</summary>
    public IReadOnlyList<ObjectReference> Pruned { get; init; } = [];

    /// <summary>Objects that have a desired name and belong to another owner; they were not touched.</summary>
    public IReadOnlyList<ForeignObject> Foreign { get; init; } = [];

    /// <summary>
    /// Objects that are being deleted, or whose namespace is; the owner is reconciled when they are gone.
    /// </summary>
    public IReadOnlyList<ObjectReference> Terminating { get; init; } = [];

    /// <summary>Desired objects of later stages that were not tried.</summary>
    public IReadOnlyList<ObjectReference> Withheld { get; init; } = [];

    /// <summary>What went wrong.</summary>
    public IReadOnlyList<ApplyFailure> Failures { get; init; } = [];

    /// <summary>
    /// The failure that decides when to retry: the one that is expected to pass soonest, with the longest wait that any
    /// failure asks for. Every refusal is retried, as workload controllers do, since a quota, a service account or a
    /// webhook may appear at any time. Null if nothing failed.
    /// </summary>
    public ApplyFailure? FirstToRetry => Failures.Count == 0
        ? null
        : Failures.MinBy(f => f.Class)! with { RetryAfter = Failures.Max(f => f.RetryAfter) };

    /// <summary>
    /// When to look again even if nothing changes, because work was put off until the end of a pause. Null if none was.
    /// </summary>
    public TimeSpan? RecheckAfter { get; init; }

    /// <summary>
    /// Failures in which the API server refused the request, as opposed to requests that did not reach it.
    /// </summary>
    public IEnumerable<ApplyFailure> Refusals => Failures.Where(f => f.Class != FailureClass.Transient);

    /// <summary>Whether everything desired exists as desired.</summary>
    public bool IsComplete => Foreign.Count + Terminating.Count + Withheld.Count + Failures.Count == 0;
}

/// <summary>An object that was written.</summary>
/// <param name="Reference">Which.</param>
/// <param name="Uid">Its uid.</param>
/// <param name="WasCreated">Whether it did not exist before.</param>
/// <param name="Cause">Why it was written: the first difference, for logs.</param>
public sealed record AppliedObject(ObjectReference Reference, string Uid, bool WasCreated, string Cause)
{
    /// <summary>Whether the plan changed; else the object was edited or deleted by another client.</summary>
    public bool IsNewPlan { get; init; }
}

/// <summary>An object that has a desired name and belongs to another owner.</summary>
/// <param name="Reference">Which.</param>
/// <param name="Explanation">To whom it belongs and the remedy, for a condition.</param>
public sealed record ForeignObject(ObjectReference Reference, string Explanation);

/// <summary>A request that failed.</summary>
/// <param name="Reference">Which object.</param>
/// <param name="Class">Whether time alone can heal it.</param>
/// <param name="Reason">The API's reason, or the kind of connection failure.</param>
/// <param name="Message">The API's message, at most 1 kB, fit for a condition.</param>
public sealed record ApplyFailure(ObjectReference Reference, FailureClass Class, string Reason, string Message)
{
    /// <summary>The reason used when the server stores an object differently from how it was applied.</summary>
    public const string ChangedByAdmission = "ChangedByAdmission";

    /// <summary>How long the server asks to wait before a retry.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Reference}: {Reason}: {Message}";
}

/// <summary>How long a failure lasts, in rising order. All are retried, each at its own pace.</summary>
public enum FailureClass
{
    /// <summary>Conflicts, overload, server errors, I/O and time-outs: the same request soon succeeds.</summary>
    Transient,

    /// <summary>
    /// Refused in view of other objects: a quota, a service account that is not there yet, an admission webhook or
    /// policy.
    /// </summary>
    MayPass,

    /// <summary>Refused for what the request itself says: it succeeds only when that changes.</summary>
    Permanent,
}

/// <summary>
/// The result for one desired object. At most one of the first members is set; none if the object was as desired.
/// </summary>
internal sealed record ObjectOutcome(ObjectReference Reference)
{
    public AppliedObject? Applied { get; init; }

    public ForeignObject? Foreign { get; init; }

    public bool IsTerminating { get; init; }

    public bool IsWithheld { get; init; }

    public ApplyFailure? Failure { get; init; }

    /// <summary>What is left of the pause, if work was put off until its end.</summary>
    public TimeSpan? RecheckAfter { get; init; }

    public bool IsComplete => Foreign is null && !IsTerminating && !IsWithheld && Failure is null;

    public string Name => this switch
    {
        { Applied.WasCreated: true } => "created",
        { Applied: not null } => "applied",
        { Foreign: not null } => "foreign",
        { IsTerminating: true } => "terminating",
        { IsWithheld: true } => "withheld",
        { Failure: not null } => "failed",
        _ => "unchanged",
    };

    public static ApplyReport Report(IReadOnlyCollection<ObjectOutcome> outcomes) => new()
    {
        Applied = [.. outcomes.Select(o => o.Applied).OfType<AppliedObject>()],
        Unchanged = outcomes.Count(o => o is { IsComplete: true, Applied: null }),
        Foreign = [.. outcomes.Select(o => o.Foreign).OfType<ForeignObject>()],
        Terminating = [.. outcomes.Where(o => o.IsTerminating).Select(o => o.Reference)],
        Withheld = [.. outcomes.Where(o => o.IsWithheld).Select(o => o.Reference)],
        Failures = [.. outcomes.Select(o => o.Failure).OfType<ApplyFailure>()],
        RecheckAfter = outcomes.Min(o => o.RecheckAfter),
    };
}

/// <summary>Pure: classifies failed requests by how long they keep failing.</summary>
public static class FailureClassifier
{
    /// <summary>
    /// Transient are conflicts, overload, server errors, connection failures and time-outs, and 401, since credentials
    /// are renewed outside this process. Permanent are requests that the server cannot read or in which it finds an
    /// invalid field. Every other refusal depends on the rest of the cluster and may pass.
    /// </summary>
    public static FailureClass Classify(Exception exception) => exception is ApiException api
        ? Classify(api)
        : FailureClass.Transient;

    /// <summary>The failure of a request about an object, fit for a condition.</summary>
    public static ApplyFailure Describe(ObjectReference reference, Exception exception)
    {
        var failure = exception switch
        {
            ApiException api => (api.Reason, api.Status.Message),
            TimeoutException => ("Timeout", exception.Message),
            HttpRequestException http =>
                ("ConnectionFailed", $"The API server cannot be reached: {http.HttpRequestError}."),
            IOException => ("ConnectionFailed", "The connection to the API server broke."),

            // Other messages may contain anything, from tokens to paths; they go to the log only.
            _ => (exception.GetType().Name, "The request could not be made."),
        };
        return new ApplyFailure(reference, Classify(exception), failure.Item1, Text.Cap(failure.Item2))
        {
            RetryAfter = RetryAfter(exception),
        };
    }

    /// <summary>When the server wants to be asked again.</summary>
    public static TimeSpan? RetryAfter(Exception exception) => (exception as ApiException)?.Status.RetryAfter;

    /// <summary>Whether an exception is a request's failure rather than a defect of the program.</summary>
    public static bool IsRequestFailure(Exception exception) =>
        exception is ApiException or HttpRequestException or IOException or TimeoutException;

    private static FailureClass Classify(ApiException refusal) => refusal.Code switch
    {
        < HttpStatusCode.BadRequest or >= HttpStatusCode.InternalServerError => FailureClass.Transient,
        HttpStatusCode.Unauthorized or HttpStatusCode.RequestTimeout or HttpStatusCode.Conflict
            or HttpStatusCode.Gone or HttpStatusCode.TooManyRequests => FailureClass.Transient,
        HttpStatusCode.BadRequest or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotAcceptable
            or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnsupportedMediaType => FailureClass.Permanent,

        // Validation names the invalid fields; an admission policy that refuses with the same code does not.
        HttpStatusCode.UnprocessableEntity when refusal.Status.Causes.Any(IsFieldError) => FailureClass.Permanent,
        _ => FailureClass.MayPass,
    };

    private static bool IsFieldError(string cause) => cause.StartsWith("FieldValue", StringComparison.Ordinal);
}
