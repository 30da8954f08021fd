using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.Schema.Printing;

/// <summary>
/// Ages in kubectl's format, with two or three significant figures (<c>5s</c>, <c>3m20s</c>, <c>2d3h</c>).
/// </summary>
public static class HumanAge
{
    /// <summary>
    /// The age of a timestamp; <c>&lt;unknown&gt;</c> without one, <c>&lt;invalid&gt;</c> if it is invalid or in the
    /// future.
    /// </summary>
    public static string Since(JsonNode? timestamp, DateTimeOffset now) =>
        timestamp is null ? "<unknown>"
        : TryParse(timestamp, out var then) ? Format(now - then)
        : "<invalid>";

    public static string Format(TimeSpan age)
    {
        var seconds = (long)age.TotalSeconds;
        var (minutes, hours) = (seconds / 60, seconds / 3600);
        return seconds switch
        {
            < -1 => "<invalid>",
            < 0 => "0s",
            < 2 * 60 => $"{seconds}s",
            < 10 * 60 => Pair(minutes, "m", seconds % 60, "s"),
            < 3 * 3600 => $"{minutes}m",
            < 8 * 3600 => Pair(hours, "h", minutes % 60, "m"),
            < 48 * 3600 => $"{hours}h",
            < 8 * 24 * 3600 => Pair(hours / 24, "d", hours % 24, "h"),
            < 2 * 365 * 24 * 3600 => $"{hours / 24}d",
            < 8L * 365 * 24 * 3600 => Pair(hours / 24 / 365, "y", hours / 24 % 365, "d"),
            _ => $"{hours / 24 / 365}y",
        };
    }

    internal static bool TryParse(JsonNode? timestamp, out DateTimeOffset time)
    {
        time = default;
        return timestamp.Text() is { } text
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }

    private static string Pair(long major, string majorUnit, long minor, string minorUnit) =>
        minor == 0 ? $"{major}{majorUnit}" : $"{major}{majorUnit}{minor}{minorUnit}";
}
