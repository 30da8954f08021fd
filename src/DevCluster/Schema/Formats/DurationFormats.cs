using System.Globalization;
using System.Text.RegularExpressions;

namespace DevCluster.Schema.Formats;

/// <summary>Parses and formats durations.</summary>
internal static partial class DurationFormats
{
    /// <summary>Nanoseconds in a second.</summary>
    public const long PerSecond = 1_000_000_000;

    /// <summary>Parses durations of Go and Scala: <c>1h30m</c>, <c>5 minutes</c>.</summary>
    public static bool TryParseDuration(string text, out long nanoseconds)
    {
        if (TryParseGoDuration(text, out nanoseconds))
        {
            return true;
        }

        var isValid = false;
        foreach (Match match in LooseDuration().Matches(text))
        {
            var unit = LooseUnit(match.Groups[2].Value.ToLowerInvariant());
            isValid |= unit > 0;
            nanoseconds = unchecked(nanoseconds
                + (unit * (long.TryParse(match.Groups[1].Value, out var count) ? count : 0)));
        }

        return isValid;
    }

    /// <summary>Parses <c>1h30m</c>, <c>-1.5s</c>, <c>250ms</c>; false beyond about 290 years.</summary>
    public static bool TryParseGoDuration(string text, out long nanoseconds)
    {
        nanoseconds = 0;
        var body = text.TrimStart('+', '-');
        if (text.Length - body.Length > 1 || !GoDuration().IsMatch(body))
        {
            return false;
        }

        try
        {
            var sum = 0m;
            foreach (Match part in GoDurationPart().Matches(body))
            {
                var number = "0" + part.Groups[1].Value;
                sum +=
                    decimal.Parse(
                        number.EndsWith('.') ? number + "0" : number,
                        CultureInfo.InvariantCulture) * GoUnit(part.Groups[2].Value);
            }

            nanoseconds = (long)(text.StartsWith('-') ? -sum : sum);
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    /// <summary>Formats as Go does: <c>10s</c>, <c>1m20s</c>, <c>5m0s</c>.</summary>
    public static string Print(TimeSpan duration)
    {
        if (duration < TimeSpan.FromSeconds(1))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds}ms");
        }

        var minutes = (int)duration.TotalMinutes;
        var seconds = duration.TotalSeconds - (minutes * 60);
        return minutes == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds}s")
            : string.Create(CultureInfo.InvariantCulture, $"{minutes}m{seconds}s");
    }

    private static long GoUnit(string unit) => unit switch
    {
        "ns" => 1,
        "us" or "µs" or "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => PerSecond,
        "m" => 60 * PerSecond,
        _ => 3600 * PerSecond,
    };

    private static long LooseUnit(string unit) => unit switch
    {
        "ns" => 1,
        "us" or "µs" => 1_000,
        "ms" => 1_000_000,
        "s" => PerSecond,
        "m" => 60 * PerSecond,
        "h" or "hr" => 3600 * PerSecond,
        "d" => 24 * 3600 * PerSecond,
        "w" or "wk" => 7 * 24 * 3600 * PerSecond,
        _ when unit.StartsWith("nano", StringComparison.Ordinal) => 1,
        _ when unit.StartsWith("micro", StringComparison.Ordinal) => 1_000,
        _ when unit.StartsWith("milli", StringComparison.Ordinal) => 1_000_000,
        _ when unit.StartsWith("sec", StringComparison.Ordinal) => PerSecond,
        _ when unit.StartsWith("min", StringComparison.Ordinal) => 60 * PerSecond,
        _ when unit.StartsWith("hour", StringComparison.Ordinal) => 3600 * PerSecond,
        _ when unit.StartsWith("day", StringComparison.Ordinal) => 24 * 3600 * PerSecond,
        _ when unit.StartsWith("week", StringComparison.Ordinal) => 7 * 24 * 3600 * PerSecond,
        _ => 0,
    };

    [GeneratedRegex(@"(\d+)\s*([A-Za-zµ]+)")]
    private static partial Regex LooseDuration();

    [GeneratedRegex(@"\A(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)\z")]
    private static partial Regex GoDuration();

    [GeneratedRegex(@"(\d*\.?\d*)(ns|us|µs|μs|ms|s|m|h)")]
    private static partial Regex GoDurationPart();
}
