using System.Globalization;

namespace DevCluster.Schema.Cel;

/// <summary>The parts of timestamps and durations.</summary>
internal static class TimeFunctions
{
    public static void AddTo(CelFunctionTable table)
    {
        foreach (var (function, part) in new (string, Func<DateTimeOffset, long>)[]
        {
            ("getFullYear", time => time.Year),
            ("getMonth", time => time.Month - 1),
            ("getDate", time => time.Day),
            ("getDayOfMonth", time => time.Day - 1),
            ("getDayOfWeek", time => (long)time.DayOfWeek),
            ("getDayOfYear", time => time.DayOfYear - 1),
            ("getHours", time => time.Hour),
            ("getMinutes", time => time.Minute),
            ("getSeconds", time => time.Second),
            ("getMilliseconds", time => time.Millisecond),
        })
        {
            table.Method(
                "timestamp", function, "", "int", arguments => part(((DateTimeOffset)arguments[0]).ToUniversalTime()));
            table.Method("timestamp", function, "string", "int", arguments =>
                TryMove((DateTimeOffset)arguments[0], (string)arguments[1], out var local)
                    ? part(local)
                    : new CelError($"unknown time zone {arguments[1]}"));
        }

        AddDuration(table, "getHours", 3600 * CelDuration.PerSecond);
        AddDuration(table, "getMinutes", 60 * CelDuration.PerSecond);
        AddDuration(table, "getSeconds", CelDuration.PerSecond);
        table.Method(
            "duration", "getMilliseconds", "", "int", arguments => ((CelDuration)arguments[0]).Nanoseconds / 1_000_000);
    }

    private static void AddDuration(CelFunctionTable table, string function, long unit) =>
        table.Method("duration", function, "", "int", arguments => ((CelDuration)arguments[0]).Nanoseconds / unit);

    /// <summary>A zone is a name (<c>Europe/Paris</c>) or an offset (<c>-08:00</c>).</summary>
    private static bool TryMove(DateTimeOffset time, string zone, out DateTimeOffset local)
    {
        local = time;
        var digits = zone.TrimStart('+', '-');
        if (TimeSpan.TryParseExact(digits, @"hh\:mm", CultureInfo.InvariantCulture, out var offset))
        {
            local = time.ToOffset(zone.StartsWith('-') ? -offset : offset);
            return true;
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone.Length == 0 ? "UTC" : zone, out var found))
        {
            return false;
        }

        local = TimeZoneInfo.ConvertTime(time, found);
        return true;
    }
}
