using System.Globalization;
using System.Text;
using DevCluster.Schema.Formats;

namespace DevCluster.Schema.Cel;

/// <summary>Conversions between types: <c>int(x)</c>, <c>string(x)</c>, <c>type(x)</c>, ...</summary>
internal static class ConversionFunctions
{
    private const double TwoToThe63 = 9223372036854775808.0;

    public static void AddTo(CelFunctionTable table)
    {
        table.Global("dyn", "A", "dyn", arguments => arguments[0]);
        table.Global("type", "A", "type(A)", arguments => new CelTypeValue(CelValues.TypeName(arguments[0])));
        foreach (var (type, convert) in new (string, Func<object, object>)[]
        {
            ("bool", ToBool),
            ("bytes", ToBytes),
            ("double", ToDouble),
            ("int", ToInt),
            ("string", ToText),
            ("uint", ToUint),
            ("duration", ToDuration), ("timestamp", ToTimestamp),
        })
        {
            foreach (var source in Sources(type))
            {
                table.Global(type, source, type, arguments => convert(arguments[0]));
            }
        }
    }

    private static string[] Sources(string target) => target switch
    {
        "bool" => ["bool", "string"],
        "bytes" => ["bytes", "string"],
        "double" => ["double", "int", "string", "uint"],
        "int" => ["int", "double", "duration", "string", "timestamp", "uint"],
        "string" => ["string", "bool", "bytes", "double", "duration", "int", "timestamp", "uint", "ip", "cidr"],
        "uint" => ["uint", "double", "int", "string"],
        "duration" => ["duration", "int", "string"],
        _ => ["timestamp", "int", "string"],
    };

    private static CelError Unconvertible(object value, string target) =>
        new($"type conversion error from '{CelValues.TypeName(value)}' to '{target}'");

    private static object ToBool(object value) => value switch
    {
        bool => value,
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        _ => Unconvertible(value, "bool"),
    };

    private static object ToBytes(object value) => value is string text ? Encoding.UTF8.GetBytes(text) : value;

    private static object ToDouble(object value) => value switch
    {
        long signed => (double)signed,
        ulong unsigned => (double)unsigned,
        string text =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)
            && text.Trim() == text ? real : Unconvertible(value, "double"),
        _ => value,
    };

    private static object ToInt(object value) => value switch
    {
        double real => real is > -TwoToThe63 and < TwoToThe63 ? (long)real : CelError.IntegerOverflow,
        ulong unsigned => unsigned <= long.MaxValue ? (long)unsigned : CelError.IntegerOverflow,
        CelDuration duration => duration.Nanoseconds,
        DateTimeOffset time => time.ToUnixTimeSeconds(),
        string text =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number
                : Unconvertible(value, "int"),
        _ => value,
    };

    private static object ToUint(object value) => value switch
    {
        double real => real is > -1 and < 2 * TwoToThe63 && real >= 0 ? (ulong)real : CelError.UnsignedOverflow,
        long signed => signed >= 0 ? (ulong)signed : CelError.UnsignedOverflow,
        string text =>
            ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : Unconvertible(value, "uint"),
        _ => value,
    };

    private static object ToText(object value) => value switch
    {
        double real => GoText.Double(real),
        byte[] bytes => Decode(bytes),
        DateTimeOffset time => Timestamp(time),
        _ => CelValues.Show(value),
    };

    internal static string Timestamp(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    private static object Decode(byte[] bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return new CelError("invalid UTF-8 in bytes, cannot convert to string");
        }
    }

    private static object ToDuration(object value) => value switch
    {
        long nanoseconds => new CelDuration(nanoseconds),
        string text =>
            DurationFormats.TryParseGoDuration(text, out var nanoseconds)
                ? new CelDuration(nanoseconds)
                : Unconvertible(value, "google.protobuf.Duration"),
        _ => value,
    };

    private static object ToTimestamp(object value) => value switch
    {
        long seconds =>
            seconds is >= -62135596800 and <= 253402300799
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : CelError.TimestampOverflow,
        string text =>
            TimeFormats.TryParseTimestamp(text, out var time)
                ? time
                : Unconvertible(value, "google.protobuf.Timestamp"),
        _ => value,
    };
}

/// <summary>The components of timestamps and durations.</summary>
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
