using System.Globalization;
using System.Text.RegularExpressions;
using DevCluster.Schema.Cel;

namespace DevCluster.Schema.Formats;

/// <summary>Durations as texts.</summary>
internal static partial class DurationFormats
{
    /// <summary>Go's durations, and Scala's: <c>1h30m</c>, <c>5 minutes</c>.</summary>
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
            nanoseconds = unchecked(nanoseconds + (unit * (long.TryParse(match.Groups[1].Value, out var count) ? count : 0)));
        }

        return isValid;
    }

    /// <summary><c>1h30m</c>, <c>-1.5s</c>, <c>250ms</c>; false beyond about 290 years.</summary>
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
                sum += decimal.Parse(number.EndsWith('.') ? number + "0" : number, CultureInfo.InvariantCulture) * GoUnit(part.Groups[2].Value);
            }

            nanoseconds = (long)(text.StartsWith('-') ? -sum : sum);
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    private static long GoUnit(string unit) => unit switch
    {
        "ns" => 1,
        "us" or "µs" or "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => CelDuration.PerSecond,
        "m" => 60 * CelDuration.PerSecond,
        _ => 3600 * CelDuration.PerSecond,
    };

    private static long LooseUnit(string unit) => unit switch
    {
        "ns" => 1,
        "us" or "µs" => 1_000,
        "ms" => 1_000_000,
        "s" => CelDuration.PerSecond,
        "m" => 60 * CelDuration.PerSecond,
        "h" or "hr" => 3600 * CelDuration.PerSecond,
        "d" => 24 * 3600 * CelDuration.PerSecond,
        "w" or "wk" => 7 * 24 * 3600 * CelDuration.PerSecond,
        _ when unit.StartsWith("nano", StringComparison.Ordinal) => 1,
        _ when unit.StartsWith("micro", StringComparison.Ordinal) => 1_000,
        _ when unit.StartsWith("milli", StringComparison.Ordinal) => 1_000_000,
        _ when unit.StartsWith("sec", StringComparison.Ordinal) => CelDuration.PerSecond,
        _ when unit.StartsWith("min", StringComparison.Ordinal) => 60 * CelDuration.PerSecond,
        _ when unit.StartsWith("hour", StringComparison.Ordinal) => 3600 * CelDuration.PerSecond,
        _ when unit.StartsWith("day", StringComparison.Ordinal) => 24 * 3600 * CelDuration.PerSecond,
        _ when unit.StartsWith("week", StringComparison.Ordinal) => 7 * 24 * 3600 * CelDuration.PerSecond,
        _ => 0,
    };

    [GeneratedRegex(@"(\d+)\s*([A-Za-zµ]+)")]
    private static partial Regex LooseDuration();

    [GeneratedRegex(@"\A(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)\z")]
    private static partial Regex GoDuration();

    [GeneratedRegex(@"(\d*\.?\d*)(ns|us|µs|μs|ms|s|m|h)")]
    private static partial Regex GoDurationPart();
}
