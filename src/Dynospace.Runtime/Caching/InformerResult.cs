using System.Net;
using Dynospace.Runtime.Transport;

namespace Dynospace.Runtime.Caching;

/// <summary>How a list or a watch ended, and why.</summary>
internal readonly record struct InformerResult(InformerOutcome Outcome, Exception? Cause = null)
{
    public TimeSpan? RetryAfter => (Cause as ApiException)?.Status.RetryAfter;

    /// <summary>Whether the server answered, and failed.</summary>
    public bool IsServerError => Outcome == InformerOutcome.Failed && Cause is ApiException { Code: >= HttpStatusCode.InternalServerError };

    public static InformerResult Of(Exception cause) => new(
        cause switch
        {
            ApiException { IsGone: true } => InformerOutcome.Gone,
            ApiException e when IsRejection(e.Code) => InformerOutcome.Rejected,
            UndecodableEventException => InformerOutcome.Undecodable,
            _ => InformerOutcome.Failed,
        },
        cause);

    /// <summary>Credentials and overload pass without the resource version becoming worthless; other 4xx put the request itself in doubt.</summary>
    private static bool IsRejection(HttpStatusCode code) =>
        (int)code is >= 400 and < 500
        && code is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests);
}
