using System.Globalization;
using System.Text;
using DevCluster.Schema.Formats;

namespace DevCluster.Schema.Cel;

/// <summary><c>'%s: %d'.format([...])</c> with the clauses %s %d %f %e %x %X %o %b %%.</summary>
internal static class CelStringFormat
{
    private const int DefaultPrecision = 6;

    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    public static object Apply(string format, CelList arguments)
    {
        var result = new StringBuilder();
        var problems = new List<string>();
        var next = 0;
        foreach (var clause in CelFormatClause.Parse(format, arguments.Count, problems))
        {
            if (clause.IsText)
            {
                result.Append(clause.Text);
                continue;
            }

            var value = arguments[next++];
            if (Fill(clause, value) is not { } text)
            {
                return new CelError($"error during formatting: {Mismatch(clause.Verb, CelValues.TypeName(value))}");
            }

            result.Append(text);
        }

        return problems.Count > 0 ? new CelError(problems[0]) : result.ToString();
    }

    /// <summary>The error for a value that does not match a clause.</summary>
    internal static string Mismatch(char verb, string type) => verb switch
    {
        'd' => $"decimal clause can only be used on integers, was given {type}",
        'f' => $"fixed-point clause can only be used on doubles, was given {type}",
        'e' => $"scientific clause can only be used on doubles, was given {type}",
        'b' => $"only integers and bools can be formatted as binary, was given {type}",
        'o' => $"octal clause can only be used on integers, was given {type}",
        'x' or 'X' => $"only integers, byte buffers, and strings can be formatted as hex, was given {type}",
        _ => $"string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, "
            + $"and timestamps, was given {type}",
    };

    private static string? Fill(CelFormatClause clause, object value) => (clause.Verb, value) switch
    {
        ('s', _) => Show(value),
        ('d', long or ulong) => CelValues.Show(value),
        ('f', double real) => Fixed(real, clause.Precision ?? DefaultPrecision),
        ('e', double real) => Scientific(real, clause.Precision ?? DefaultPrecision),
        ('f' or 'e', "NaN" or "Infinity" or "-Infinity") => (string)value,
        ('b', bool flag) => flag ? "1" : "0",
        ('b', long or ulong) => Digits(value, 2),
        ('o', long or ulong) => Digits(value, 8),
        ('x', _) => Hexadecimal(value)?.ToLowerInvariant(),
        ('X', _) => Hexadecimal(value)?.ToUpperInvariant(),
        _ => null,
    };

    private static string Digits(object value, int radix) => value is long and < 0
        ? "-" + Convert.ToString(unchecked(-(long)value), radix)
        : Convert.ToString(value is ulong unsigned ? unchecked((long)unsigned) : (long)value, radix);

    private static string? Hexadecimal(object value) => value switch
    {
        long number =>
            number >= 0
                ? number.ToString("x", CultureInfo.InvariantCulture)
                : "-" + unchecked((ulong)-number).ToString("x", CultureInfo.InvariantCulture),
        ulong number => number.ToString("x", CultureInfo.InvariantCulture),
        string text => Convert.ToHexString(Encoding.UTF8.GetBytes(text)),
        byte[] bytes => Convert.ToHexString(bytes),
        _ => null,
    };

    /// <summary>Numbers use American English format, with thousands separators.</summary>
    private static string Fixed(double value, int precision) =>
        double.IsFinite(value) ? value.ToString("N" + precision, CultureInfo.InvariantCulture) : Infinite(value);

