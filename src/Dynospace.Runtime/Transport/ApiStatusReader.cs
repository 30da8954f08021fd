using System.Net;
using System.Text.Json;

namespace Dynospace.Runtime.Transport;

/// <summary>Reads what may be shown of a refusal.</summary>
internal static class ApiStatusReader
{
    /// <summary>A Status is small; a longer body is a proxy's page, of which nothing is wanted.</summary>
    private const int LongestBody = 64 * 1024;

    private const int LongestReason = 128;

    public static async Task<ApiStatus> ReadAsync(HttpResponseMessage response, TimeProvider clock, CancellationToken cancellationToken)
    {
        var body = await ReadBodyAsync(response, cancellationToken);
        var status = TryParse(body) ?? new ApiStatus(
            response.StatusCode, response.StatusCode.ToString(), $"The server answered {(int)response.StatusCode} without a Status object.");

        // A proxy's code counts more than what the body says it was; and 410 must be found however the server says it.
        return status with { Code = response.StatusCode, RetryAfter = RetryAfter(response, clock) ?? status.RetryAfter };
    }

    /// <summary>The status of an ERROR event.</summary>
    public static ApiStatus Read(JsonElement status)
    {
        var code = JsonMembers.Number(status, "code") ?? (int)HttpStatusCode.InternalServerError;
        var details = JsonMembers.Child(status, "details", JsonValueKind.Object);
        return new ApiStatus(
            (HttpStatusCode)code,
            Text.Cap(JsonMembers.Text(status, "reason") is { Length: > 0 } reason ? reason : ((HttpStatusCode)code).ToString(), LongestReason),
            Text.Cap(JsonMembers.Text(status, "message") ?? "The server gave no message."))
        {
            Causes = details is null
                ? []
                : [.. JsonMembers.Items(details.Value, "causes").Select(c => JsonMembers.Text(c, "reason")).OfType<string>().Take(16)],
            RetryAfter = details is not null && JsonMembers.Number(details.Value, "retryAfterSeconds") is > 0 and var seconds
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

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = new byte[LongestBody];
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            return buffer.AsMemory(0, read);
        }
        catch (IOException)
        {
            // The code alone says enough.
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
