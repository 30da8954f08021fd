using System.Globalization;
using DevCluster.Schema.Formats;

namespace DevCluster.ApiServer.Validation;

/// <summary>
/// Validates CronJob schedules: five fields of lists of ranges with steps, or a descriptor such as <c>@daily</c>.
/// </summary>
internal static class CronSchedule
{
    private const string Every = "@every ";

    private static readonly string[] Descriptors =
        ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

    private static readonly string[] Months =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private static readonly Field[] Fields =
        [new(0, 59, []), new(0, 23, []), new(1, 31, []), new(1, 12, Months), new(0, 6, Days)];

    /// <summary>The problem with a schedule, in the words of Kubernetes' cron library; null if valid.</summary>
    public static string? Problem(string schedule)
    {
        try
        {
            Read(schedule);
            return null;
        }
        catch (FormatException problem)
        {
            return problem.Message;
        }
    }

    private static void Read(string schedule)
    {
        if (schedule.StartsWith("TZ=", StringComparison.Ordinal)
            || schedule.StartsWith("CRON_TZ=", StringComparison.Ordinal))
        {
            schedule = WithoutZone(schedule);
        }

        if (schedule.StartsWith('@'))
        {
            Descriptor(schedule);
            return;
        }

        var parts = schedule.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != Fields.Length)
        {
            throw new FormatException(
                $"expected exactly {Fields.Length} fields, found {parts.Length}: [{string.Join(' ', parts)}]");
        }

        foreach (var (i, part) in parts.Index())
        {
            foreach (var range in part.Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                Range(range, Fields[i]);
            }
        }
    }

    private static string WithoutZone(string schedule)
    {
        var (equals, space) = (
            schedule.IndexOf('=', StringComparison.Ordinal), schedule.IndexOf(' ', StringComparison.Ordinal));
        if (space < 0)
        {
            throw new FormatException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"invalid schedule format: runtime error: slice bounds out of range [{equals + 1}:-1]"));
        }

        var zone = schedule[(equals + 1)..space];
        return TimeZones.Exists(zone)
            ? schedule[space..].Trim()
            : throw new FormatException($"provided bad location {zone}: unknown time zone {zone}");
    }

    private static void Descriptor(string text)
    {
        if (text.StartsWith(Every, StringComparison.Ordinal))
        {
            var interval = text[Every.Length..];
            if (!DurationFormats.TryParseGoDuration(interval, out _))
            {
                throw new FormatException(
                    $"failed to parse duration {text}: time: invalid duration {GoText.Quote(interval)}");
            }
        }
        else if (!Descriptors.Contains(text))
        {
            throw new FormatException($"unrecognized descriptor: {text}");
        }
    }

    /// <summary>Parses <c>*</c>, <c>5</c>, <c>1-5</c> or <c>mon-fri</c>, optionally with a step.</summary>
    private static void Range(string text, Field field)
    {
        var steps = text.Split('/');
        var bounds = steps[0].Split('-');
        var (start, end) = (field.Least, field.Most);
        if (bounds[0] is not ("*" or "?"))
        {
            start = field.Read(bounds[0]);
            end = bounds.Length switch
            {
                1 => start,
                2 => field.Read(bounds[1]),
                _ => throw new FormatException($"too many hyphens: {text}"),
            };
        }

        var step = 1L;
        if (steps.Length == 2)
        {
            step = Field.Number(steps[1]);
            end = bounds.Length == 1 ? field.Most : end;
        }
        else if (steps.Length > 2)
        {
            throw new FormatException($"too many slashes: {text}");
        }

        if (Misfit(start, end, step, field) is { } problem)
        {
            throw new FormatException($"{problem}: {text}");
        }
    }

    private static string? Misfit(long start, long end, long step, Field field) =>
        start < field.Least ? $"beginning of range ({start}) below minimum ({field.Least})"
        : end > field.Most ? $"end of range ({end}) above maximum ({field.Most})"
        : start > end ? $"beginning of range ({start}) beyond end of range ({end})"
        : step == 0 ? "step of range should be a positive number"
        : null;

    private sealed record Field(long Least, long Most, string[] Names)
    {
        public static long Number(string text) =>
            !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? throw new FormatException(
                    $"failed to parse int from {text}: strconv.Atoi: parsing {GoText.Quote(text)}: invalid syntax")
            : number < 0 ? throw new FormatException($"negative number ({number}) not allowed: {text}")
            : number;

        public long Read(string text)
        {
            var index = Array.FindIndex(Names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
            return index < 0 ? Number(text) : index + Least;
        }
    }
}

internal static class TimeZones
{
    /// <summary>Looks a time zone up in the system's database.</summary>
    public static bool Exists(string name) =>
        name is "" or "UTC" or "Local" || TimeZoneInfo.TryFindSystemTimeZoneById(name, out _);
}
