using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DevCluster.ApiServer.Http;

/// <summary>Tells the caller something beside the answer; kubectl prints it.</summary>
internal static class WarningHeaders
{
    /// <summary>Adds a warning unless it was given already. 299 is HTTP's code for a persistent one.</summary>
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
