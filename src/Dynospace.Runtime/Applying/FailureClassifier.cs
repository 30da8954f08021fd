using System.Net;
using Dynospace.Runtime.Transport;

namespace Dynospace.Runtime.Applying;

/// <summary>Pure: whether a failed request is worth repeating as it is.</summary>
public static class FailureClassifier
{
    /// <summary>
    /// Retryable are conflicts, overload, server errors, connection failures and time-outs, and 401, since credentials are renewed behind our
    /// back. Every other 4xx stays until somebody changes something.
    /// </summary>
    public static FailureClass Classify(Exception exception) => exception is ApiException api && IsPermanent(api.Code)
        ? FailureClass.Permanent
        : FailureClass.Retryable;

    /// <summary>The failure of a request about an object, fit for a condition.</summary>
    public static ApplyFailure Describe(ObjectReference reference, Exception exception)
    {
        var failure = exception switch
        {
            ApiException api => (api.Reason, api.Status.Message),
            TimeoutException => ("Timeout", exception.Message),
            HttpRequestException http => ("ConnectionFailed", $"The API server cannot be reached: {http.HttpRequestError}."),
            IOException => ("ConnectionFailed", "The connection to the API server broke."),

            // Other messages may hold anything, from tokens to paths; the log has them.
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

    private static bool IsPermanent(HttpStatusCode code) =>
        (int)code is >= 400 and < 500
        && code is not (HttpStatusCode.Unauthorized
            or HttpStatusCode.RequestTimeout
            or HttpStatusCode.Conflict
            or HttpStatusCode.Gone
            or HttpStatusCode.TooManyRequests);
}
