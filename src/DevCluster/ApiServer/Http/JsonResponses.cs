using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using Microsoft.AspNetCore.Http;

namespace DevCluster.ApiServer.Http;

/// <summary>Sends JSON with a length, so that small answers go out in one piece.</summary>
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
