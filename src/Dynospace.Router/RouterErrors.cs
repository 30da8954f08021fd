// Dynospace.Router: the code of every failure of a request, as used in answers, log lines and metrics.

namespace Dynospace.Router;

/// <summary>How a request ended other than by a dyno's response.</summary>
/// <param name="Code">The platform's code; null where it has none.</param>
/// <param name="Description">The description in the log line.</param>
/// <param name="Status">The status that the client gets, if the response has not begun.</param>
public sealed record RouterError(string? Code, string Description, int Status)
{
    /// <summary>Intended by the app's owner and therefore not logged as an error: maintenance, a blank app.</summary>
    public bool IsExpected { get; init; }
}

/// <summary>Every failure of a request, by the platform's codes. docs/router.md has a row for each.</summary>
public static class RouterErrors
{
    public static readonly RouterError AppCrashed = new("H10", "App crashed", 503);
    public static readonly RouterError BacklogTooDeep = new("H11", "Backlog too deep", 503);
    public static readonly RouterError RequestTimeout = new("H12", "Request timeout", 503);
    public static readonly RouterError ClosedWithoutResponse = new("H13", "Connection closed without response", 503);
    public static readonly RouterError NoWebDynos = new("H14", "No web dynos running", 503);
    public static readonly RouterError IdleConnection = new("H15", "Idle connection", 503);
    public static readonly RouterError PoorlyFormattedResponse = new("H17", "Poorly formatted HTTP response", 503);
    public static readonly RouterError ServerInterrupted = new("H18", "Server Request Interrupted", 503);
    public static readonly RouterError ConnectTimeout = new("H19", "Backend connection timeout", 503);
    public static readonly RouterError BootTimeout = new("H20", "App boot timeout", 503);
    public static readonly RouterError ConnectRefused = new("H21", "Backend connection refused", 503);
    public static readonly RouterError ConnectionLimit = new("H22", "Connection limit reached", 503);
    public static readonly RouterError EndpointMisconfigured = new("H23", "Endpoint misconfigured", 400);
    public static readonly RouterError ForcedClose = new("H24", "Forced close", 503);
    public static readonly RouterError HttpRestriction = new("H25", "HTTP Restriction", 502);
    public static readonly RouterError ClientInterrupted = new("H27", "Client Request Interrupted", 499);
    public static readonly RouterError ClientIdle = new("H28", "Client Connection Idle", 408);
    public static readonly RouterError Misdirected = new("H31", "Misdirected Request", 421);
    public static readonly RouterError CertificateMismatch = new("H32", "TLS Certificate Mismatch", 421);
    public static readonly RouterError Maintenance = new("H80", "Maintenance mode", 503) { IsExpected = true };
    public static readonly RouterError BlankApp = new("H81", "Blank app", 503) { IsExpected = true };
    public static readonly RouterError PlatformError = new("H99", "Platform error", 503);
    public static readonly RouterError NoSuchHost = new(null, "No such host", 404);
    public static readonly RouterError Untrusted = new(null, "Untrusted address", 403);

    public static readonly RouterError BadRequest = RequestError(400);
    public static readonly RouterError MethodNotAllowed = RequestError(405);
    public static readonly RouterError RequestLineTooLong = RequestError(414);
    public static readonly RouterError ExpectationFailed = RequestError(417);
    public static readonly RouterError HeadersTooLarge = RequestError(431);
    public static readonly RouterError NotImplemented = RequestError(501);

    /// <summary>A request that breaks a rule of HTTP or exceeds a limit; the status states which.</summary>
    public static RouterError RequestError(int status) => new("H26", "Request Error", status);
}

/// <summary>What may still be done for a request that failed at a dyno.</summary>
public enum Retry
{
    Never,

    /// <summary>
    /// The dyno closed the connection, apparently before it saw the request. An idempotent request may be sent again
    /// over a new connection.
    /// </summary>
    NewConnection,

    /// <summary>No dyno received a byte of the request, so it may be sent to another.</summary>
    AnotherDyno,
}

/// <summary>A request cannot be served, for a reason that has a code.</summary>
/// <remarks>
/// The only exception type of the request path: the code that sees a failure first knows what it means.
/// </remarks>
public sealed class RequestFailedException(RouterError error, Retry retry = Retry.Never, Exception? reason = null)
    : Exception(error.Description, reason)
{
    public RouterError Error { get; } = error;

    public Retry Retry { get; } = retry;
}
