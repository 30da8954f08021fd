using System.Net;
using System.Text.Json;

namespace Dynospace.Runtime.Transport;

/// <summary>
/// A refusal by the API server. The message is the capped one of its <c>Status</c> and never the body, which may hold
/// secrets.
/// </summary>
public sealed class ApiException : Exception
{
    /// <summary>Makes the exception for a status.</summary>
    public ApiException(ApiStatus status)
        : base($"{(int)status.Code} {status.Reason}: {status.Message}")
    {
        Status = status;
    }

    /// <summary>What may be shown of the API server's answer.</summary>
    public ApiStatus Status { get; }

    /// <summary>The HTTP status code.</summary>
    public HttpStatusCode Code => Status.Code;

    /// <summary>The API's reason, as in <c>AlreadyExists</c>.</summary>
    public string Reason => Status.Reason;

    /// <summary>
    /// Whether a watch or a list must start over, since its resource version or continue token is too old.
    /// </summary>
    public bool IsGone => Code == HttpStatusCode.Gone || Reason is "Gone" or "Expired";

    /// <summary>Whether the object does not exist.</summary>
    public bool IsNotFound => Code == HttpStatusCode.NotFound;

    /// <summary>Whether the namespace is being deleted and accepts no new objects.</summary>
    public bool IsNamespaceTerminating =>
        Code == HttpStatusCode.Forbidden && Status.Causes.Contains("NamespaceTerminating");
}

/// <summary>The parts of a <c>Status</c> object that may be shown: every text is capped.</summary>
/// <param name="Code">The HTTP status code.</param>
/// <param name="Reason">The API's reason, as in <c>AlreadyExists</c>.</param>
/// <param name="Message">The message, at most 1 kB.</param>
public sealed record ApiStatus(HttpStatusCode Code, string Reason, string Message)
{
    /// <summary>The reasons of the details' causes, as in <c>NamespaceTerminating</c>.</summary>
    public IReadOnlyList<string> Causes { get; init; } = [];

    /// <summary>How long the server asks to wait before a retry.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>A line of a watch that is not an event. Its content is lost, so only a new list helps.</summary>
public sealed class UndecodableEventException(
    string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>Reads the parts of a refusal that may be shown.</summary>
internal static class ApiStatusReader
{
    /// <summary>A Status is small; a longer body is a proxy's page, which is not needed.</summary>
    private const int LongestBody = 64 * 1024;

    private const int LongestReason = 128;

    public static async Task<ApiStatus> ReadAsync(
        HttpResponseMessage response, TimeProvider clock, CancellationToken cancellationToken)
    {
        var body = await ReadBodyAsync(response, cancellationToken);
        var status = TryParse(body) ?? new ApiStatus(
            response.StatusCode,
            response.StatusCode.ToString(),
            $"The server answered {(int)response.StatusCode} without a Status object.");

        // The HTTP code, which a proxy may have changed, takes precedence over the body's; but 410 must be recognised
        // in either.
        return status with
        {
            Code = response.StatusCode,
            RetryAfter = RetryAfter(
            response, clock) ?? status.RetryAfter
        };
    }

    /// <summary>The status of an ERROR event.</summary>
    public static ApiStatus Read(JsonElement status)
    {
        var code = JsonMembers.Number(status, "code") ?? (int)HttpStatusCode.InternalServerError;
        var details = JsonMembers.Child(status, "details", JsonValueKind.Object);
        return new ApiStatus(
            (HttpStatusCode)code,
            Text.Cap(JsonMembers.Text(status, "reason") is { Length: > 0 } reason
                ? reason
                : ((HttpStatusCode)code).ToString(), LongestReason),
            Text.Cap(JsonMembers.Text(status, "message") ?? "The server gave no message."))
        {
            Causes = details is null
                ? []
                : [.. JsonMembers.Items(details.Value, "causes").Select(c =>
                    JsonMembers.Text(c, "reason")).OfType<string>().Take(16)],
            RetryAfter = details is not null && JsonMembers.Number(
                details.Value, "retryAfterSeconds") is > 0 and var seconds
                ? TimeSpan.FromSeconds(seconds)
                : null,
        };
    }

    private static ApiStatus? TryParse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return JsonMembers.Text(document.RootElement, "kind") == "Status" ? Read(document.RootElement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(
        HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = new byte[LongestBody];
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var read = await stream.ReadAtLeastAsync(
                buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            return buffer.AsMemory(0, read);
        }
        catch (IOException)
        {
            // The code alone is enough.
            return default;
        }
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider clock)
    {
        var header = response.Headers.RetryAfter;
        var wait = header?.Delta ?? (header?.Date is { } date ? date - clock.GetUtcNow() : null);
        return wait > TimeSpan.Zero ? wait : null;
    }
}
