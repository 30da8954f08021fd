using System.Globalization;
using System.Text.Json.Nodes;

namespace DevCluster.Schema.Json;

/// <summary>Formats times as the API does.</summary>
internal static class Timestamps
{
    /// <summary>The <c>Time</c> of meta/v1: whole seconds.</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The <c>MicroTime</c> of meta/v1.</summary>
    public static string MicroOf(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    public static DateTimeOffset? Read(this JsonNode? node, params ReadOnlySpan<string> path) =>
        DateTimeOffset.TryParse(
            node.Text(path), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