    private static string Scientific(double value, int precision)
    {
        if (!double.IsFinite(value))
        {
            return Infinite(value);
        }

        var text = value.ToString("E" + precision, CultureInfo.InvariantCulture);
        var at = text.IndexOf('E', StringComparison.Ordinal);
        var power = int.Parse(text.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var exponent = string.Concat(
            Math.Abs(power).ToString("00", CultureInfo.InvariantCulture).Select(digit => Superscripts[digit - '0']));
        return $"{text[..at]}\u202f×\u202f10{(power < 0 ? "⁻" : "")}{exponent}";
    }

    private static string Infinite(double value) => double.IsNaN(value) ? "NaN" : value > 0 ? "∞" : "-∞";

    private static string? Show(object value) => value switch
    {
        double real => GoText.Double(real),
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        DateTimeOffset time => ConversionFunctions.Timestamp(time),
        CelList list =>
            list.Select(ShowInside).ToList() is var items && items.TrueForAll(item => item is not null)
                ? $"[{string.Join(", ", items)}]"
                : null,
        CelMap map => ShowMap(map),
        string or bool or long or ulong or CelDuration or CelTypeValue or CelNull => CelValues.Show(value),
        _ => null,
    };

    private static string? ShowMap(CelMap map)
    {
        var entries = map.Keys.Select(key => (Key: ShowInside(key), Value: ShowInside(map.Find(key)!)))
            .OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .ToList();
        return entries.TrueForAll(entry => entry.Key is not null && entry.Value is not null)
            ? $"{{{string.Join(", ", entries.Select(entry => $"{entry.Key}:{entry.Value}"))}}}"
            : null;
    }

    /// <summary>In lists and maps, values are written as CEL literals.</summary>
    private static string? ShowInside(object value) => value switch
    {
        string text => GoText.Quote(text),
        byte[] bytes => "b" + GoText.Quote(Encoding.UTF8.GetString(bytes)),
        double real when double.IsFinite(real) => real.ToString("F" + DefaultPrecision, CultureInfo.InvariantCulture),
        double real => GoText.Quote(double.IsNaN(real) ? "NaN" : real > 0 ? "+Inf" : "-Inf"),
        DateTimeOffset or CelDuration =>
            $"{(value is CelDuration ? "duration" : "timestamp")}({GoText.Quote(Show(value)!)})",
        _ => Show(value),
    };
}

/// <summary>A piece of a format string: literal text or a clause.</summary>
/// <param name="Verb">The letter of the clause; '\0' for text.</param>
internal sealed record CelFormatClause(string Text, char Verb, int? Precision)
{
    private const string Verbs = "sdfebxXo";

    public bool IsText => Verb == '\0';

    /// <summary>The pieces in order. Stops at the first error and adds it to <paramref name="problems"/>.</summary>
    public static IEnumerable<CelFormatClause> Parse(string format, int arguments, List<string> problems)
    {
        var used = 0;
        for (var at = 0; at < format.Length;)
        {
            var percent = format.IndexOf('%', at);
            if (percent != at)
            {
                var end = percent < 0 ? format.Length : percent;
                yield return new CelFormatClause(format[at..end], '\0', null);
                at = end;
                continue;
            }

            if (at + 1 < format.Length && format[at + 1] == '%')
            {
                yield return new CelFormatClause("%", '\0', null);
                at += 2;
                continue;
            }

            if (used++ >= arguments)
            {
                problems.Add(at + 1 >= format.Length ? "unexpected end of string" : $"index {used - 1} out of range");
                yield break;
            }

            if (ParseClause(format, ref at, problems) is not { } clause)
            {
                yield break;
            }

            yield return clause;
        }
    }

    private static CelFormatClause? ParseClause(string format, ref int at, List<string> problems)
    {
        var next = at + 1;
        int? precision = null;
        if (next < format.Length && format[next] == '.')
        {
            var digits = format.Skip(next + 1).TakeWhile(char.IsAsciiDigit).Count();
            precision = int.TryParse(format.AsSpan(next + 1, digits), out var number) ? number : null;
            next += digits + 1;
            var problem = next >= format.Length ? "could not find end of precision specifier"
                : precision is null
                    ? "error while converting precision to integer: strconv.Atoi: parsing \"\": invalid syntax"
                    : null;
            if (problem is not null)
            {
                problems.Add($"could not parse formatting clause: error while parsing precision: {problem}");
                return null;
            }
        }

        if (next >= format.Length)
        {
            problems.Add("unexpected end of string");
            return null;
        }

        if (!Verbs.Contains(format[next], StringComparison.Ordinal))
        {
            problems.Add($"could not parse formatting clause: unrecognized formatting clause \"{format[next]}\"");
            return null;
        }

        at = next + 1;
        return new CelFormatClause("", format[next], precision);
    }
}
