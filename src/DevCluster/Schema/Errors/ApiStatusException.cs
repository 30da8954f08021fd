using System.Text.Json.Nodes;

namespace DevCluster.Schema.Errors;

/// <summary>
/// A request the API refuses; becomes a <c>Status</c> object with the reason and code of the real API.
/// </summary>
public sealed class ApiStatusException(
    int code, string reason, string message, JsonObject? details = null) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Code { get; } = code;

    /// <summary>The machine-readable reason: <c>NotFound</c>, <c>Invalid</c>, <c>Conflict</c>, ...</summary>
    public string Reason { get; } = reason;

    /// <summary><c>status.details</c>: group, kind, name, uid, causes, retryAfterSeconds.</summary>
    public JsonObject? Details { get; } = details;
}
