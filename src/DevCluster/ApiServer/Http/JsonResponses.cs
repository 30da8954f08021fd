using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DevCluster.ApiServer.Http;

/// <summary>Sends JSON with a Content-Length, so that small responses are sent in one piece.</summary>
internal static class JsonResponses
{
    public const string MediaType = "application/json";

    public static Task WriteJsonAsync(this HttpContext http, int code, JsonNode body, string mediaType = MediaType) =>
        http.WriteBytesAsync(code, JsonSerializer.SerializeToUtf8Bytes(body, RelaxedJson.Options), mediaType);

    public static async Task WriteBytesAsync(
        this HttpContext http, int code, ReadOnlyMemory<byte> body, string mediaType = MediaType)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = mediaType;
        http.Response.ContentLength = body.Length;
        http.Response.Headers.CacheControl = "no-cache, private";
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
        }
    }
}

/// <summary>Warning headers, which kubectl prints.</summary>
internal static class WarningHeaders
{
    /// <summary>Adds a warning once. 299 is HTTP's code for a persistent warning.</summary>
    public static void Warn(this HttpContext http, string text)
    {
        var quoted = text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal);
        var header = $"299 - \"{quoted}\"";
        if (!http.Response.Headers[HeaderNames.Warning].Contains(header))
        {
            http.Response.Headers.Append(HeaderNames.Warning, header);
        }
    }
}
