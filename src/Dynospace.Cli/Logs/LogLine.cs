using System.Globalization;
using System.Text.Json.Nodes;

namespace Dynospace.Cli.Logs;

// The merged logs of an app: what to read of each pod, how far it was read, and how a line is shown.

/// <summary>A line that a dyno wrote, or its router about a request.</summary>
/// <param name="Time">Nanoseconds since 1970, by the clock of its node.</param>
/// <param name="Dyno">Which dyno, without the app's name, as in <c>web.1</c>, or <c>router</c>.</param>
/// <param name="Source">One of <see cref="LogSources"/>.</param>
/// <param name="Pod">The pod that ran it, or the router's process.</param>
/// <param name="Text">The line.</param>
public sealed record LogLine(long Time, string Dyno, string Source, string Pod, string Text);

/// <summary>Times of log lines in nanoseconds, which .NET's own types cannot hold.</summary>
internal static class LogTimes
{
    private const long NanosecondsPerTick = 100;
    private const int DigitsOfNanoseconds = 9;

    /// <summary>Splits a line into its time, which the kubelet adds, and its text; null if it has no time.</summary>
    public static (long Time, string Text)? Split(string line)
    {
        var blank = line.IndexOf(' ', StringComparison.Ordinal);
        var stamp = blank < 0 ? line : line[..blank];
        return Parse(stamp) is { } time ? (time, blank < 0 ? "" : line[(blank + 1)..]) : null;
    }

    /// <summary>The time of RFC 3339 with up to nine digits of a second.</summary>
    public static long? Parse(string stamp)
    {
        var point = stamp.IndexOf('.', StringComparison.Ordinal);
        var end = point < 0 ? -1 : stamp.AsSpan(point + 1).IndexOfAnyExceptInRange('0', '9');
        var digits = point < 0 ? "" : end < 0 ? stamp[(point + 1)..] : stamp.Substring(point + 1, end);
        var whole = digits.Length == 0 ? stamp : stamp.Remove(point, digits.Length + 1);
        return digits.Length <= DigitsOfNanoseconds
            && DateTimeOffset.TryParseExact(
                whole,
                "yyyy-MM-dd'T'HH:mm:ssK",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var seconds)
            ? FromTime(seconds)
                + (digits.Length == 0
                    ? 0
                    : long.Parse(digits.PadRight(DigitsOfNanoseconds, '0'), CultureInfo.InvariantCulture))
            : null;
    }

    public static DateTimeOffset ToTime(long nanoseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / NanosecondsPerTick);

    public static long FromTime(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * NanosecondsPerTick;
}

/// <summary>
/// How far the log of one pod was read. Reading resumes at a whole second, since the API server knows no finer time.
/// Lines of that second that were already seen are skipped, even if standard output and error are slightly out of
/// order, so that no line is lost or shown twice.
/// </summary>
internal sealed class LogPosition
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly Dictionary<(long Time, string Text), int> _seen = [];
    private Dictionary<(long Time, string Text), int> _expected = [];
    private long _second = long.MinValue;
    private long _oldest = long.MinValue;
    private long _from = long.MinValue;

    /// <summary>The time to read from; null for the beginning.</summary>
    public DateTimeOffset? Since =>
        Math.Max(_second, _oldest) is > long.MinValue and var time ? LogTimes.ToTime(time) : null;

    /// <summary>Leaves out all lines before a time.</summary>
    public void BeginAt(long time) => _oldest = Math.Max(_oldest, time);

    /// <summary>Another reading begins, at <see cref="Since"/> or before.</summary>
    public void Rewind() => (_from, _expected) = (Math.Max(_second, _oldest), new(_seen));

    /// <summary>Whether a line is new.</summary>
    public bool Advance(long time, string text)
    {
        if (time < _from)
        {
            return false;
        }

        var line = (time, text);
        if (_expected.TryGetValue(line, out var count) && count > 0)
        {
            _expected[line] = count - 1;
            return false;
        }

        var second = time - (time % NanosecondsPerSecond);
        if (second > _second)
        {
            _second = second;
            foreach (var old in _seen.Keys.Where(seen => seen.Time < second).ToList())
            {
                _seen.Remove(old);
            }
        }

        if (second == _second)
        {
            _seen[line] = _seen.GetValueOrDefault(line) + 1;
        }

        return true;
    }
}

/// <summary>Writes lines for people, or one JSON object each.</summary>
public sealed class LogWriter(TextWriter output, bool isJson, bool isColoured)
{
    private const string Reset = "\e[0m";

    /// <summary>Of lines that the platform writes about an app.</summary>
    private const string Platform = "dynospace";

    /// <summary>Readable on a dark and on a light background.</summary>
    private static readonly string[] Colours = ["\e[36m", "\e[33m", "\e[32m", "\e[35m", "\e[34m", "\e[31m"];

    private readonly Dictionary<string, string> _colours = new(StringComparer.Ordinal);

    public void Write(LogLine line)
    {
        var time = LogTimes.ToTime(line.Time);
        if (isJson)
        {
            output.WriteLine(new JsonObject
            {
                ["time"] = time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
                ["source"] = line.Source,
                ["dyno"] = line.Dyno,
                ["pod"] = line.Pod,
                ["message"] = line.Text,
            }.ToJsonString(Terminal.PrintedJson.OnOneLine));
            return;
        }

        var stamp = time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);
        var prefix = $"{stamp} {OriginOf(line)}[{line.Dyno}]:";
        output.WriteLine(isColoured ? $"{ColourOf(line.Dyno)}{prefix}{Reset} {line.Text}" : $"{prefix} {line.Text}");
    }

    public void Flush() => output.Flush();

    /// <summary>No dyno can write what looks like a line of the platform.</summary>
    private static string OriginOf(LogLine line) =>
        line.Source is LogSources.Router or LogSources.Recorder ? Platform : LogSources.App;

    /// <summary>Colours are given in the order in which dynos appear, so that a few dynos never share one.</summary>
    private string ColourOf(string dyno)
    {
        if (!_colours.TryGetValue(dyno, out var colour))
        {
            _colours[dyno] = colour = Colours[_colours.Count % Colours.Length];
        }

        return colour;
    }
}
