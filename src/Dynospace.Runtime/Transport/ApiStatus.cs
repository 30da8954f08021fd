using System.Net;

namespace Dynospace.Runtime.Transport;

/// <summary>The parts of a <c>Status</c> object that may be shown: every text is capped.</summary>
/// <param name="Code">The HTTP status code.</param>
/// <param name="Reason">The API's reason, as in <c>AlreadyExists</c>.</param>
/// <param name="Message">The message, at most 1 kB.</param>
public sealed record ApiStatus(HttpStatusCode Code, string Reason, string Message)
{
    /// <summary>The reasons of the details' causes, as in <c>NamespaceTerminating</c>.</summary>
    public IReadOnlyList<string> Causes { get; init; } = [];

    /// <summary>When the server wants to be asked again.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
